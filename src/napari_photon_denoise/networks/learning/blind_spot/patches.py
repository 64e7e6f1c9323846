"""Patches of noisy images, read where they lie, and the pixels that are kept for the score.

Held out are single pixels, a twentieth of all, chosen by a hash of their coordinates: no loss
ever uses their value, so that a network that learns noise by heart does no better on them. Small
images can spare pixels, not patches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.tiles import DepthAxis

ONE_IN = 20  # pixels that are held out
KEPT_BYTES = 2 * 2**30  # of images that are read as a whole
REGION = 4  # patches; edge of what is read at once from a file
PER_REGION = 4  # patches cut from it
SMALLEST = 16  # px


@dataclass(frozen=True)
class Patches:
    """Noisy patches as they are.

    Parameters
    ----------
    photons : (B, planes, [Z,] Y, X) float32, e-
    read_noise : (B, 1, [1,] Y, X) float32, e- rms
    held_out : (B, 1, [Z,] Y, X) bool
        Pixels that are never trained on.
    present : (B, planes) bool
    """

    photons: Tensor
    read_noise: Tensor
    held_out: Tensor
    present: Tensor


@dataclass(frozen=True, eq=False)
class NoisyPatches:
    """Cuts patches from images; calling it returns some.

    Parameters
    ----------
    images : sequence of Photons
        All of the same kind: with or without planes.
    depth_axis : {"Z", "T"}
        Along which planes are neighbours; times and channels otherwise are samples.
    batch, patch : int
        Patches a call, and their edge, px.
    planes : int
        Odd; neighbouring planes that a 2-D network is shown.
    depth : int
        Planes of a 3-D patch; 0 for 2-D.
    turned : bool
        Whether patches may be turned by 90°, not only mirrored: not if noise or pixels know
        a direction.
    """

    images: Sequence[Photons]
    depth_axis: DepthAxis
    batch: int
    patch: int
    planes: int = 1
    depth: int = 0
    turned: bool = True

    def __call__(self, rng: np.random.Generator) -> Patches:
        """Return patches; which ones depends on the generator alone."""
        sizes = np.array([np.prod(image.shape) for image in self.images], float)
        found: list[tuple[NDArray[Any], ...]] = []
        while len(found) < self.batch:
            image = int(rng.choice(len(self.images), p=sizes / sizes.sum()))
            found += self._cut_some(image, rng)
        columns = zip(*found[: self.batch], strict=True)
        stacked = (torch.from_numpy(np.ascontiguousarray(np.stack(one))) for one in columns)
        return Patches(*stacked)

    def _cut_some(self, number: int, rng: np.random.Generator) -> list[tuple[NDArray[Any], ...]]:
        """Patches of one place of an image: one from memory, some from a file at once."""
        image = self.images[number]
        lazy = not isinstance(image.data, np.ndarray)
        place = self._place(image.sizes, REGION * self.patch if lazy else self.patch, rng)
        planes, there = self._planes(image.sizes.get(self.depth_axis, 1), rng)
        photons, noise, held = self._read(number, place, planes)
        found = []
        for _ in range(PER_REGION if lazy else 1):
            y, x = (int(rng.integers(size - self.patch + 1)) for size in photons.shape[-2:])
            where = (..., slice(y, y + self.patch), slice(x, x + self.patch))
            parts = self._turned([photons[where], noise[where], held[where]], rng)
            found.append((*parts, there))
        return found

    def _place(
        self, sizes: dict[str, int], edge: int, rng: np.random.Generator
    ) -> dict[str, slice]:
        """Draw a frame, and a region of it, by axis."""
        place = {}
        for axis, size in sizes.items():
            width = min(size, edge) if axis in "YX" else 1
            at = int(rng.integers(size - width + 1))
            place[axis] = slice(at, at + width)
        return place

    def _planes(self, count: int, rng: np.random.Generator) -> tuple[list[int], NDArray[np.bool_]]:
        """Draw neighbouring planes, and which of them exist; the last ones stand in for others."""
        if self.depth:
            first = int(rng.integers(count - self.depth + 1))
            return list(range(first, first + self.depth)), np.ones(1, dtype=bool)
        middle, reach = int(rng.integers(count)), self.planes // 2
        wanted = np.arange(middle - reach, middle + reach + 1)
        there = (wanted >= 0) & (wanted < count)
        return np.clip(wanted, 0, count - 1).tolist(), there

    def _read(
        self, number: int, place: dict[str, slice], planes: list[int]
    ) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """Photons, read noise and held-out pixels of a region, in the layout of `Patches`."""
        image = self.images[number]
        axis = self.depth_axis
        deep = {axis: slice(min(planes), max(planes) + 1)} if axis in image.sizes else {}
        region = [(place | deep)[one] for one in image.axes]
        shape = (-1, *(side.stop - side.start for side in region[-2:]))
        block = image.read(region).reshape(shape)[np.array(planes) - min(planes)]
        kept = _held_out(number, region).reshape(shape)[np.array(planes) - min(planes)]
        noise = np.broadcast_to(np.float32(image.read_noise(region)), shape[1:])[None]
        if self.depth:
            return block[None], noise[None], kept[None]
        return block, noise, kept[self.planes // 2][None]

    def _turned(self, parts: list[NDArray[Any]], rng: np.random.Generator) -> list[NDArray[Any]]:
        """Mirror, and turn by 90° where that is allowed; planes may change their order."""
        turns = int(rng.integers(4)) if self.turned else 2 * int(rng.integers(2))
        mirrored, upside_down = rng.random(2) < 0.5
        found = []
        for part in parts:
            one = np.rot90(part, turns, axes=(-2, -1))
            one = one[..., ::-1] if mirrored else one
            # Of 3-D patches; the neighbours of a plane keep their order, and what exists of them.
            found.append(one[..., ::-1, :, :] if upside_down and self.depth else one)
        return found


def _held_out(number: int, region: Sequence[slice]) -> NDArray[np.bool_]:
    """Tell which pixels of a region are never trained on: a hash of where they lie."""
    mixed: Any = np.full((1,) * len(region), number, dtype=np.uint32)
    for dim, side in enumerate(region):
        at = np.arange(side.start, side.stop, dtype=np.uint32)
        at = at.reshape([-1 if other == dim else 1 for other in range(len(region))])
        # The finaliser of MurmurHash3 (Appleby, public domain), after each coordinate.
        mixed = mixed * np.uint32(0x9E3779B1) + at + np.uint32(1)
        mixed = (mixed ^ (mixed >> 16)) * np.uint32(0x85EBCA6B)
        mixed = (mixed ^ (mixed >> 13)) * np.uint32(0xC2B2AE35)
        mixed = mixed ^ (mixed >> 16)
    return np.asarray(mixed % np.uint32(ONE_IN) == 0)


def read_small_job(images: Sequence[Photons]) -> Job[list[Photons]]:
    """Read images that fit into memory; of others only patches will be read.

    Returns
    -------
    list of Photons
        Through the generator's return value.

    Raises
    ------
    PhotonDenoiseError
        If an image that is read holds NaN.
    """
    import psutil

    room = min(KEPT_BYTES, psutil.virtual_memory().available / 4)
    if sum(np.prod(image.shape) * np.dtype(image.data.dtype).itemsize for image in images) > room:
        return list(images)
    found = []
    for number, image in enumerate(images):
        yield Progress("Reading the image", number, len(images))
        found.append(replace(image, data=image.counts([slice(None)] * len(image.shape))))
    return found


def check_size(images: Sequence[Photons], depth_axis: DepthAxis, planes: int) -> None:
    """Refuse images that a network can't learn from.

    Raises
    ------
    PhotonDenoiseError
        If one is thinner than 16 px, or has no planes where planes are wanted.
    """
    for image in images:
        height, width = image.sizes["Y"], image.sizes["X"]
        if min(height, width) < SMALLEST:
            raise PhotonDenoiseError(
                f"The image is {height} × {width} px, and a network learns from patches of at "
                f"least {SMALLEST} × {SMALLEST} px: take a larger region, or a Gaussian filter."
            )
        if planes > 1 and image.sizes.get(depth_axis, 1) == 1:
            raise PhotonDenoiseError(
                "The image is a single plane: train on single planes, or give a stack."
            )
