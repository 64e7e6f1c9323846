"""What a user is told of the camera of an image, beside its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_photon_denoise.calibration import Calibration

if TYPE_CHECKING:
    from napari_photon_denoise.camera.estimate import NoiseEstimate

RUNGS = {
    "line": "from how the noise grows with the light",
    "slope": "from how the noise grows with the light, where the image has little contrast",
    "regions": "from the smoothest parts of the image",
    "counted": "from single photons that were counted",
    "level": "one level of noise for the whole image",
}
# Sentences of an estimate whose content its line has.
IN_BRIEF = ("Estimated from ", "Offset and read noise can't")


def in_brief(estimate: NoiseEstimate) -> str:
    """Say an estimate in a line, and how much the image could tell."""
    relative = ", photon numbers are relative" if estimate.relative else ""
    return f"{estimate.badge}, {RUNGS[estimate.rung]}{relative}"


def cautions(estimate: NoiseEstimate) -> tuple[str, ...]:
    """Return what is to be said of an estimate beside its line, a sentence each."""
    return tuple(one for one in estimate.sentences if not one.startswith(IN_BRIEF))


def doubt_photons(camera: Calibration, dtype: np.dtype[Any]) -> tuple[str, ...]:
    """Say so where 8-bit grey values are taken for photons: cameras of 8 bits do not count them.

    Parameters
    ----------
    camera : Calibration
    dtype : dtype
        Of the image.
    """
    eight_bits = dtype.kind in "iu" and dtype.itemsize == 1
    numbers = (camera.gain, camera.offset, camera.read_noise)
    if not eight_bits or any(map(np.ndim, numbers)) or numbers != (1, 0, 0):
        return ()
    return (
        "The camera says that each grey value is a photon (gain 1, offset 0, no read noise), but "
        "the image has 8 bits, as pictures have that were rescaled for the screen: unless a photon "
        "counter took it, choose to have the camera estimated from the image.",
    )
