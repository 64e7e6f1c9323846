"""Pixels pile up where they are cut off, at whatever value; ordinary images have no pile."""

import numpy as np
import pytest

import napari_photon_denoise as npd
from napari_photon_denoise.camera.presets import PRESETS
from napari_photon_denoise.job import run
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.pipeline import denoise_job
from napari_photon_denoise.saturation import Highest, find_full, together


def scene(rng, light=400, gain=0.5, shape=(160, 160)):
    """Counts (ADU) of a few bright spots on a dim, uneven ground; offset 100."""
    y, x = np.indices(shape)
    photons = 20 + 10 * np.sin(y / 20) * np.cos(x / 30)
    for at in rng.uniform(0, 160, (8, 2)):
        photons = photons + light * np.exp(-((y - at[0]) ** 2 + (x - at[1]) ** 2) / (2 * 6**2))
    return np.rint(rng.poisson(photons) / gain + rng.normal(100, 2, shape)).astype(np.int32)


def notes(counts, camera=None, axes="YX", **rest):
    camera = camera or npd.Calibration(gain=0.5, offset=100)
    return run(denoise_job(Photons(counts, camera, axes), npd.Gaussian(), **rest)).notes


CUT = {
    "12 bits": lambda counts: np.minimum(counts, 600).astype(np.uint16),
    "offset off": lambda counts: (np.minimum(counts, 600) - 100).astype(np.int16),
    "offset off, cut at 0": lambda c: np.clip(np.minimum(c, 600) - 100, 0, None).astype(np.uint16),
    "shifted": lambda counts: (np.minimum(counts, 600) << 4).astype(np.uint16),
    "float": lambda counts: np.minimum(counts, 600).astype(np.float32) / 7,
    "32 bits": lambda counts: np.minimum(counts, 600).astype(np.uint32),
    "64 bits": lambda counts: np.minimum(counts, 600).astype(np.float64) + 0.25,
}


@pytest.mark.parametrize("cut", CUT)
def test_pixels_that_pile_up_are_saturated(rng, cut):
    counts = scene(rng)
    full = float((counts >= 600).mean())
    image = CUT[cut](counts)
    (sentence,) = notes(image, tile=64)
    assert f"{100 * full:.2g} % of the pixels are saturated ({image.max():g} counts" in sentence
    assert "where they pile up" in sentence
    assert CUT[cut](np.minimum(counts, 599)).max() < image.max()


def test_each_channel_has_a_ceiling_of_its_own(rng):
    one, other = scene(rng), scene(rng, light=20000)
    stack = np.stack([np.minimum(one, 600), other]).astype(np.uint16)
    (sentence,) = notes(stack, axes="CYX")
    assert "(600 counts, where they pile up)" in sentence


def test_it_is_found_in_one_plane_of_a_stack_that_is_read_as_it_is_needed(rng):
    da = pytest.importorskip("dask.array")
    planes = np.stack([np.minimum(scene(rng), 600), *(scene(rng, light=50) for _ in range(3))])
    lazy = da.from_array(planes.astype(np.uint16), chunks=(1, 64, 64))
    assert "pile up" in notes(lazy, axes="ZYX", tile=64)[0]


