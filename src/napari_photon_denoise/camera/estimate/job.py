"""The job: from an image to the estimate of its noise."""

from __future__ import annotations

from functools import reduce
from operator import add

import numpy as np

from napari_photon_denoise.axes import check_array, check_axes
from napari_photon_denoise.camera.estimate.blur import share_outside
from napari_photon_denoise.camera.estimate.check import check_slope, measure_blocks
from napari_photon_denoise.camera.estimate.correlation import Correlation
from napari_photon_denoise.camera.estimate.cut_off import is_cut_off, restored
from napari_photon_denoise.camera.estimate.finest import measure_finest
from napari_photon_denoise.camera.estimate.fit import Fit, fit_noise
from napari_photon_denoise.camera.estimate.lattice import measure_lattice
from napari_photon_denoise.camera.estimate.measured import FEWEST_TILES, Measured
from napari_photon_denoise.camera.estimate.out_of_band import BANDS, join, measure_tiles, tile_edge
from napari_photon_denoise.camera.estimate.outliers import count_hot
from napari_photon_denoise.camera.estimate.refusals import (
    NoEstimate,
    check_computed,
    check_quiet,
    check_smoothing,
    check_steps,
    no_detail,
    shows_noise,
)
from napari_photon_denoise.camera.estimate.regions import (
    join_regions,
    measure_regions,
    measure_steps,
    measure_zeros,
)
from napari_photon_denoise.camera.estimate.result import NoiseEstimate
from napari_photon_denoise.camera.estimate.rungs import Told, climb, one_level, through
from napari_photon_denoise.camera.estimate.sampling import Remembered, plan_windows, read_windows
from napari_photon_denoise.camera.estimate.sentences import say
from napari_photon_denoise.camera.estimate.structure import Floor
from napari_photon_denoise.counts import LazyArray
from napari_photon_denoise.job import Job, Progress

ROUNDING = 1 / 12  # ADU², variance that rounding adds
FLOAT = 2e-6  # of the largest value: error of what was computed in single precision
LONE = 0.5  # of the pixels that are empty where photons are alone
CHECKED = 4  # windows that the check looks at
NOTHING = 1e-7  # of the largest value: noise below that is the arithmetic's


def estimate_job(
    data: LazyArray, axes: str, *, offset: float | None = None, read_noise: float = 0.0
) -> Job[NoiseEstimate]:
    """Estimate an image's noise: gain, effective offset, and how far neighbours share it.

    The power outside the microscope's band against the mean of tiles gives the variance at each
    brightness (after Heintzmann et al. 2016, arXiv:1611.05654); of a movie, the differences of
    successive frames are taken, in which a resting scene cancels. At most some Mpx are read.

    Parameters
    ----------
    data : array, any real dtype, ADU
        numpy, dask, zarr or h5py; read window by window.
    axes : str
        A letter of "TCZYX" a dimension.
    offset : float, optional
        The camera's offset, ADU, if known: photon numbers are then known too.
    read_noise : float
        The camera's read noise, e- rms; used with `offset` only.

    Returns
    -------
    NoiseEstimate
        Through the generator's return value.

    Raises
    ------
    NoEstimate
        If there is no noise: empty, constant, a mask, labels, denoised already, one pixel.
    PhotonDenoiseError
        For axes that don't fit, NaN, or values beyond all cameras'.
    """
    check_array(data.shape, data.dtype)
    check_axes(axes, data.shape)
    data = Remembered(data)
    estimate = yield from _estimate(data, axes, offset, read_noise)
    return count_hot(data, plan_windows(tuple(data.shape), axes), estimate)


def _estimate(
    data: LazyArray, axes: str, offset: float | None, read_noise: float
) -> Job[NoiseEstimate]:
    measured = yield from _measure(data, axes)
    try:
        if measured.lattice != "jpeg":  # whose smooth blocks are of one value
            check_steps(measured.steps)
        check_quiet(measured.quiet)
        if measured.few:
            return _from_finest(measured, "×".join(str(size) for size in data.shape))
        fit = fit_noise(measured)
        check_smoothing(fit.correlation)
        if not shows_noise(fit, measured):
            check_computed(measured.steps)
            return _plainest(measured)
    except NoEstimate as error:
        plainest = None if measured.steps.constant else _plainest(measured)
        raise NoEstimate(str(error), plainest) from None
    told = climb(measured, fit) if offset is None else _known(offset, read_noise, measured, fit)
    return say(_result(measured, fit, told), measured, fit)


