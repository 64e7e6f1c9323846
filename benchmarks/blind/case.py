"""One image of a stranger, beside what is true of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Calibration, Float32

Bool = NDArray[np.bool_]
# Share of the squared error that is left at least when the truth's own noise is taken off.
LEAST = 0.1


@dataclass(frozen=True, eq=False)
class Truth:
    """What is known of an image; all in its own grey values.

    Parameters
    ----------
    mean : (Y, X) float32, ADU
        Without noise, or the mean of many repeats.
    variance : (Y, X) float32, ADU²
        Of the image's noise; right where many pixels are averaged.
    length_y, length_x : float, px
        How far neighbours share noise.
    own_variance : float, ADU²
        Of the noise that `mean` still has, in the mean over the pixels.
    expected : (Y, X) float32, optional
        What orders the pixels by brightness, better than `mean` does.
    exact : bool
        Whether the true image is a straight line of `expected`.
    valid : (Y, X) bool, optional
        False where a clipped grey value hides the truth.
    camera : Calibration, optional
        Where one line with a physical zero is exactly true.
    """

    mean: Float32
    variance: Float32
    length_y: float = 0.0
    length_x: float = 0.0
    own_variance: float = 0.0
    expected: Float32 | None = None
    exact: bool = False
    valid: Bool | None = None
    camera: Calibration | None = None

    @property
    def white(self) -> bool:
        """Whether neighbours share no noise."""
        return self.length_y == 0 and self.length_x == 0


@dataclass(frozen=True, eq=False)
class Case:
    """An image, and its truth where that is known."""

    kind: str
    scene: str
    light: str
    image: NDArray[Any]
    truth: Truth | None = None
    axes: str = "YX"

    @property
    def name(self) -> str:
        """Kind, scene and light."""
        return f"{self.kind}/{self.scene}/{self.light}".rstrip("/")


class Entry(NamedTuple):
    """A case that is made when it is asked for."""

    kind: str
    scene: str
    light: str
    make: Callable[[], Case]

    @property
    def name(self) -> str:
        """Kind, scene and light."""
        return f"{self.kind}/{self.scene}/{self.light}".rstrip("/")
