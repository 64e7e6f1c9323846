"""How far apart two images' histograms lie, wherever in the image the values are."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

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
    return widest_gap(image, truth)[0]


def widest_gap(first: Float32, second: Float32) -> tuple[float, float, float, float]:
    """Find where two cumulative histograms are farthest apart.

    Parameters
    ----------
    first, second : arrays of any shape, which may differ, float32, e-
        Not empty, finite.

    Returns
    -------
    distance : float, from 0 to 1
    at : float, e-
        The value at which it lies; the lowest one if there are several.
    first, second : float
        Shares of the two images' pixels at or below `at`.
    """
    ordered = [np.sort(image, axis=None) for image in (first, second)]
    # Both are steps that rise at values: the gap is widest at a value of one of them.
    candidates = []
    for values in ordered:
        one, other = (at_or_below(image, values) for image in ordered)
        gaps = np.abs(one - other)
        widest = int(np.argmax(gaps))
        shares = float(one[widest]), float(other[widest])
        candidates.append((float(gaps[widest]), float(values[widest]), *shares))
    return min(candidates, key=lambda found: (-found[0], found[1]))


def at_or_below(ordered: Float32, values: ArrayLike) -> NDArray[np.float64]:
    """Share of sorted pixels at or below each of `values`."""
    below: NDArray[np.float64] = np.searchsorted(ordered, values, side="right") / ordered.size
    return below
