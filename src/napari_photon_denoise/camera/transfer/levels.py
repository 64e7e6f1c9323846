"""What one stack of frames says: the dark, or a flat of one brightness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.camera.transfer.differences import DifferenceSums
from napari_photon_denoise.camera.transfer.light import LightSums
from napari_photon_denoise.camera.transfer.stacks import Stack
from napari_photon_denoise.camera.transfer.sums import StackSums
from napari_photon_denoise.camera.transfer.traces import (
    Trace,
    check_stack,
    make_trace,
    odd_frames,
)
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import Job, Progress

Float64 = NDArray[np.float64]
Counts = NDArray[np.uint16]

__all__ = ["Dark", "Flat", "Trace", "measure_dark", "measure_flat", "pool_darks"]

LEAST_TELEGRAPH = 20  # frames
SLOW = 6.0  # SD of the ratio of variance to that by steps


@dataclass(frozen=True, eq=False)
class Dark:
    """Frames without light.

    Parameters
    ----------
    trace : Trace
    offset : (Y, X) float32, ADU
        Mean of each pixel.
    variance : (Y, X) float32, ADU²
        Temporal variance of each pixel: read noise, dark current and rounding.
    telegraph : (Y, X) bool
        Pixels whose dark counts wander slowly, or leap farther than noise does.
    """

    trace: Trace
    offset: Float32
    variance: Float32
    telegraph: NDArray[np.bool_]

    @property
    def frames(self) -> int:
        """Number of frames."""
        return self.trace.frames


@dataclass(frozen=True, eq=False)
class Flat:
    """Frames of one brightness.

    Parameters
    ----------
    trace : Trace
    signal : (Y, X) float32, ADU
        Mean above the dark, at the mean light.
    variance : (Y, X) float32, ADU²
        Temporal variance at the mean light; NaN where a count touched 0.
    highest : (Y, X) uint16, ADU
    lights : (N,) float64
        Light of each frame over that of the first.
    frames : int
        Frames used.
    shot_share, dark_share : float
        By how much the normalisation has raised shot noise and dark noise.
    flicker : float
        Rms change of the light from frame to frame over its mean, beyond shot noise.
    step_variance, raw_variance : float, ADU²
        Temporal variance of the good pixels without frame normalisation, by steps between
        frames and about the mean; the first is far smaller where frames share their noise.
    """

    trace: Trace
    signal: Float32
    variance: Float32
    highest: Counts
    lights: Float64
    frames: int
    shot_share: float
    dark_share: float
    flicker: float
    step_variance: float
    raw_variance: float


def measure_dark(stack: Stack, drop_first: bool) -> Job[Dark]:
    """Read a stack of dark frames once.

    Raises
    ------
    PhotonDenoiseError
        For one frame only and for frames that are all the same.
    """
    sums, differences = StackSums.empty(stack.shape), DifferenceSums()
    for block in stack.blocks(drop_first):
        yield _progress(stack, sums.frames)
        sums.add(block)
        differences.add(block)
    check_stack(stack, sums)
    variance = sums.variance()
    return Dark(
        trace=make_trace(stack, sums, differences),
        offset=sums.mean(),
        variance=variance,
        telegraph=_telegraph(sums, variance),
    )


def measure_flat(stack: Stack, dark: Dark, good: NDArray[np.bool_], drop_first: bool) -> Job[Flat]:
    """Read a stack of flat frames once, normalising each by its light.

    Parameters
    ----------
    stack : Stack
    dark : Dark
        Of the same exposure time.
    good : (Y, X) bool
        Pixels that the light is measured by.
    drop_first : bool

    Raises
    ------
    PhotonDenoiseError
        For one frame only, another shape than the dark's, and frames that are all the same
        though not saturated.
    """
    if stack.shape != dark.offset.shape:
        raise PhotonDenoiseError(
            f"The {stack.name} has frames of {stack.shape} pixels, the dark of "
            f"{dark.offset.shape}: take both with the same region and binning."
        )
    dark_noise = float(np.sqrt(dark.variance.sum(dtype=np.float64, where=good)))
    light = LightSums(dark.offset, good, dark_noise)
    counted = yield from _count(stack, good, light, drop_first)
    return _flat(stack, good, light, counted)


@dataclass(frozen=True, eq=False)
class _Counted:
    """What is left of the exact sums of a flat: the sums themselves take 140 MB of 2048²."""

    trace: Trace
    highest: Counts
    touched_zero: NDArray[np.bool_]
    raw_variance: float
    step_variance: float


def _count(
    stack: Stack, good: NDArray[np.bool_], light: LightSums, drop_first: bool
) -> Job[_Counted]:
    sums, differences = StackSums.empty(stack.shape), DifferenceSums(light.offset)
    for block in stack.blocks(drop_first):
        yield _progress(stack, sums.frames)
        sums.add(block)
        light.add(block, sums.first)
        differences.add(block)
    check_stack(stack, sums, may_be_full=True)
    touched_zero = sums.lowest == 0
    raw, step = sums.mean_variances(good & ~touched_zero)
    trace = make_trace(stack, sums, differences, light.factors())
    return _Counted(trace, sums.highest, touched_zero, raw, step)


def _flat(stack: Stack, good: NDArray[np.bool_], light: LightSums, counted: _Counted) -> Flat:
    if (light.factors() > 0).sum() < 2:
        raise PhotonDenoiseError(
            f"The {stack.name} has fewer than two frames of about the same light: steady the "
            "lamp, or give frames of one brightness as one level."
        )
    signal, variance = light.signal(), light.variance()
    shot = float(variance.sum(dtype=np.float64, where=good))
    shot /= max(float(signal.sum(dtype=np.float64, where=good)), 1e-9) ** 2
    variance[counted.touched_zero] = np.nan
    used = light.relative()[light.factors() > 0]
    shares = light.shares()
    return Flat(
        trace=counted.trace,
        signal=signal,
        variance=variance,
        highest=counted.highest,
        lights=light.relative(),
        frames=len(used),
        shot_share=shares[0],
        dark_share=shares[1],
        flicker=float(np.sqrt(max(0.0, used.var(ddof=1) / used.mean() ** 2 - shot))),
        step_variance=counted.step_variance,
        raw_variance=counted.raw_variance,
    )


def pool_darks(darks: Sequence[Dark]) -> Dark:
    """Darks of several exposures as one: their offsets averaged, variances within each pooled."""
    if len(darks) == 1:
        return darks[0]
    frames = np.array([dark.frames for dark in darks], np.float64)
    codes = np.sum([dark.trace.codes for dark in darks], axis=0)
    means = np.concatenate([dark.trace.means for dark in darks])
    trace = Trace(
        name="dark",
        means=means,
        odd=odd_frames(means),
        left_out=(),
        codes=codes,
        whiteness=darks[0].trace.whiteness,
        pair_variance=float(np.average([d.trace.pair_variance for d in darks], weights=frames - 1)),
        mean=float(means.mean()),
    )
    return Dark(
        trace=trace,
        offset=_average([dark.offset for dark in darks], frames),
        variance=_average([dark.variance for dark in darks], frames - 1),
        telegraph=np.logical_or.reduce([dark.telegraph for dark in darks]),
    )


def _average(maps: Sequence[Float32], weights: Float64) -> Float32:
    total = np.zeros(maps[0].shape, np.float64)
    for one, weight in zip(maps, weights, strict=True):
        total += weight * one
    return np.asarray(total / weights.sum(), np.float32)


def _telegraph(sums: StackSums, variance: Float32) -> NDArray[np.bool_]:
    if sums.frames < LEAST_TELEGRAPH:
        return np.zeros(sums.shape, np.bool_)
    slow = sums.step_variance()
    np.divide(variance, slow, out=slow, where=slow > 0)
    typical = float(np.median(slow)) or 1.0  # above 1 where the whole dark drifts
    found: NDArray[np.bool_] = slow > typical * (1 + SLOW / np.sqrt(sums.frames))
    # In normal noise the extremes of N frames lie about 2√(2 ln N) SD apart.
    widest = 2 * np.sqrt(2 * np.log(sums.frames)) + 2.5
    span = sums.highest - sums.lowest
    found |= span > widest * np.sqrt(variance)
    return found & (span > 2)  # rounding alone leaps by 1


def _progress(stack: Stack, frames: int) -> Progress:
    total = stack.length or frames + 1
    return Progress(f"Reading {stack.name}, frame {frames + 1}", min(frames, total), total)
