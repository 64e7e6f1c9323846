import numpy as np
import pytest

from napari_photon_denoise.io.ome_zarr.grid import Grid
from napari_photon_denoise.io.ome_zarr.pyramid import pyramid_job
from napari_photon_denoise.job import run
from napari_photon_denoise.widgets.on_disk.growing import Growing
from napari_photon_denoise.widgets.on_disk.seen_first import next_of


@pytest.fixture
def image(rng):
    return rng.random((5, 600, 530)).astype(np.float32)


@pytest.fixture
def growing(container, tmp_path):
    container.create()
    return Growing(container, tmp_path / "overview")


def store(growing, image, numbers):
    level = growing.container.level0
    for number in numbers:
        level.write(number, image[level.grid.region(number)])
        growing.add(number)


def test_what_is_not_done_is_nothing_on_all_levels(growing, image):
    level = growing.container.level0
    assert len(growing.container.levels) > 1
    assert growing.total > 4
    for one in growing.levels():
        assert np.isnan(np.asarray(one)).all()
    store(growing, image, [1])
    full, *coarse = growing.levels()
    expected = np.full(image.shape, np.nan, np.float32)
    expected[level.grid.region(1)] = image[level.grid.region(1)]
    np.testing.assert_array_equal(full, expected)
    for one in coarse:
        seen = np.asarray(one)
        assert np.isfinite(seen).any()
        assert np.isnan(seen).any()
    # A part that is wholly there, and one that is half there.
    np.testing.assert_array_equal(full[2, :50, 10:20], expected[2, :50, 10:20])


def test_when_all_is_done_the_levels_are_those_of_the_pyramid(growing, image):
    store(growing, image, range(growing.total))
    shown = [np.asarray(one) for one in growing.levels()]
    run(pyramid_job(growing.container))
    for seen, level in zip(shown, growing.container.levels, strict=True):
        stored = level.open()[:]
        # Where a shard ends half in a pixel, that one is of a half.
        different = np.abs(seen - stored) > 1e-5
        assert different.mean() < 0.02
        assert np.isfinite(seen).all()


def test_shards_of_who_makes_no_overview_are_caught_up(growing, image):
    store(growing, image, [0])
    level = growing.container.level0
    level.write(2, image[level.grid.region(2)])
    again = Growing(growing.container, growing.overview._folder)
    again.begin({0, 2})
    coarse = again.levels()[-1]
    before = np.isfinite(np.asarray(coarse)).sum()
    again.catch_up(4)
    assert np.isfinite(np.asarray(coarse)).sum() > before
    again.overview.remove()
    assert not growing.overview._folder.exists()


def test_what_is_seen_comes_first_from_its_middle_and_then_what_is_near():
    grid = Grid((10, 100, 100), (1, 10, 10), (1, 20, 20))
    numbers = [*range(len(grid))]
    plane = (slice(4, 5), slice(0, 100), slice(0, 100))
    order = []
    while len(order) < 30:
        order.append(numbers.pop(next_of(numbers, grid, plane)))
    assert order[0] == grid.number_at((4, 50, 50))
    assert {grid.place(number)[0] for number in order[:25]} == {4}
    assert {grid.place(number)[0] for number in order[25:]} <= {3, 5}
    corner = (slice(9, 10), slice(85, 95), slice(0, 15))
    assert numbers[next_of(numbers, grid, corner)] == grid.number_at((9, 90, 0))
    assert next_of(numbers, grid, None) == 0
