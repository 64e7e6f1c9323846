"""One plane of what was measured: what a report shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.photons import Photons

Point = tuple[float, float]
Line = tuple[Point, Point]  # from (y, x) to (y, x), px


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane of the raw image, and the same plane of everything that is compared with it.

    Parameters
    ----------
    raw : (Y, X) float32, e-
    read_noise : float or (Y, X) float32, e- rms
    denoised : mapping of name to (Y, X) float32, e-
        Best first.
    truth : (Y, X) float32, e-, optional
    pixel_size : tuple of float, µm, optional
        Height and width of a pixel, where known.
    origin : tuple of int, px
        Row and column of the first pixel in the whole image.
    steps : tuple of float, e-, optional
        Distance between the raw image's values and one of them, where they are few: a histogram
        whose bins hold unequal numbers of them would show a comb.
    where : str
        Which plane of a stack it is, such as "z = 3"; empty where there is but one.
    relative : bool
        Whether the photons are only proportional to those that were there.
    """

    raw: Float32
    read_noise: float | Float32
    denoised: Mapping[str, Float32] = field(default_factory=dict)
    truth: Float32 | None = None
    pixel_size: tuple[float, float] | None = None
    origin: tuple[int, int] = (0, 0)
    steps: tuple[float, float] | None = None
    where: str = ""
    relative: bool = False

    @property
    def quantity(self) -> str:
        """What the values are, for an axis."""
        return "relative photons" if self.relative else "detected photons (e-)"


def middle(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the place of the middle plane of a stack: one number for each axis before Y."""
    return tuple(size // 2 for size in shape[:-2])


def place(
    sizes: Mapping[str, int], at: tuple[int, ...], origin: tuple[int, ...] | None = None
) -> str:
    """Say which plane of an image it is, such as "z = 3"; axes of one plane are left out.

    Parameters
    ----------
    sizes : mapping of axis letter to int
        Of the whole image.
    at : tuple of int
        The plane, one number for each axis before Y.
    origin : tuple of int, optional
        Where in the whole image `at` counts from.
    """
    named = zip(sizes.items(), at, origin or (0,) * len(at), strict=False)
    return ", ".join(
        f"{axis.lower()} = {start + number}" for (axis, size), number, start in named if size > 1
    )


def edges(pixel_size: Mapping[str, float]) -> tuple[float, float] | None:
    """Return height and width of a pixel, µm; None where one of them is not known."""
    height, width = pixel_size.get("Y"), pixel_size.get("X")
    return None if height is None or width is None else (height, width)


def steps_of(photons: Photons) -> tuple[float, float] | None:
    """Return the distance between values and one of them, e-; None if pixels differ in that."""
    camera = photons.calibration
    if np.dtype(photons.data.dtype).kind not in "iu":
        return None
    if np.ndim(camera.gain) or np.ndim(camera.offset):
        return None
    gain = float(camera.gain)
    return gain, -float(camera.offset) * gain
