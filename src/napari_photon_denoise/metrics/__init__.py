"""Figures that say what a denoised image is worth.

With a truth:

- `squared_error`: MSE, PSNR, SNR, bias; `affine`: the same after a fit of scale and offset.
- `structure`: SSIM; `distributions`: histograms; `poisson`: divergences of photon numbers.
- `exposure`: a truth of another exposure, with noise of its own.
- `signal_improvement`: before and after, plane by plane with `slices`.

Without one:

- `consistency`: is what was removed noise, and nothing but noise?
- `conservation`: are the photons of each region still there? `regions`: is their residual noise?
- `flags`: places over-smoothed or invented, by `windows`; `support`: is fine contrast real?
- `thinning`: two independent images from one; `held_out`: a method judged by photons it has not
  seen; `resolution`: Fourier ring correlation of two images.
- `applicable`: when none of that means anything, and what is given instead.

`hints`, `learning_hints`: what a network has to say of an image, and what is wrong with a result.

To look at: `profile` along a line, `curves` of histograms.

`resolution_ratio`: the voxel beside the point-spread function. `checks`: what images must be.
"""

from napari_photon_denoise.metrics.affine import affine_fit, nrmse, si_psnr
from napari_photon_denoise.metrics.applicable import NotApplicable, find_obstacle, fine_noise
from napari_photon_denoise.metrics.checks import truth_range
from napari_photon_denoise.metrics.conservation import (
    find_unbalanced,
    measure_photon_balance,
)
from napari_photon_denoise.metrics.consistency import measure_consistency, z_map
from napari_photon_denoise.metrics.curves import (
    common_edges,
    curves_as_csv,
    largest_gap,
    measure_curves,
)
from napari_photon_denoise.metrics.distributions import ks_distance
from napari_photon_denoise.metrics.exposure import (
    correct_shared_frames,
    mse_to_noisy_truth,
    scale_truth,
    truth_noise,
)
from napari_photon_denoise.metrics.flags import INVENTED, OVER_SMOOTHED, find_flags
from napari_photon_denoise.metrics.held_out import (
    held_out_difference,
    score_held_out,
)
from napari_photon_denoise.metrics.poisson import METRIC_EPSILON, poisson_kl, symmetric_kl
from napari_photon_denoise.metrics.profile import (
    line_profile,
    profile_noise,
    profiles_as_csv,
    sample_line,
)
from napari_photon_denoise.metrics.regions import (
    find_inconsistent,
    measure_region_consistency,
    tile_labels,
    tile_place,
)
from napari_photon_denoise.metrics.resolution import (
    Resolution,
    read_resolution,
    ring_correlation,
)
from napari_photon_denoise.metrics.resolution_ratio import omega, psf_volume
from napari_photon_denoise.metrics.signal_improvement import (
    SignalImprovement,
    fit_signal_improvement,
)
from napari_photon_denoise.metrics.slices import by_slice
from napari_photon_denoise.metrics.squared_error import bias, mse, psnr, snr
from napari_photon_denoise.metrics.structure import ssim
from napari_photon_denoise.metrics.support import measure_support
from napari_photon_denoise.metrics.thinning import split, thin

__all__ = [
    "INVENTED",
    "METRIC_EPSILON",
    "OVER_SMOOTHED",
    "NotApplicable",
    "Resolution",
    "SignalImprovement",
    "affine_fit",
    "bias",
    "by_slice",
    "common_edges",
    "correct_shared_frames",
    "curves_as_csv",
    "find_flags",
    "find_inconsistent",
    "find_obstacle",
    "find_unbalanced",
    "fine_noise",
    "fit_signal_improvement",
    "held_out_difference",
    "ks_distance",
    "largest_gap",
    "line_profile",
    "measure_consistency",
    "measure_curves",
    "measure_photon_balance",
    "measure_region_consistency",
    "measure_support",
    "mse",
    "mse_to_noisy_truth",
    "nrmse",
    "omega",
    "poisson_kl",
    "profile_noise",
    "profiles_as_csv",
    "psf_volume",
    "psnr",
    "read_resolution",
    "ring_correlation",
    "sample_line",
    "scale_truth",
    "score_held_out",
    "si_psnr",
    "snr",
    "split",
    "ssim",
    "symmetric_kl",
    "thin",
    "tile_labels",
    "tile_place",
    "truth_noise",
    "truth_range",
    "z_map",
]
