"""How far apart two images' histograms lie, wherever in the image the values are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.metrics.checks import check_image


def ks_distance(image: Float32, truth: Float32) -> float:
    """Kolmogorov-Smirnov distance: the widest gap between two cumulative histograms.

    The supremum is exact, over the union of the values, without bins. It is blind to
    position, so a shuffled image has distance 0, and it is the same after any increasing
    map of both images. There is no p-value: pixels are not independent. Massey 1951,
    doi:10.1080/01621459.1951.10500769.

    Parameters
    ----------
    image, truth : arrays of any shape, which may differ, float32, e-

    Returns
    -------
    float, from 0 to 1

    Raises
    ------
    PhotonDenoiseError
        If an image is empty, or a pixel is NaN or infinite.
    """
    check_image(image)
    check_image(truth, "truth")
    first, second = (np.sort(a, axis=None) for a in (image, truth))
    # Both are steps that rise at values: the gap is widest at a value of one of them.
    gaps = (_steps(first, values) - _steps(second, values) for values in (first, second))
    return float(max(np.abs(gap).max() for gap in gaps))


def _steps(ordered: Float32, values: Float32) -> NDArray[np.float64]:
    """Share of `ordered` at or below each of `values`."""
    below: NDArray[np.float64] = np.searchsorted(ordered, values, side="right") / ordered.size
    return below
