"""Errors that forgive a wrong scale and offset: what is left after the best straight line.

A method may be judged so only if its input is judged so as well. The fit alone lowers the
error of the raw image, and an improvement that compares a fitted output with an unfitted
input counts the fit as denoising.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.checks import check_pair, check_range

PERCENTILES = (0.1, 99.9)  # of the truth, that CARE maps to 0 and 1


@dataclass(frozen=True)
class AffineFit:
    """The straight line from an image to its truth, and what it leaves.

    Parameters
    ----------
    scale : float
        Covariance over the image's variance; 0 for a constant image.
    offset : float, e-
    residual : float, e- rms
        ``σ_truth √(1 - ρ²)``, ρ being the correlation of image and truth.
    """

    scale: float
    offset: float
    residual: float

    def __call__(self, image: Float32) -> Float32:
        """Map `image`, of any shape and in e-, to ``scale * image + offset``."""
        return (self.scale * image.astype(np.float64) + self.offset).astype(np.float32)


def affine_fit(image: Float32, truth: Float32) -> AffineFit:
    """Fit scale and offset of an image to its truth by least squares.

    Parameters
    ----------
    image, truth : (..., Y, X) float32, e-
        `image` is the denoised image or the raw one: fit both, each by itself.

    Returns
    -------
    AffineFit
        Call it with the image for the fitted image.

    Raises
    ------
    PhotonDenoiseError
        If the shapes differ, or a pixel is NaN or infinite.
    """
    check_pair(image, truth)
    mean, true_mean = (float(np.mean(a, dtype=np.float64)) for a in (image, truth))
    centred, true_centred = (
        np.subtract(a, m, dtype=np.float64) for a, m in ((image, mean), (truth, true_mean))
    )
    variance = float(np.mean(centred**2))
    scale = float(np.mean(centred * true_centred)) / variance if variance > 0 else 0.0
    # From the residual itself: 1 - ρ² would lose every digit where ρ is nearly 1.
    residual = float(np.sqrt(np.mean((true_centred - scale * centred) ** 2)))
    return AffineFit(scale, true_mean - scale * mean, residual)


def nrmse(image: Float32, truth: Float32) -> float:
    """Normalised root-mean-square error of CARE, after the affine fit.

    The truth is normalised so that its percentiles 0.1 and 99.9 are 0 and 1; the closed
    form is then ``σ_y √(1 - ρ²)``. Weigert et al. 2018, doi:10.1038/s41592-018-0216-7.

    Parameters
    ----------
    image, truth : (..., Y, X) float32, e-

    Returns
    -------
    float, share of the truth's range

    Raises
    ------
    PhotonDenoiseError
        If the shapes differ, a pixel is not finite, or the truth is (nearly) constant.
    """
    fit = affine_fit(image, truth)
    low, high = np.percentile(truth, PERCENTILES)
    if high <= low:
        raise PhotonDenoiseError(
            "The truth's percentiles 0.1 and 99.9 are equal: it has no range to normalise by."
        )
    return fit.residual / float(high - low)


def si_psnr(image: Float32, truth: Float32, data_range: float) -> float:
    """Scale-invariant PSNR, ``20 log10(range / (σ_truth √(1 - ρ²)))``.

    The PSNR after the affine fit: blind to any wrong gain and offset, and so to bias.

    Parameters
    ----------
    image, truth : (..., Y, X) float32, e-
    data_range : float, e-
        The truth's maximum minus its minimum.

    Returns
    -------
    float, dB
        Infinite where the fitted image equals the truth.

    Raises
    ------
    PhotonDenoiseError
        If the shapes differ, a pixel is not finite, or the range is not above 0.
    """
    check_range(data_range)
    residual = affine_fit(image, truth).residual
    return float("inf") if residual == 0 else float(20 * np.log10(data_range / residual))
