import itertools
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from skimage.restoration import denoise_nl_means

from napari_photon_denoise.kernels import nonlocal_means as module
from napari_photon_denoise.kernels.median import median
from napari_photon_denoise.kernels.nonlocal_means import nonlocal_means
from napari_photon_denoise.kernels.separable import correlate

FLAT = {"patch": (1, 5, 5), "distance": (0, 6, 6)}
CASES = [
    ((1, 30, 41), FLAT),
    ((1, 1, 1), FLAT),
    ((1, 3, 50), FLAT),
    ((1, 20, 20), {"patch": (1, 3, 9), "distance": (0, 2, 3)}),
    ((1, 9, 9), {"patch": (1, 1, 1), "distance": (0, 1, 1)}),
    ((6, 9, 20), {"patch": (3, 5, 5), "distance": (2, 3, 3)}),
    ((2, 8, 12), {"patch": (5, 3, 7), "distance": (3, 1, 2)}),
    ((4, 8, 12), {"patch": (1, 3, 3), "distance": (0, 2, 2)}),
    ((1, 30, 600), {"patch": (1, 4, 2), "distance": (0, 2, 3)}),
    ((5, 9, 11), {"patch": (2, 3, 4), "distance": (2, 1, 1)}),
]


def directly(guide, value, weight, patch, distance, h, sigma):
    """Follow the definition, in float64."""
    reach = [(d + p // 2,) * 2 for p, d in zip(patch, distance, strict=True)]
    guide, value, weight = (
        np.pad(array.astype(float), reach, mode="symmetric") for array in (guide, value, weight)
    )

    def seen(array, *offsets):
        moved = [
            r[0] + sum(axis) for r, axis in zip(reach, zip(*offsets, strict=True), strict=True)
        ]
        return array[
            tuple(
                slice(m, n - 2 * r[0] + m)
                for m, n, r in zip(moved, array.shape, reach, strict=True)
            )
        ]

    total, mass = 0.0, 0.0
    window = list(itertools.product(*(range(-((p - 1) // 2), p // 2 + 1) for p in patch)))
    for shift in itertools.product(*(range(-d, d + 1) for d in distance)):
        d2 = np.mean([(seen(guide, o) - seen(guide, o, shift)) ** 2 for o in window], axis=0)
        exponent = np.maximum(d2 - 2 * sigma**2, 0) / h**2
        likeness = np.where(exponent > 5, 0, np.exp(-exponent)) * seen(weight, shift)
        total = total + likeness * seen(value, shift)
        mass = mass + likeness
    return total / mass


def scene(rng, shape):
    """Disks and a ramp, from dark to 30 sigma, with unit noise."""
    grids = np.meshgrid(*(np.arange(n) for n in shape), indexing="ij")
    radius = np.sqrt(sum((g % 24 - 12.0) ** 2 for g in grids[-2:]))
    truth = 20.0 * (radius < 8) + 10 * grids[-1] / shape[-1]
    return truth, (truth + rng.normal(size=shape)).astype(np.float32)


@pytest.mark.parametrize(("shape", "reach"), CASES)
@pytest.mark.parametrize("weighted", [False, True])
def test_equals_the_definition(rng, shape, reach, weighted):
    guide = (rng.normal(size=shape) + np.linspace(0, 5, shape[-1])).astype(np.float32)
    value = rng.normal(100, 30, shape).astype(np.float32)
    weight = rng.uniform(0.2, 2, shape).astype(np.float32)
    expected = directly(
        guide, value, weight if weighted else np.ones(shape), **reach, h=0.9, sigma=0.8
    )
    kept = guide.copy(), value.copy(), weight.copy()
    found = nonlocal_means(guide, value, weight if weighted else None, **reach, h=0.9, sigma=0.8)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=3e-4)  # of values about 100
    for array, before in zip((guide, value, weight), kept, strict=True):
        np.testing.assert_array_equal(array, before)


@pytest.mark.parametrize(("shape", "size", "distance"), [((200, 240), 5, 6), ((10, 60, 64), 3, 3)])
def test_as_good_as_scikit_image(rng, shape, size, distance):
    """Scikit-image's fast mode sums over a patch one pixel smaller than its `patch_size`.

    It still divides by the whole patch, so that its h means more, and it counts each pixel
    twice in its own average; that is too little to show in the error.
    """
    truth, noisy = scene(rng, shape)
    theirs = denoise_nl_means(
        noisy,
        patch_size=size,
        patch_distance=distance,
        h=0.8,
        sigma=1,
        fast_mode=True,
        preserve_range=True,
    )
    flat = (1,) * (3 - len(shape))
    volume = noisy.reshape(flat + shape)
    ours = nonlocal_means(
        volume,
        volume,
        None,
        patch=flat + (size - 1,) * len(shape),
        distance=(0,) * len(flat) + (distance,) * len(shape),
        h=0.8 * (size / (size - 1)) ** (len(shape) / 2),
    ).reshape(shape)
    errors = [np.mean((image - truth) ** 2) for image in (noisy, ours, theirs)]
    assert abs(10 * np.log10(errors[1] / errors[2])) < 0.1
    assert errors[1] < errors[0] / 4


@pytest.mark.parametrize("weighted", [False, True])
def test_a_tile_with_its_halo_equals_the_whole(rng, weighted):
    _, image = scene(rng, (1, 150, 90))
    weight = rng.uniform(0.5, 2, image.shape).astype(np.float32) if weighted else None
    whole = nonlocal_means(image, image, weight, **FLAT, h=0.8)
    window = np.s_[:, 30 - 8 : 110 + 8, 0 : 50 + 8]
    part = np.ascontiguousarray(image[window])
    trust = None if weight is None else np.ascontiguousarray(weight[window])
    tile = nonlocal_means(part, part, trust, **FLAT, h=0.8)
    np.testing.assert_allclose(tile[:, 8:88, :50], whole[:, 30:110, :50], rtol=1e-5, atol=1e-5)


def test_blocks_do_not_show(rng, monkeypatch):
    _, volume = scene(rng, (5, 30, 40))
    reach = {"patch": (3, 3, 3), "distance": (1, 2, 2), "h": 0.8}
    whole = nonlocal_means(volume, volume, None, **reach)
    monkeypatch.setattr(module, "BLOCK_3D", (2, 7, 11))
    np.testing.assert_allclose(
        nonlocal_means(volume, volume, None, **reach), whole, rtol=1e-5, atol=1e-5
    )


def test_a_constant_stays_constant(rng):
    level = np.full((3, 40, 50), -2.7, np.float32)
    taps = np.full(5, 0.2, np.float32)
    weight = rng.uniform(0.5, 2, level.shape).astype(np.float32)
    reach = {"patch": (3, 5, 5), "distance": (1, 3, 3), "h": 0.5}
    for smooth in (
        nonlocal_means(rng.normal(size=level.shape).astype(np.float32), level, None, **reach),
        nonlocal_means(level, level, weight, **reach),
        correlate(level, taps, taps, taps),
        median(level, 3, 5, 5),
    ):
        np.testing.assert_allclose(smooth, -2.7, rtol=2e-6)


def test_calls_from_several_threads_do_not_disturb_each_other(rng):
    images = [rng.normal(size=(1, 150, 150 + n)).astype(np.float32) for n in range(6)]
    taps = np.full(5, 0.2, np.float32)

    def all_filters(image):
        return (
            nonlocal_means(image, image, None, **FLAT, h=0.8),
            median(image, 1, 5, 5),
            correlate(image, np.ones(1, np.float32), taps, taps),
        )

    alone = [all_filters(image) for image in images]
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(all_filters, images))
    for one, other in zip(alone, together, strict=True):
        for a, b in zip(one, other, strict=True):
            np.testing.assert_array_equal(a, b)