ORDINARY = {
    "scene": lambda rng: scene(rng),
    "scene of 8 bits": lambda rng: (scene(rng) // 8).astype(np.uint8),
    "few photons": lambda rng: rng.poisson(0.3, (300, 300)).astype(np.uint16),
    "some photons": lambda rng: rng.poisson(6, (300, 300)).astype(np.uint8),
    "many pixels": lambda rng: rng.poisson(30, (1500, 1500)).astype(np.uint16),
    "dark": lambda rng: np.rint(rng.normal(100, 1, (300, 300))).astype(np.uint16),
    "dark, up to 3": lambda rng: rng.integers(0, 4, (200, 200), dtype=np.uint8),
    "one bright bead": lambda rng: (
        np.pad(np.full((3, 3), 4000), 60).astype(np.uint16)
        + rng.poisson(20, (123, 123)).astype(np.uint16)
    ),
    "one bead, scaled for display": lambda rng: np.rint(
        254 * (bead := np.exp(-(np.hypot(*np.indices((200, 200)) - 100) ** 2) / 50)) / bead.max()
    ).astype(np.uint8),
    "float": lambda rng: rng.normal(0, 1, (300, 300)).astype(np.float32),
    "scaled to 1": lambda rng: (scene(rng) / scene(rng).max()).astype(np.float32),
    "spread over 16 bits": lambda rng: np.rint(scene(rng) * 13.7).astype(np.uint16),
    "a mask": lambda rng: (rng.random((200, 200)) > 0.5).astype(np.uint8),
    "odd values seldom": lambda rng: scene(rng) // 2 * 2 + (rng.random((160, 160)) > 0.7),
}


@pytest.mark.parametrize("image", ORDINARY)
@pytest.mark.parametrize("seed", range(3))
def test_ordinary_images_are_not(image, seed):
    found = Highest.of(ORDINARY[image](np.random.default_rng(seed)))
    assert found.piled == 0


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32])
def test_parts_together_are_the_whole(rng, dtype):
    counts = np.minimum(rng.normal(60, 20, (70, 90)), 100).astype(dtype)
    parts = [Highest.of(counts[y : y + 13, x : x + 17]) for y in range(0, 70, 13) for x in (0, 17)]
    parts += [Highest.of(counts[:, 34:])]
    assert together(parts) == Highest.of(counts)
    assert Highest.of(counts).values[0] == counts.max()
    assert sum(Highest.of(counts[:1, :5]).numbers) == 5


def test_presets_know_their_ceiling(rng):
    assert PRESETS["zyla-4.2-12bit"].calibration().saturation == 4095
    assert PRESETS["sona-12bit"].calibration().saturation == 4095
    assert PRESETS["orca-flash4"].calibration().saturation == 65535
    assert PRESETS["ixon-preamp-1"].calibration(300).saturation is None
    counts = scene(rng).astype(np.uint16)
    counts[:2] = 4095  # too few grey values around it to tell by themselves
    (sentence,) = notes(counts, PRESETS["zyla-4.2-12bit"].calibration())
    assert "(4095 counts" in sentence


def test_what_is_brighter_than_the_camera_gives_is_another_mode(rng):
    counts = (scene(rng) << 4).astype(np.uint16)
    (sentence,) = notes(counts, PRESETS["zyla-4.2-12bit"].calibration())
    assert "while the camera is full at 4095" in sentence
    assert "saturated" not in sentence


def test_the_container_holds_less_than_the_camera_gives():
    counts = np.zeros((4, 5), np.uint8)
    assert Photons(counts, npd.Calibration(1, 0, saturation=4095), "YX").ceiling == 255


def test_pixels_at_the_ceiling_are_counted_once():
    top = Highest(tuple(float(4095 - at) for at in range(16)), (500, *[2] * 15))
    full = find_full(4095, 500, [top])
    assert (full.number, full.values, full.piled) == (500, (4095.0,), False)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int16])
@pytest.mark.parametrize("kind", ["flat", "narrow", "wide", "one bright", "cut off"])
def test_highest_of_many_pixels_are_those_of_all(dtype: type[np.integer], kind: str) -> None:
    """Only the brightest are counted, where that will do."""
    rng = np.random.default_rng(0)
    for size in (1, 70, 5000, 30_000):
        counts = {
            "flat": np.full(size, 7),
            "narrow": rng.poisson(9, size) * 2,
            "wide": rng.integers(np.iinfo(dtype).min, np.iinfo(dtype).max, size, endpoint=True),
            "one bright": np.where(np.arange(size) == size // 2, 120, rng.poisson(9, size)),
            "cut off": np.minimum(rng.poisson(60, size), 62),
        }[kind]
        values, numbers = np.unique(counts, return_counts=True)
        top = slice(None, -17, -1)
        wanted = Highest(tuple(map(float, values[top])), tuple(map(int, numbers[top])))
        assert Highest.of(counts.astype(dtype)) == wanted
