"""What a packaged network is told of the camera: other programs hand it an image and no more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.errors import PhotonDenoiseError


@dataclass(frozen=True)
class Conditions:
    """The noise that is fixed in a package.

    Parameters
    ----------
    read_noise : float
        e- rms, of every pixel.
    lengths : (float, float)
        Noise correlation along y and x, px; 0 is white.
    gain, offset : float, optional
        e-/ADU and ADU of the camera, where they are known: said, not used.

    Raises
    ------
    PhotonDenoiseError
        If the read noise is negative or no number.
    """

    read_noise: float = 0.0
    lengths: tuple[float, float] = (0.0, 0.0)
    gain: float | None = None
    offset: float | None = None

    def __post_init__(self) -> None:
        """Refuse a read noise that no camera has."""
        if not 0 <= self.read_noise < float("inf"):
            raise PhotonDenoiseError(
                f"A read noise of {self.read_noise:g} e- is impossible: give 0 or more."
            )


def conditions_of(camera: Calibration) -> Conditions:
    """Return a camera's noise in single numbers; the median of each map."""
    gain, offset, read_noise = (
        float(np.median(np.asarray(part)))
        for part in (camera.gain, camera.offset, camera.read_noise)
    )
    return Conditions(read_noise, (camera.length_y, camera.length_x), gain, offset)