def _measure(data: LazyArray, axes: str, *, repeated: bool = False) -> Job[Measured]:
    plan = plan_windows(tuple(data.shape), axes)
    tiles, regions, blocks, zeros, steps, lattices, finest = [], [], [], [], [], [], []
    whole, edge = True, 0
    for number, window in enumerate(read_windows(data, axes, plan)):
        yield Progress(f"Looking at the noise, part {number + 1} of {len(plan)}", number, len(plan))
        lattices.append(measure_lattice(window))
        window = window.every_second() if repeated else window
        tiles.append(measure_tiles(window))
        regions.append(measure_regions(window))
        if number < CHECKED:
            blocks.append(measure_blocks(window))
        if np.count_nonzero(tiles[-1].bands[:, 0]) < FEWEST_TILES:
            finest.append(measure_finest(window))
        zeros.append(measure_zeros(window))
        steps.append(measure_steps(window))
        whole, edge = whole and window.whole, tile_edge(window.noise.shape)
    yield Progress("Looking at the noise", len(plan), len(plan))
    kind = reduce(add, lattices).kind
    if kind == "repeated" and not repeated:
        return (yield from _measure(data, axes, repeated=True))
    every = join(tiles)
    # Float images of any scale: what counts is the noise relative to the signal.
    scale = float(np.abs(every.mean).max()) if len(every) else 0.0
    noisy = every.bands[:, 0] > (NOTHING * scale) ** 2
    seen = every.of(noisy)
    cut_off = is_cut_off(seen)
    mean, variance = (np.concatenate(column) for column in zip(*blocks, strict=True))
    details = [each for each in finest if each is not None]
    return Measured(
        tiles=restored(seen, whole=whole) if cut_off else seen,
        quiet=1 - float(noisy.mean()) if len(every) else 0.0,
        regions=join_regions(regions),
        rounding=_rounding(whole, zeros, scale),
        movie="T" in axes and data.shape[axes.index("T")] > 1,
        zeros=float(np.mean(zeros)),
        steps=reduce(add, steps),
        lattice=kind,
        check_slope=check_slope(mean, variance),
        edge=edge,
        finest=float(np.median(details)) if details else None,
        cut_off=cut_off,
    )


def _rounding(whole: bool, zeros: list[float], scale: float) -> float:
    """Variance (ADU²) that saving added: none to lone photons, which are whole numbers already."""
    if not whole:
        return (FLOAT * scale) ** 2
    return ROUNDING if float(np.mean(zeros)) < LONE else 0.0


def _from_finest(measured: Measured, shape: str) -> NoiseEstimate:
    """One level of noise, that of the finest detail of an image that shows little of it."""
    if measured.finest is None:
        raise no_detail(shape)
    if measured.finest == 0:
        check_computed(measured.steps)
    low, high = measured.steps.low, measured.steps.high
    variance = max(measured.finest, measured.rounding, ((high - low) / 2**11) ** 2)
    fit = Fit(Floor(variance, 0.0, low), (), Correlation(), 0.0)
    return say(_result(measured, fit, one_level(variance, low, high)), measured, fit)


def _plainest(measured: Measured) -> NoiseEstimate:
    """One level of noise, that of the finest detail, of an image that is not constant."""
    low, high = measured.steps.low, measured.steps.high
    powers = measured.tiles.bands[:, 0]
    # Where there is none at all, what an eighth of a bit of the whole range would make.
    least = ((high - low) / 2**11) ** 2
    variance = max(float(np.median(powers)) if len(powers) else 0.0, least)
    told = one_level(variance, low, high)
    fit = Fit(Floor(variance, 0.0, low), (), Correlation(), 0.0)
    return say(_result(measured, fit, told), measured, fit)


def _known(offset: float, read_noise: float, measured: Measured, fit: Fit) -> Told:
    """Draw the line through what is known of the camera."""
    mean = measured.tiles.mean
    if float(mean.mean()) <= offset:
        raise NoEstimate(
            f"The image is darker than the offset of {offset:.4g} ADU: check the offset."
        )
    line = through(offset, read_noise, mean, fit.floor.at(mean))
    levels = np.array([float(floor.at(mean).mean()) for floor in fit.drawn])
    spread = np.hypot(
        float(levels.std() / levels.mean()),
        fit.correlation.inflation_sd / fit.correlation.inflation,
    )
    return Told("line", line, float(spread), (line.zero, line.zero))


def _result(measured: Measured, fit: Fit, told: Told) -> NoiseEstimate:
    gain = 1 / told.line.slope
    width = float(np.exp(1.96 * told.spread))
    lengths = fit.correlation.length_y, fit.correlation.length_x
    inflation = 1.0
    if not fit.correlation.white:
        inflation = 1 / share_outside(*lengths, BANDS[0], measured.edge)
    return NoiseEstimate(
        gain=gain,
        gain_interval=(gain / width, gain * width),
        offset_eff=told.line.zero,
        offset_eff_interval=told.zero_interval,
        length_y=fit.correlation.length_y,
        length_x=fit.correlation.length_x,
        inflation=inflation,
        source="movie" if measured.movie else "image",
        sentences=(),
        rung=told.rung,
        floor=told.floor,
    )
