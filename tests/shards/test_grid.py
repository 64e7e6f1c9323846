"""Laws of how an image is cut into chunks and shards, on images, tiles and limits of all sizes."""

from math import prod
from types import SimpleNamespace

import numpy as np
import pytest

from napari_photon_denoise.io.ome_zarr.grid import Grid, plan_grid
from napari_photon_denoise.io.ome_zarr.store import Level
from napari_photon_denoise.shards.task import tile_sides

AXES = ("YX", "ZYX", "TYX", "CYX", "TZYX", "TCZYX")
TILES = [
    {"Y": 1024, "X": 1024},
    {"Z": 32, "Y": 256, "X": 256},
    {"Z": 16, "Y": 48, "X": 32},
    {"T": 16, "Y": 32, "X": 32},
    {},
]


def cuts(seed):
    """Yield images, how they are cut, and of which tiles."""
    rng = np.random.default_rng(seed)
    for _ in range(60):
        axes = AXES[rng.integers(len(AXES))]
        sizes = {axis: int(rng.integers(1, 20 if axis in "TC" else 70)) for axis in axes}
        sizes["Y"] = int(rng.integers(1, 200))
        tile = {axis: n for axis, n in TILES[rng.integers(len(TILES))].items() if axis in sizes}
        chunk = [int(rng.integers(1, 40)) for _ in axes] if rng.random() < 0.7 else None
        limit = int(2 ** rng.uniform(0, 26))
        yield sizes, tile, plan_grid(sizes, 4, tile, chunk=chunk, shard_bytes=limit), limit


@pytest.mark.parametrize("seed", range(3))
def test_shards_cover_an_image_once(seed):
    for sizes, _, grid, _ in cuts(seed):
        if len(grid) > 500:
            continue
        times = np.zeros(tuple(sizes.values()), np.uint8)
        for region in grid.regions():
            times[region] += 1
        assert (times == 1).all()


@pytest.mark.parametrize("seed", range(3))
def test_a_pixel_is_found_in_its_shard(seed):
    rng = np.random.default_rng(seed)
    for sizes, _, grid, _ in cuts(seed):
        pixel = [int(rng.integers(size)) for size in sizes.values()]
        region = grid.region(grid.number_at(pixel))
        assert all(side.start <= at < side.stop for side, at in zip(region, pixel, strict=True))
        number = int(rng.integers(len(grid)))
        assert grid.number_at([side.start for side in grid.region(number)]) == number
        assert grid.number_at([side.stop - 1 for side in grid.region(number)]) == number


@pytest.mark.parametrize("seed", range(3))
def test_shards_are_whole_chunks_and_whole_tiles(seed):
    """Or all of the image, along an axis where it is shorter than that."""
    for sizes, tile, grid, _ in cuts(seed):
        for axis, chunk, shard in zip(sizes, grid.chunk, grid.shard, strict=True):
            assert shard % chunk == 0
            assert shard % tile.get(axis, 1) == 0 or shard >= sizes[axis]


@pytest.mark.parametrize("seed", range(3))
def test_shards_are_no_larger_than_asked_unless_one_tile_is(seed):
    for sizes, tile, grid, limit in cuts(seed):
        least = prod(
            shard if shard >= sizes[axis] else np.lcm(chunk, tile.get(axis, 1))
            for axis, chunk, shard in zip(sizes, grid.chunk, grid.shard, strict=True)
        )
        assert prod(grid.shard) * 4 <= max(limit, least * 4)


@pytest.mark.parametrize("seed", range(2))
def test_chunks_of_all_shards_are_those_of_the_image(seed):
    for sizes, _, grid, _ in cuts(seed):
        if len(grid) > 500:
            continue
        chunks = [chunk for number in range(len(grid)) for chunk in grid.chunks_of(number)]
        counts = [-(-n // c) for n, c in zip(sizes.values(), grid.chunk, strict=True)]
        assert len(chunks) == len(set(chunks)) == prod(counts)


@pytest.mark.parametrize(
    ("halo", "depth"), [((0, 4, 4), "Z"), ((4, 4, 4), "Z"), ((4, 4, 4), "T"), ((2, 96, 96), "T")]
)
def test_the_usual_shards_are_of_whole_tiles_and_fill_what_they_may(halo, depth):
    """A camera of 2048 px: shards of 64 to 256 MiB."""
    sizes = {"T": 100, "Z": 500, "Y": 2048, "X": 2048}
    sides = tile_sides(SimpleNamespace(halo=halo, depth_axis=depth), None)
    grid = plan_grid(sizes, 4, sides)
    assert 2**26 <= prod(grid.shard) * 4 <= 2**28
    assert all(n % sides[axis] == 0 for axis, n in zip(sizes, grid.shard, strict=True))


def test_a_shard_of_very_many_files_is_known_again(tmp_path):
    """Zarr 2 has a file for each chunk, and small chunks are many: none may be left out."""
    grid = Grid((101, 100), (1, 1), (101, 100))
    level = Level(tmp_path, grid, np.dtype(np.float32), 2)
    for file in level.files(0):
        file.parent.mkdir(exist_ok=True)
        file.touch()
    assert level.stamp(0)[0] == 10_100
    file.unlink()
    assert level.stamp(0) is None
