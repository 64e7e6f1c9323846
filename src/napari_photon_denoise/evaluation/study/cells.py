"""One cell of a study: what a method made of an image, in figures."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.checks import truth_range
from napari_photon_denoise.metrics.improvement import Improvement, measure_improvement
from napari_photon_denoise.metrics.poisson import symmetric_kl
from napari_photon_denoise.metrics.slices import by_slice
from napari_photon_denoise.metrics.squared_error import bias

NAN = float("nan")


@dataclass(frozen=True)
class Cell:
    """Figures of one method on one image.

    Parameters
    ----------
    improvement : Improvement
        MSE, SSIM and histogram distance, before and after; as measured.
    j_in, j_out : tuple of float, nats a pixel
        Symmetric Poisson divergence from the truth of each plane, before and after.
    mean : float, e-
        Of the truth's pixels.
    truth_noise : float, e-²
        That a measured truth's own noise adds to each squared error; 0 for an exact truth.
    bias : float or None, e-
        Mean photons too many in a pixel of the result; None in studies of before it was kept.
    """

    improvement: Improvement
    j_in: tuple[float, ...]
    j_out: tuple[float, ...]
    mean: float
    truth_noise: float = 0.0
    bias: float | None = None

    @property
    def mse_in(self) -> float:
        """Squared error of the raw image, e-², less the truth's noise; it may be below 0."""
        return self.improvement.mse_in - self.truth_noise

    @property
    def mse_out(self) -> float:
        """Squared error of the result, e-², less the truth's noise; it may be below 0."""
        return self.improvement.mse_out - self.truth_noise

    @property
    def mse_ratio(self) -> float:
        """``mse_in / mse_out``; infinite for a perfect result, NaN below the truth's noise."""
        if self.mse_out == 0:
            return self.improvement.mse
        return self.mse_in / self.mse_out if min(self.mse_in, self.mse_out) > 0 else NAN

    @property
    def psnr_in(self) -> float:
        """PSNR of the raw image over the truth's range, dB; NaN below the truth's noise."""
        return _decibels(self.improvement.data_range, self.mse_in)

    @property
    def psnr_out(self) -> float:
        """PSNR of the result over the truth's range, dB; NaN below the truth's noise."""
        return _decibels(self.improvement.data_range, self.mse_out)

    @property
    def bias_percent(self) -> float:
        """The bias over the truth's mean, %; NaN where one is not known, or there is no light."""
        if self.bias is None or self.mean <= 0:
            return NAN
        return 100 * self.bias / self.mean

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Any) -> Cell:
        """Make a cell of what `as_dict` gave.

        Raises
        ------
        PhotonDenoiseError
            If it is no cell.
        """
        try:
            return cls(
                Improvement(**values["improvement"]),
                tuple(float(value) for value in values["j_in"]),
                tuple(float(value) for value in values["j_out"]),
                float(values["mean"]),
                # Studies of before it was taken off have exact truths, or another content.
                float(values.get("truth_noise", 0)),
                None if values.get("bias") is None else float(values["bias"]),
            )
        except (AttributeError, KeyError, TypeError, ValueError):
            raise PhotonDenoiseError("It holds figures that are not understood.") from None


def measure_cell(raw: Float32, clean: Float32, truth: Float32, truth_noise: float = 0.0) -> Cell:
    """Compare an image before and after denoising with its truth.

    Parameters
    ----------
    raw, clean, truth : (..., Y, X) float32, e-
    truth_noise : float, e-²
        Mean variance of the truth's pixels.

    Returns
    -------
    Cell

    Raises
    ------
    PhotonDenoiseError
        If shapes differ, a pixel is not finite, the truth is constant, or the image is smaller
        than 11 × 11 px.
    """
    return Cell(
        measure_improvement(raw, clean, truth, truth_range(truth)),
        tuple(by_slice(symmetric_kl, truth, raw).ravel().tolist()),
        tuple(by_slice(symmetric_kl, truth, clean).ravel().tolist()),
        float(np.mean(truth, dtype=np.float64)),
        truth_noise,
        bias(clean, truth),
    )


def _decibels(extent: float, error: float) -> float:
    if error < 0:
        return NAN
    return float("inf") if error == 0 else float(10 * np.log10(extent**2 / error))
