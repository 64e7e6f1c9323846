"""The job: from an image to the estimate of its noise."""

from __future__ import annotations

import numpy as np

from napari_photon_denoise.axes import check_array, check_axes
from napari_photon_denoise.camera.estimate.check import check_slope, measure_blocks
from napari_photon_denoise.camera.estimate.correlation import ROUNDING
from napari_photon_denoise.camera.estimate.fit import Fit, Measured, fit_noise, fit_through
from napari_photon_denoise.camera.estimate.out_of_band import join, measure_tiles
from napari_photon_denoise.camera.estimate.refusals import (
    check_line,
    check_sampling,
    check_span,
    check_tiles,
)
from napari_photon_denoise.camera.estimate.regions import join_regions, measure_regions
from napari_photon_denoise.camera.estimate.result import NoiseEstimate
from napari_photon_denoise.camera.estimate.sampling import plan_windows, read_windows
from napari_photon_denoise.camera.estimate.sentences import say
from napari_photon_denoise.camera.estimate.undersampling import undersampling
from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.photons import LazyArray

SYSTEMATIC = 0.02  # relative error of the slope that no resampling shows


def estimate_job(
    data: LazyArray, axes: str, *, offset: float | None = None, read_noise: float = 0.0
) -> Job[NoiseEstimate]:
    """Estimate gain, effective offset and correlation of an image's noise.

    The power outside the microscope's band against the mean of tiles gives the line
    (Heintzmann et al. 2016, arXiv:1611.05654); of a movie, the differences of successive
    frames are taken, in which a resting scene cancels. At most some tens of Mpx are read.

    Parameters
    ----------
    data : array, any real dtype, ADU
        numpy, dask, zarr or h5py; read window by window.
    axes : str
        A letter of "TCZYX" a dimension.
    offset : float, optional
        The camera's offset, ADU, if known: then an evenly bright image will do.
    read_noise : float
        The camera's read noise, e- rms; used with `offset` only.

    Returns
    -------
    NoiseEstimate
        Through the generator's return value.

    Raises
    ------
    NoEstimate
        If the image can't tell: undersampled, processed, evenly bright, saturated, empty.
    PhotonDenoiseError
        For axes that don't fit, NaN, or an image that is too small.
    """
    check_array(data.shape, data.dtype)
    check_axes(axes, data.shape)
    measured = yield from _measure(data, axes)
    check_tiles(measured.tiles)
    ratio = undersampling(measured.tiles)
    if offset is None:
        fit = fit_noise(measured)
        check_line(fit.line, fit.spread)
    else:
        fit = fit_through(offset, read_noise, measured)
    notes = [check_sampling(ratio)] if fit.correlation.white else []
    if offset is None:
        check_span(measured.tiles, fit.line)
    return _result(measured, fit, ratio, [note for note in notes if note])


def _measure(data: LazyArray, axes: str) -> Job[Measured]:
    plan = plan_windows(tuple(data.shape), axes)
    tiles, regions, blocks = [], [], []
    whole, dark = True, []
    for number, window in enumerate(read_windows(data, axes, plan)):
        yield Progress(f"Estimating noise, part {number + 1} of {len(plan)}", number, len(plan))
        tiles.append(measure_tiles(window))
        regions.append(measure_regions(window))
        blocks.append(measure_blocks(window))
        whole = whole and window.whole
        dark.append(float((window.mean <= 0).mean()))
    yield Progress("Estimating noise", len(plan), len(plan))
    mean, variance = (np.concatenate(column) for column in zip(*blocks, strict=True))
    return Measured(
        tiles=join(tiles),
        regions=join_regions(regions),
        check=(mean, variance),
        rounding=ROUNDING if whole else 0.0,
        movie="T" in axes and data.shape[axes.index("T")] > 1,
        dark_share=float(np.mean(dark)),
    )


def _result(measured: Measured, fit: Fit, ratio: float, notes: list[str]) -> NoiseEstimate:
    line, correlation = fit.line, fit.correlation
    leak = 0.5 * max(0.0, ratio - 1.03) if correlation.white else 0.0
    spread = float(np.sqrt(fit.spread**2 + SYSTEMATIC**2 + leak**2))
    width = float(np.exp(1.96 * spread))
    # A relative error of the slope at the darkest tile moves the zero by this much.
    reach = 1.96 * np.hypot(SYSTEMATIC, leak) * abs(float(measured.tiles.mean.min()) - line.zero)
    low, high = (abs(end - line.zero) for end in fit.zero_interval)
    gain = 1 / line.slope
    checked = check_slope(*measured.check) if correlation.white else None
    estimate = NoiseEstimate(
        gain=gain,
        gain_interval=(gain / width, gain * width),
        offset_eff=line.zero,
        offset_eff_interval=(
            line.zero - float(np.hypot(low, reach)),
            line.zero + float(np.hypot(high, reach)),
        ),
        length_y=correlation.length_y,
        length_x=correlation.length_x,
        inflation=correlation.inflation,
        source="movie" if measured.movie else "image",
        undersampling=ratio,
        check_gain=1 / checked if checked else None,
        sentences=(),
    )
    return say(estimate, measured.tiles, line, measured.dark_share, notes)
