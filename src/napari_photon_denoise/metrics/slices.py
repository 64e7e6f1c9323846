"""A figure of every plane by itself."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.checks import check_pair


def by_slice(
    figure: Callable[[Float32, Float32], float], first: Float32, second: Float32
) -> NDArray[np.float64]:
    """Take a figure of two images in each (Y, X) plane.

    Parameters
    ----------
    figure : function of two (Y, X) images
        Such as `mse` or `symmetric_kl`.
    first, second : (..., Y, X) float32, e-
        In the order that `figure` takes.

    Returns
    -------
    (...,) float64, in the figure's unit
        One number a plane, with the leading axes of the images.

    Raises
    ------
    PhotonDenoiseError
        If the shapes differ, an image has no plane, or a pixel is NaN or infinite.
    """
    check_pair(first, second, ("first image", "second"))
    if first.ndim < 2:
        raise PhotonDenoiseError(f"A plane has two axes, Y and X; the shape is {first.shape}.")
    planes = (a.reshape(-1, *a.shape[-2:]) for a in (first, second))
    values = [figure(a, b) for a, b in zip(*planes, strict=True)]
    return np.array(values, np.float64).reshape(first.shape[:-2])
