"""By what factor the planes of a stack came nearer to their truth."""

from __future__ import annotations

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.applicable import NotApplicable
from napari_photon_denoise.metrics.poisson import symmetric_kl
from napari_photon_denoise.metrics.signal_improvement import (
    SignalImprovement,
    fit_signal_improvement,
)
from napari_photon_denoise.metrics.slices import by_slice

NO_RAW = NotApplicable("The raw image has no photons to compare: give its camera's numbers.")
ONE_PLANE = NotApplicable(
    "A slope needs at least two planes: measure a stack, or give several images and exposures to "
    "photon-denoise study, which draws it as well."
)


def signal_of_planes(
    raw: Float32 | None, denoised: Float32, truth: Float32
) -> SignalImprovement | NotApplicable:
    """Fit the signal improvement over the planes of a stack.

    Parameters
    ----------
    raw, denoised, truth : (..., Y, X) float32, e-
    """
    if raw is None:
        return NO_RAW
    before = by_slice(symmetric_kl, truth, raw)
    if before.size < 2:
        return ONE_PLANE
    try:
        return fit_signal_improvement(before, by_slice(symmetric_kl, truth, denoised))
    except PhotonDenoiseError as error:  # a perfect result
        return NotApplicable(str(error))
