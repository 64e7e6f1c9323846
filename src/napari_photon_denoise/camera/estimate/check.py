"""An independent check: the median Laplacian of small blocks, against their mean.

It knows nothing of frequencies: second differences cancel what is smooth, their median
ignores sparse structure, and a robust line goes through the blocks. Where structure is
everywhere it says too little, so it is a check and not the estimate. After PureDenoise
(Luisier et al. 2010, https://doi.org/10.1109/TIP.2010.2073477), simplified.
"""

from __future__ import annotations

import numpy as np

from napari_photon_denoise.camera.estimate.line import Float64, fit_line
from napari_photon_denoise.camera.estimate.out_of_band import cut
from napari_photon_denoise.camera.estimate.sampling import Window

BLOCK = 32  # px
FEWEST = 64  # blocks; fewer make a line that says less than the estimate
MAD = 1.4826  # standard deviation of a normal distribution over its median deviation
DIFFERENCE = (1.0, -2.0, 1.0)  # in y and in x; squares sum to 36


def measure_blocks(window: Window) -> tuple[Float64, Float64]:
    """Mean (ADU) and variance (ADU²) of the blocks of a window."""
    from scipy.ndimage import correlate1d

    second = correlate1d(correlate1d(window.noise, DIFFERENCE, axis=0), DIFFERENCE, axis=1)
    usable = ~cut(window.full, BLOCK).any(axis=(1, 2))
    values = cut(second, BLOCK)[usable].reshape(-1, BLOCK * BLOCK)
    mean = cut(window.mean, BLOCK)[usable].mean(axis=(1, 2), dtype=np.float64)
    centre = np.median(values, axis=1, keepdims=True)
    variance = (MAD * np.median(np.abs(values - centre), axis=1)) ** 2 / 36
    return mean, variance.astype(np.float64)


def check_slope(mean: Float64, variance: Float64) -> float | None:
    """Slope (ADU/e-) of the robust line, or None where there is none."""
    usable = variance > 0
    if np.count_nonzero(usable) < FEWEST:
        return None
    slope = fit_line(mean[usable], variance[usable])[0].slope
    return slope if slope > 0 else None
