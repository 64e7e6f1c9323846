"""Structural similarity."""

from __future__ import annotations

import numpy as np

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.checks import check_pair, check_range
from napari_photon_denoise.metrics.slices import by_slice

SSIM_SIGMA = 1.5  # px; an 11 × 11 window
SMALLEST_SSIM = 11  # px
SSIM_K1, SSIM_K2 = 0.01, 0.03


def ssim(image: Float32, truth: Float32, data_range: float) -> float:
    """Structural similarity as Wang et al. define it, planes averaged.

    Gaussian window of 1.5 px in 11 × 11, K1 0.01, K2 0.03, population covariance, only
    windows that lie inside the image (doi:10.1109/TIP.2003.819861).

    Parameters
    ----------
    image, truth : (..., Y, X) float32, e-
        At least 11 px wide and high.
    data_range : float, e-
        The truth's maximum minus its minimum.

    Returns
    -------
    float
        1 for equal images; it may be negative.

    Raises
    ------
    PhotonDenoiseError
        If the shapes differ, the images are smaller than the window, a pixel is not
        finite, or the range is not above 0.
    """
    from skimage.metrics import structural_similarity

    check_pair(image, truth)
    check_range(data_range)
    if image.ndim < 2 or min(image.shape[-2:]) < SMALLEST_SSIM:
        raise PhotonDenoiseError(
            f"SSIM needs images of at least {SMALLEST_SSIM}×{SMALLEST_SSIM} px."
        )

    def of_plane(plane: Float32, true_plane: Float32) -> float:
        # In float32 the variance over a bright background would drown in rounding.
        value = structural_similarity(
            plane.astype(np.float64),
            true_plane.astype(np.float64),
            data_range=data_range,
            gaussian_weights=True,
            sigma=SSIM_SIGMA,
            use_sample_covariance=False,
            K1=SSIM_K1,
            K2=SSIM_K2,
        )
        return float(value)

    return float(np.mean(by_slice(of_plane, image, truth)))
