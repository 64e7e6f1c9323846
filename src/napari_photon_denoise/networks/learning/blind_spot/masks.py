"""Blind spots: which pixels a network must predict, and what it sees in their place.

A mask holds the coordinates that were drawn, not the pixels whose value changed: counts of few
photons are often equal, and a mask of changed pixels drops those, so that what is learnt at a
mean of 0.2 photons is 2.9 times too bright.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import torch
from torch import Tensor

from napari_photon_denoise.networks.learning.blind_spot.extents import Offset
from napari_photon_denoise.networks.learning.blind_spot.settings import Replacement

SIDES = tuple(product((1, -1), repeat=3))


@dataclass(frozen=True)
class BlindSpot:
    """The shape of a blind spot, and what replaces it.

    Parameters
    ----------
    spacing : (int, int, int), px
        One pixel is drawn in every box of this size (z, y, x).
    reach : (int, int, int), px
        How far away in z, y and x a replacement is taken from.
    extent : tuple of offsets
        What is hidden beside the pixel itself, for noise that neighbours share (structN2V); only
        the pixel is learnt from.
    replacement : {"uniform", "median"}
        Any one of the pixels around (Noise2Void), or their median (N2V2); never the pixel itself.

    Raises
    ------
    ValueError
        If the extent is not the same to both sides along every axis.
    """

    spacing: tuple[int, int, int] = (1, 4, 4)
    reach: tuple[int, int, int] = (0, 2, 2)
    extent: tuple[Offset, ...] = ()
    replacement: Replacement = "uniform"

    def __post_init__(self) -> None:
        """Refuse an extent out of which a replacement at a border could not be kept."""
        whole = set(self.extent)
        mirrored = {(s * z, t * y, u * x) for z, y, x in whole for s, t, u in SIDES}
        if mirrored != whole:
            raise ValueError("the extent of a blind spot must be the same to both sides")

    def draw(self, shape: Sequence[int], source: torch.Generator) -> Tensor:
        """Draw one pixel of every box.

        Parameters
        ----------
        shape : (B, Z, Y, X)
        source : torch.Generator
            On the CPU.

        Returns
        -------
        (B, Z, Y, X) bool
        """
        boxes = [-(-size // step) for size, step in zip(shape[1:], self.spacing, strict=True)]
        place = torch.zeros(shape[0], *boxes, dtype=torch.long)
        inside = torch.ones(shape[0], *boxes, dtype=torch.bool)
        stride = 1
        for axis in (2, 1, 0):
            size, step = shape[1 + axis], self.spacing[axis]
            at = torch.randint(step, place.shape, generator=source)
            at += step * torch.arange(boxes[axis]).reshape(
                [-1 if a == axis else 1 for a in range(3)]
            )
            inside &= at < size
            place += stride * at
            stride *= size
        mask = torch.zeros(shape[0], stride, dtype=torch.bool)
        batch = torch.arange(shape[0])[:, None].expand(-1, place[0].numel())
        inside = inside.flatten(1)
        mask[batch[inside], place.flatten(1)[inside]] = True
        return mask.reshape(tuple(shape))

    def hide(self, photons: Tensor, mask: Tensor, source: torch.Generator) -> Tensor:
        """Replace the drawn pixels, and their extent, by others from around.

        Parameters
        ----------
        photons : (B, Z, Y, X) float32, e-
        mask : (B, Z, Y, X) bool
        source : torch.Generator
            On the CPU.

        Returns
        -------
        (B, Z, Y, X) float32, e-
        """
        shape = photons.shape
        table = torch.tensor(_around(self.reach, self.extent, tuple(shape[1:])))
        batch, *centre = mask.nonzero(as_tuple=True)
        hidden = photons.clone()
        if self.replacement == "median":
            value = _median(self._neighbours(photons, batch, centre, table))
        for offset in ((0, 0, 0), *self.extent):
            target = [at + step for at, step in zip(centre, offset, strict=True)]
            if self.replacement == "uniform":
                chosen = table[torch.randint(len(table), (len(batch),), generator=source)]
                value = photons[(batch, *_mirrored(centre, chosen.unbind(1), shape))]
            inside = torch.ones_like(batch, dtype=torch.bool)
            for at, size in zip(target, shape[1:], strict=True):
                inside &= (at >= 0) & (at < size)
            where = (batch[inside], *(at[inside] for at in target))
            hidden[where] = value[inside]
        return hidden

    @staticmethod
    def _neighbours(
        photons: Tensor, batch: Tensor, centre: Sequence[Tensor], table: Tensor
    ) -> Tensor:
        """Values around each pixel, (pixels, offsets)."""
        places = _mirrored([at[:, None] for at in centre], table.unbind(1), photons.shape)
        return photons[(batch[:, None].expand(-1, len(table)), *places)]


def _median(values: Tensor) -> Tensor:
    """Median of each row; torch's own is the lower of the two in the middle."""
    ordered, count = values.sort(1).values, values.shape[1]
    return (ordered[:, (count - 1) // 2] + ordered[:, count // 2]) / 2


def _mirrored(
    centre: Sequence[Tensor], offset: Sequence[Tensor], shape: Sequence[int]
) -> list[Tensor]:
    """Go an offset from a pixel; the other way where that leads out of the image."""
    places = []
    for at, step, size in zip(centre, offset, shape[1:], strict=True):
        there = at + step
        places.append(torch.where((there < 0) | (there >= size), at - step, there))
    return places


@lru_cache(maxsize=64)
def _around(
    reach: tuple[int, int, int], extent: tuple[Offset, ...], shape: tuple[int, ...]
) -> list[Offset]:
    """Offsets that a replacement may have: around the pixel, and outside of its blind spot.

    No further than half of the image: from every pixel one can then go as far one way or the
    other. The blind spot must be symmetric, so that going the other way stays outside of it.
    """
    z, y, x = (min(far, size // 2) for far, size in zip(reach, shape, strict=True))
    blind = {(0, 0, 0), *extent}
    sides = (range(-far, far + 1) for far in (z, y, x))
    return [(dz, dy, dx) for dz, dy, dx in product(*sides) if (dz, dy, dx) not in blind]
