"""Estimate an image's noise, with the points that the estimate's line goes through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.camera.estimate import NoiseEstimate, estimate_job
from napari_photon_denoise.camera.estimate.out_of_band import join, measure_tiles
from napari_photon_denoise.camera.estimate.sampling import plan_windows, read_windows
from napari_photon_denoise.job import Job, Progress

SHOWN = 4e6  # px whose tiles are shown


@dataclass(frozen=True, eq=False)
class Estimated:
    """An estimate, and what it looks like.

    Parameters
    ----------
    estimate : NoiseEstimate
    mean : (N,) float64, ADU
        Of parts of the image.
    variance : (N,) float64, ADU²
        Of the noise of these parts.
    """

    estimate: NoiseEstimate
    mean: NDArray[np.float64]
    variance: NDArray[np.float64]


def estimate_with_points(
    data: Any, axes: str, offset: float | None, read_noise: float | None
) -> Job[Estimated]:
    """Estimate, and measure some parts of the image again for the plot.

    A known offset is first left out: with it alone the line would be drawn through no
    read noise. Only where the image can't tell photon numbers without it, it is used.

    Parameters
    ----------
    data : array, ADU
    axes : str
    offset : float or None, ADU
    read_noise : float or None, e- rms

    Raises
    ------
    NoEstimate
        If the image can't tell.
    """
    if offset is not None and read_noise is not None:
        estimate = yield from estimate_job(data, axes, offset=offset, read_noise=read_noise)
    else:
        estimate = yield from estimate_job(data, axes)
        if offset is not None and estimate.relative:
            estimate = yield from estimate_job(data, axes, offset=offset)
    yield Progress("Drawing the curve", 1, 1)
    plan = plan_windows(tuple(data.shape), axes, SHOWN)
    tiles = join([measure_tiles(window) for window in read_windows(data, axes, plan)])
    return Estimated(estimate, tiles.mean, estimate.inflation * tiles.bands[:, 0])
