"""The smaller resolutions of an OME-Zarr: which there are, their values, where they lie."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
import pytest

from napari_photon_denoise.io.image import About
from napari_photon_denoise.io.ome_zarr import pyramid
from napari_photon_denoise.io.ome_zarr.container import plan_container
from napari_photon_denoise.io.ome_zarr.pyramid import mean_of, pyramid_job
from napari_photon_denoise.io.ome_zarr.resolutions import plan_spans
from napari_photon_denoise.job import run


def spans(axes, shape, itemsize=4, **size):
    return plan_spans(dict(zip(axes, shape, strict=True)), itemsize, size)


@pytest.mark.parametrize(
    ("axes", "shape", "size", "expected"),
    [
        ("YX", (512, 512), {}, ["11"]),
        ("YX", (513, 512), {}, ["11", "22"]),
        ("YX", (1, 1025), {}, ["11", "12", "14"]),
        ("TCYX", (99, 3, 2048, 100), {"Y": 0.1, "X": 0.1}, ["1111", "1122", "1144"]),
        # A voxel as deep as wide, one much deeper, one that becomes as deep as wide.
        ("ZYX", (1000, 1000, 1000), {"Z": 1, "Y": 1, "X": 1}, ["111", "222", "444"]),
        ("ZYX", (10, 1024, 1024), {"Z": 9, "Y": 1, "X": 1}, ["111", "122"]),
        ("ZYX", (40, 2048, 2048), {"Z": 2, "Y": 1, "X": 1}, ["111", "122", "244"]),
        ("ZYX", (40, 2048, 2048), {"Z": 1.9, "Y": 1, "X": 1}, ["111", "222", "444"]),
        # Nothing known of Z: taken as equal.
        ("ZYX", (40, 1024, 1024), {"Y": 0.1, "X": 0.1}, ["111", "222"]),
        # A plane fits, but the volume does not: 256 MiB, 32 MiB.
        ("ZYX", (1024, 256, 256), {}, ["111", "222"]),
        # Light-sheet: the smallest volume is small, however many planes.
        ("TZYX", (5, 4000, 300, 300), {"Z": 4, "Y": 1, "X": 1}, ["1111", "1122", "1144", "1288"]),
    ],
)
def test_which_there_are(axes, shape, size, expected):
    found = ["".join(map(str, one)) for one in spans(axes, shape, **size)]
    assert found == expected


@pytest.mark.parametrize("shape", [(1, 1), (1, 100_000), (7, 3, 1), (3, 100, 9000, 1), (1,) * 5])
def test_there_is_an_end(shape):
    assert len(spans("TCZYX"[-len(shape) :], shape)) < 20


def test_the_smallest_volume_fits(rng):
    for _ in range(50):
        shape = rng.integers(1, 3000, 3)
        step = dict(zip("ZYX", rng.uniform(0.05, 5, 3), strict=True))
        last = spans("ZYX", shape, **step)[-1]
        small = -(-shape // np.array(last))
        assert small.prod() * 4 <= 2**26
        assert max(small[1:]) <= 512


def naive(values, by):
    """Return the mean of what each pixel spans, one by one."""
    shape = [-(-size // times) for size, times in zip(values.shape, by, strict=True)]
    made = np.empty(shape)
    for place in np.ndindex(*shape):
        block = tuple(slice(a * t, (a + 1) * t) for a, t in zip(place, by, strict=True))
        made[place] = values[block].mean(dtype=np.float64)
    return made


@pytest.mark.parametrize("by", [(1, 2, 2), (2, 2, 2), (2, 1, 2), (1, 1, 1)])
@pytest.mark.parametrize("shape", [(4, 6, 8), (5, 7, 9), (1, 1, 3)])
def test_the_mean_of_what_there_is(rng, by, shape):
    values = rng.normal(5, 3, shape).astype(np.float32)
    made = mean_of(values, by)
    assert made.dtype == np.float32
    np.testing.assert_allclose(made, naive(values, by), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("kind", ["uint8", "int16", "uint16", "int32", "uint32", "float64"])
def test_integers_are_rounded_and_never_overflow(rng, kind):
    info = np.finfo(kind) if kind == "float64" else np.iinfo(kind)
    high = 1e300 if kind == "float64" else info.max
    values = rng.integers(0, 99, (5, 6)).astype(kind)
    values[:2, :2] = high
    made = mean_of(values, (2, 2))
    assert made.dtype == kind
    assert made[0, 0] == np.array(high, kind)
    expected = naive(values[2:, 2:], (2, 2))
    expected = expected if kind == "float64" else np.rint(expected)
    np.testing.assert_array_equal(made[1:, 1:], expected)


def filled(path, data, axes, zarr_format=3, size=None, **options):
    about = About(axes, size or {})
    container = plan_container(
        path, axes, data.shape, data.dtype, about, {}, zarr_format=zarr_format, **options
    )
    container.create()
    level = container.level0
    for number, region in enumerate(level.grid.regions()):
        level.write(number, data[region])
    return container


def digests(container):
    files = [file for level in container.levels for file in level.path.rglob("*")]
    return {file: sha256(file.read_bytes()).hexdigest() for file in files if file.is_file()}


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_each_level_is_the_mean_of_the_one_below(tmp_path, rng, zarr_format):
    data = rng.poisson(9, (2, 5, 70, 1201)).astype(np.float32)
    size = {"Z": 1.0, "Y": 0.6, "X": 0.6}
    container = filled(tmp_path / "a.zarr", data, "CZYX", zarr_format, size, shard_bytes=2**19)
    assert container.spans == ((1, 1, 1, 1), (1, 2, 2, 2), (1, 4, 4, 4))
    steps = list(pyramid_job(container))
    assert [step.done for step in steps] == list(range(steps[0].total))
    for span, level in zip(container.spans, container.levels, strict=True):
        # Along y and x, whose sizes are no multiples, the last ones span less: not compared here.
        whole = tuple(slice(0, (n // by) * by) for n, by in zip(data.shape, span, strict=True))
        part = data[whole]
        for axis, by in enumerate(span):
            shape = (*part.shape[:axis], -1, by, *part.shape[axis + 1 :])
            part = part.reshape(shape).mean(axis + 1)
        stored = level.open()[tuple(slice(0, n) for n in part.shape)]
        np.testing.assert_allclose(stored, part, rtol=1e-5)
        assert level.open().shape == tuple(
            -(-n // by) for n, by in zip(data.shape, span, strict=True)
        )
    before = digests(container)
    run(pyramid_job(container))  # a killed run is begun anew
    assert digests(container) == before


def test_a_constant_stays_one_to_the_odd_edges(tmp_path):
    container = filled(tmp_path / "a.zarr", np.full((3, 1027, 515), 7.1, np.float32), "ZYX")
    run(pyramid_job(container))
    for level in container.levels:
        assert (level.open()[:] == np.float32(7.1)).all()


def test_no_more_is_read_at_once_than_what_is_below_a_chunk(tmp_path, monkeypatch):
    data = np.ones((32, 70, 600), np.float32)
    container = filled(tmp_path / "a.zarr", data, "ZYX", chunk=(8, 32, 64))
    read = []
    made = pyramid.mean_of

    def look(values, by):
        read.append(values.shape)
        return made(values, by)

    monkeypatch.setattr(pyramid, "mean_of", look)
    run(pyramid_job(container))
    assert len(container.levels) == 2
    assert max(map(np.prod, read)) == 16 * 64 * 128


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_a_bright_place_lies_at_the_same_place_on_all_levels(tmp_path, zarr_format):
    """By another reader's account of scale and translation."""
    from ome_zarr.io import parse_url
    from ome_zarr.reader import Reader

    data = np.zeros((16, 50, 1100), np.float32)
    data[8:12, 40:44, 1040:1044] = 100
    size = {"Z": 0.3, "Y": 0.2, "X": 0.2}
    container = filled(tmp_path / "a.ome.zarr", data, "ZYX", zarr_format, size)
    run(pyramid_job(container))
    container.finish()
    (node,) = Reader(parse_url(container.path))()
    assert len(node.data) == 3
    steps = node.metadata["coordinateTransformations"]
    for level, (scale, translation) in zip(node.data, steps, strict=True):
        values = level.compute()
        place = [(grid * values).sum() / values.sum() for grid in np.indices(values.shape)]
        world = np.array(place) * scale["scale"] + translation["translation"]
        np.testing.assert_allclose(world, np.array([9.5, 41.5, 1041.5]) * (0.3, 0.2, 0.2))
