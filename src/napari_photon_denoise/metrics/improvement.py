"""How many times better an image became: ratios of its figures before and after."""

from __future__ import annotations

from dataclasses import dataclass

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.metrics.distributions import ks_distance
from napari_photon_denoise.metrics.squared_error import mse
from napari_photon_denoise.metrics.structure import ssim


@dataclass(frozen=True)
class Improvement:
    """Figures of the noisy and of the denoised image, and their ratios; above 1 is better.

    After Xypakis et al. 2023, doi:10.1364/OE.504606.

    Parameters
    ----------
    mse_in, mse_out : float, e-²
    ssim_in, ssim_out : float
    ks_in, ks_out : float
        Kolmogorov-Smirnov distances of the histograms.
    data_range : float, e-
        That the SSIM was taken with.
    """

    mse_in: float
    mse_out: float
    ssim_in: float
    ssim_out: float
    ks_in: float
    ks_out: float
    data_range: float

    @property
    def mse(self) -> float:
        """``mse_in / mse_out``; infinite for a perfect result."""
        return _ratio(self.mse_in, self.mse_out)

    @property
    def ssim(self) -> float:
        """``ssim_out / ssim_in``; NaN where the input's SSIM is not above 0."""
        return self.ssim_out / self.ssim_in if self.ssim_in > 0 else float("nan")

    @property
    def ks(self) -> float:
        """``ks_in / ks_out``; infinite for a perfect result."""
        return _ratio(self.ks_in, self.ks_out)


def measure_improvement(
    noisy: Float32, denoised: Float32, truth: Float32, data_range: float
) -> Improvement:
    """Measure MSE, SSIM and histogram distance before and after denoising.

    Neither image is fitted to the truth: fit both with `affine_fit` first, or none.

    Parameters
    ----------
    noisy, denoised, truth : (..., Y, X) float32, e-
    data_range : float, e-
        The truth's maximum minus its minimum.

    Returns
    -------
    Improvement

    Raises
    ------
    PhotonDenoiseError
        If the shapes differ, the images are smaller than 11 × 11 px, a pixel is not
        finite, or the range is not above 0.
    """
    return Improvement(
        mse_in=mse(noisy, truth),
        mse_out=mse(denoised, truth),
        ssim_in=ssim(noisy, truth, data_range),
        ssim_out=ssim(denoised, truth, data_range),
        ks_in=ks_distance(noisy, truth),
        ks_out=ks_distance(denoised, truth),
        data_range=data_range,
    )


def _ratio(before: float, after: float) -> float:
    """Take a ratio in which 0 / 0, nothing to improve and nothing spoilt, is 1."""
    if after == 0:
        return 1.0 if before == 0 else float("inf")
    return before / after
