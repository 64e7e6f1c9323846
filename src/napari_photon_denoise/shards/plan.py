"""From an image and what is to be done with it to the results that it goes into, all decided."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from pathlib import Path

import numpy as np

from napari_photon_denoise.denoisers import AnyMethod
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.image import About
from napari_photon_denoise.io.ome_zarr.container import Container, plan_container
from napari_photon_denoise.io.paths import written_through
from napari_photon_denoise.recipe import Recipe
from napari_photon_denoise.shards.records import Begun, Records, StoreFacts, StoreOptions
from napari_photon_denoise.shards.task import tile_sides
from napari_photon_denoise.targets import extra_paths


def is_cut(target: Path) -> bool:
    """Tell whether a result is written in shards, by its name."""
    return target.name.lower().endswith(".zarr")


def plan_results(
    store: Path,
    shape: Sequence[int],
    dtype: np.dtype[np.generic],
    about: About,
    recipe: Recipe,
    options: StoreOptions,
) -> tuple[Container, ...]:
    """Plan the image and what the method gives beside, each an OME-Zarr; nothing is written.

    Parameters
    ----------
    store : Path
        Of the image; the others lie beside.
    shape : sequence of int
    dtype : dtype
        Of the image; the others are float32, e-.
    about : About
    recipe : Recipe
        With everything decided.
    options : StoreOptions
    """
    denoiser = recipe.denoiser
    paths = (store, *extra_paths(store, denoiser.extras))
    dtypes = (dtype, *(np.dtype(np.float32) for _ in paths[1:]))
    # All are cut alike, so that one task writes a shard of each; it holds them in memory together.
    itemsize = sum(one.itemsize for one in dtypes)
    sides = _sides(denoiser, recipe.tile, about.axes, recipe.axes or about.axes)
    return tuple(
        plan_container(
            written_through(path),  # a link stays one
            about.axes,
            shape,
            one,
            about,
            sides,
            zarr_format=options.zarr_format,
            chunk=options.chunk,
            shard_bytes=options.shard_bytes * one.itemsize // itemsize,
        )
        for path, one in zip(paths, dtypes, strict=True)
    )


def _sides(denoiser: AnyMethod, edge: int | None, written: str, axes: str) -> dict[str, int]:
    """Return the sides of tiles along the axes as they are written."""
    sides = tile_sides(denoiser, edge)
    return {name: sides[axis] for name, axis in zip(written, axes, strict=True)}


def plan_again(store: Path) -> tuple[Begun, tuple[Container, ...]]:
    """Return what was begun of a result, and its parts, by its records alone.

    Raises
    ------
    PhotonDenoiseError
        If there are none, or another version made them.
    """
    begun = Records(store).begun()
    if begun is None:
        raise PhotonDenoiseError(
            f"There are no records of {store}: name a result (.ome.zarr) that was begun here, with "
            "the hidden folder beside it."
        )
    first = begun.stores[0]
    containers = plan_results(
        store,
        first.shape,
        np.dtype(first.dtype),
        begun.about.about(begun.recipe),
        begun.recipe,
        begun.options,
    )
    if tuple(StoreFacts.of(one.path.name, one.levels[0]) for one in containers) != begun.stores:
        raise PhotonDenoiseError(
            f"{store} was begun by another version of this program: go on with that."
        )
    return begun, containers


def size_of(containers: Sequence[Container]) -> int:
    """Return the bytes of all results in full resolution, before they are compressed."""
    return sum(prod(one.level0.grid.shape) * one.level0.dtype.itemsize for one in containers)
