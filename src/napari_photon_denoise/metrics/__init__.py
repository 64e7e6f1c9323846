"""Figures that say what a denoised image is worth.

With a truth:

- `squared_error`: MSE, PSNR, SNR, bias; `affine`: the same after a fit of scale and offset.
- `structure`: SSIM; `distributions`: histograms; `poisson`: divergences of photon numbers.
- `exposure`: a truth of another exposure, with noise of its own.
- `improvement`, `signal_improvement`: before and after; `slices`: plane by plane.

Without one:

- `consistency`: is what was removed noise, and nothing but noise?
- `conservation`: are the photons of each region still there?

`resolution_ratio`: the voxel beside the point-spread function. `checks`: what images must be.
"""

from napari_photon_denoise.metrics.affine import AffineFit, affine_fit, nrmse, si_psnr
from napari_photon_denoise.metrics.checks import truth_range
from napari_photon_denoise.metrics.conservation import PhotonBalance, measure_photon_balance
from napari_photon_denoise.metrics.consistency import Consistency, measure_consistency, z_map
from napari_photon_denoise.metrics.distributions import ks_distance
from napari_photon_denoise.metrics.exposure import (
    correct_shared_frames,
    mse_to_noisy_truth,
    scale_truth,
    truth_noise,
)
from napari_photon_denoise.metrics.improvement import Improvement, measure_improvement
from napari_photon_denoise.metrics.poisson import METRIC_EPSILON, poisson_kl, symmetric_kl
from napari_photon_denoise.metrics.resolution_ratio import omega, psf_volume
from napari_photon_denoise.metrics.signal_improvement import (
    SignalImprovement,
    fit_signal_improvement,
)
from napari_photon_denoise.metrics.slices import by_slice
from napari_photon_denoise.metrics.squared_error import bias, mse, psnr, snr
from napari_photon_denoise.metrics.structure import ssim

__all__ = [
    "METRIC_EPSILON",
    "AffineFit",
    "Consistency",
    "Improvement",
    "PhotonBalance",
    "SignalImprovement",
    "affine_fit",
    "bias",
    "by_slice",
    "correct_shared_frames",
    "fit_signal_improvement",
    "ks_distance",
    "measure_consistency",
    "measure_improvement",
    "measure_photon_balance",
    "mse",
    "mse_to_noisy_truth",
    "nrmse",
    "omega",
    "poisson_kl",
    "psf_volume",
    "psnr",
    "scale_truth",
    "si_psnr",
    "snr",
    "ssim",
    "symmetric_kl",
    "truth_noise",
    "truth_range",
    "z_map",
]
