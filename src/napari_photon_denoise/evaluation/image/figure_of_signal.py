"""The line of the table that says by what factor planes came nearer to their truth."""

from __future__ import annotations

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.evaluation.figures import Figure, without_value
from napari_photon_denoise.metrics.applicable import NotApplicable
from napari_photon_denoise.metrics.poisson import symmetric_kl
from napari_photon_denoise.metrics.signal_improvement import fit_signal_improvement
from napari_photon_denoise.metrics.slices import by_slice

WORDS = (
    "signal-improvement",
    "Signal improvement",
    "",
    "Slope of the raw planes' Poisson divergence (both) over the denoised planes'; above 1 is "
    "better.",
)
NO_RAW = "The raw image has no photons to compare: give its camera's numbers."
ONE_PLANE = (
    "A slope needs at least two planes: measure a stack, or give several images and exposures to "
    "photon-denoise study, which draws it as well."
)


def figure_of_signal(raw: Float32 | None, denoised: Float32, truth: Float32) -> Figure:
    """Fit the signal improvement over the planes of a stack.

    Parameters
    ----------
    raw, denoised, truth : (..., Y, X) float32, e-

    Returns
    -------
    Figure
        What it means ends with the 95 % confidence interval.
    """
    if raw is None:
        return without_value(*WORDS, NotApplicable(NO_RAW))
    before = by_slice(symmetric_kl, truth, raw)
    if before.size < 2:
        return without_value(*WORDS, NotApplicable(ONE_PLANE))
    try:
        fit = fit_signal_improvement(before, by_slice(symmetric_kl, truth, denoised))
    except PhotonDenoiseError as error:  # a perfect result
        return without_value(*WORDS, NotApplicable(str(error)))
    key, name, unit, says = WORDS
    interval = f" 95 % confidence interval: {fit.low:.3g} to {fit.high:.3g}, {fit.points} planes."
    return Figure(key, name, fit.factor, unit, says + interval)
