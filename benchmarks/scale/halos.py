"""What is read twice: the halos of shards, by method and shard size; no pixels are read.

python -m benchmarks.scale.halos
"""

from __future__ import annotations

from math import prod

import numpy as np
from benchmarks.markdown import head, print_row
from benchmarks.scale.one import METHODS
from benchmarks.scale.sample import camera

from napari_photon_denoise.denoisers import make_denoiser
from napari_photon_denoise.io.ome_zarr.grid import Grid, plan_grid
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.shards.task import tile_sides

SIZES = {"stack of 1000 × 2048 × 2048": (1000, 2048, 2048), "slice of 20k × 40k": (1, 20000, 40000)}
MIB = (64, 256, 1024)


def main() -> None:
    """Print the table."""
    print(head("image", "method", *(f"{size} MiB" for size in MIB)))
    for title, shape in SIZES.items():
        for name, (method, parameters) in METHODS.items():
            photons = Photons(np.broadcast_to(np.uint16(100), shape), camera(), "ZYX")
            denoiser = make_denoiser(method, parameters).resolved(photons)
            cells = []
            for size in MIB:
                sides = tile_sides(denoiser, None)
                grid = plan_grid(photons.sizes, 4, sides, shard_bytes=size * 2**20)
                deep, y, x = denoiser.halo
                halo = (deep if denoiser.depth_axis == "Z" else 0, y, x)
                more = _read(grid, halo) / prod(shape) - 1
                held = prod(min(a, b) for a, b in zip(grid.shard, shape, strict=True)) / 2**18
                cells.append(f"{100 * more:.1f} % ({len(grid)} of {held:.0f} MiB)")
            print_row(title, name, *cells)


def _read(grid: Grid, halo: tuple[int, ...]) -> int:
    """Return the pixels that all shards read together."""
    return sum(
        prod(
            min(size, side.stop + reach) - max(0, side.start - reach)
            for side, reach, size in zip(region, halo, grid.shape, strict=True)
        )
        for region in grid.regions()
    )


if __name__ == "__main__":
    main()
