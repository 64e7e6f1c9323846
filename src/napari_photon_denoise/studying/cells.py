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


@dataclass(frozen=True)
class Cell:
    """Figures of one method on one image.

    Parameters
    ----------
    improvement : Improvement
        MSE, SSIM and histogram distance, before and after.
    j_in, j_out : tuple of float, nats a pixel
        Symmetric Poisson divergence from the truth of each plane, before and after.
    mean : float, e-
        Of the truth's pixels.
    """

    improvement: Improvement
    j_in: tuple[float, ...]
    j_out: tuple[float, ...]
    mean: float

    @property
    def error_in(self) -> float:
        """Root-mean-square error of the raw image over the mean; NaN for a dark truth."""
        return _relative(self.improvement.mse_in, self.mean)

    @property
    def error_out(self) -> float:
        """Root-mean-square error of the result over the mean; NaN for a dark truth."""
        return _relative(self.improvement.mse_out, self.mean)

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
            )
        except (KeyError, TypeError, ValueError):
            raise PhotonDenoiseError("It holds figures that are not understood.") from None


def measure_cell(raw: Float32, clean: Float32, truth: Float32) -> Cell:
    """Compare an image before and after denoising with its truth.

    Parameters
    ----------
    raw, clean, truth : (..., Y, X) float32, e-

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
    )


def _relative(error: float, mean: float) -> float:
    return float(np.sqrt(error)) / mean if mean > 0 else float("nan")
