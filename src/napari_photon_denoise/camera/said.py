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
    "level": "which does not grow with the light",
}
# Beginnings of the sentences of an estimate whose content its line has.
IN_BRIEF = (
    "Estimated from ",
    "Offset and read noise can't",
    "The image has no parts dark and bright enough",
    "Most pixels are empty",
)
EIGHT_BITS = (
    "8-bit grey values are seldom photons: let the image tell its noise, unless the detector "
    "counts single photons."
)


def in_brief(estimate: NoiseEstimate) -> str:
    """Say an estimate in a line, and how much the image could tell."""
    is_said = estimate.rung == "level"
    relative = ", photon numbers are relative" if estimate.relative and not is_said else ""
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
    has_eight_bits = dtype.kind in "iu" and dtype.itemsize == 1
    return (EIGHT_BITS,) if has_eight_bits and camera.is_photons else ()
