"""From what the stacks say to the calibration and its report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Calibration, Float32
from napari_photon_denoise.camera.transfer.defects import good_pixels
from napari_photon_denoise.camera.transfer.em import split_em
from napari_photon_denoise.camera.transfer.emva import emva_figures
from napari_photon_denoise.camera.transfer.fit import (
    EMVA_RANGE,
    Transfer,
    fit_transfer,
    weighted_line,
)
from napari_photon_denoise.camera.transfer.legs import find_two_legs
from napari_photon_denoise.camera.transfer.levels import Dark, Flat
from napari_photon_denoise.camera.transfer.pixels import PixelGain, pixel_gain, pixel_response
from napari_photon_denoise.camera.transfer.points import (
    Points,
    Saturation,
    emva_points,
    find_saturation,
    make_points,
)
from napari_photon_denoise.camera.transfer.report import CameraReport, LevelReport
from napari_photon_denoise.camera.transfer.settings import CalibrationSettings

Mask = NDArray[np.bool_]
MEDIAN_SD = 1.2533  # SD of a median over that of a mean, of normal values


def assemble(
    darks: Sequence[Dark],
    pooled: Dark,
    flats: Sequence[Flat],
    mask: NDArray[np.uint8],
    settings: CalibrationSettings,
) -> CameraReport:
    """Fit the photon transfer curve and put all figures together.

    Parameters
    ----------
    darks : sequence of Dark
        One a flat.
    pooled : Dark
        All of them.
    flats : sequence of Flat
    mask : (Y, X) uint8
        Bits of `Defect`.
    settings : CalibrationSettings

    Raises
    ------
    PhotonDenoiseError
        If no flat is usable.
    """
    good = good_pixels(mask)
    full = find_saturation(flats, pooled, settings.saturation)
    top = np.inf if full.signal is None else EMVA_RANGE * full.signal
    points, level_points = make_points(flats, darks, good, full), emva_points(flats, darks)
    transfer = fit_transfer(points, level_points, full)
    legs = find_two_legs(points.take(np.array(transfer.in_range)))
    if legs:
        # The low leg is what dim images are made of.
        transfer = fit_transfer(points, level_points, full, below=legs.break_at)
    line = transfer.line
    used = set(points.level[list(transfer.used)].tolist())
    levels = _levels(flats, darks, good, full, line.slope, used)
    response = pixel_response(flats, good, full, top)
    pixels = pixel_gain(flats, darks, good, full, line.slope, transfer.limit)
    em = settings.em_gain
    return CameraReport(
        calibration=_calibration(pooled, transfer, pixels, full, settings.per_pixel_gain),
        transfer=transfer,
        raw_line=weighted_line(_raw_points(levels, level_points)),
        points=points,
        levels=levels,
        level_points=level_points,
        dark=pooled.trace,
        saturation=full,
        emva=emva_figures(darks, pooled, flats, transfer.emva, full, settings.exposures),
        em=split_em(line.slope, em, settings.em_stages) if em else None,
        legs=legs,
        pixels=pixels,
        response=response,
        mask=mask,
        dark_variance=pooled.variance,
        settings=settings,
        files={},
    )


def _single(values: NDArray[Any]) -> Float32:
    return np.asarray(values, np.float32)


def _calibration(
    dark: Dark, transfer: Transfer, pixels: PixelGain, full: Saturation, per_pixel: bool
) -> Calibration:
    """Gain as one number, or as a map if that was asked for and the frames bear it."""
    gain = 1 / transfer.line.slope
    relative = transfer.line.total_sd / transfer.line.slope
    noise = _single(np.sqrt(dark.variance) * gain)
    count = dark.offset.size * dark.frames
    # The median of all pixels is so sharp that the whole dark's wandering decides.
    wander = float(dark.trace.means.std(ddof=1)) / np.sqrt(dark.frames)
    offset_sd = np.hypot(MEDIAN_SD * np.sqrt(np.median(dark.variance) / count), wander)
    noise_sd = float(np.median(noise)) * np.hypot(MEDIAN_SD * np.sqrt(1 / (2 * count)), relative)
    return Calibration(
        gain=pixels.shrunk if per_pixel and pixels.offered else gain,
        offset=dark.offset,
        read_noise=noise,
        gain_sd=gain * relative,
        offset_sd=float(offset_sd),
        read_noise_sd=float(noise_sd),
        source="measured",
        saturation=None if full.code is None else float(full.code),
    )


def _levels(
    flats: Sequence[Flat],
    darks: Sequence[Dark],
    good: Mask,
    full: Saturation,
    slope: float,
    used: set[int],
) -> tuple[LevelReport, ...]:
    reports = []
    for number, (flat, dark) in enumerate(zip(flats, darks, strict=True)):
        signal = float(flat.signal[good].mean(dtype=np.float64))
        inside = good & np.isfinite(flat.variance)
        variance = float(flat.variance[inside].mean(dtype=np.float64)) if inside.any() else 0.0
        at_ceiling = full.code is not None and flat.highest[good] >= full.code
        reports.append(
            LevelReport(
                trace=flat.trace,
                lights=flat.lights,
                signal=signal,
                photons=signal / slope,
                flicker=flat.flicker,
                flicker_effect=flat.flicker**2 * max(signal, 0.0) / slope,
                raw_variance=flat.raw_variance,
                variance=variance,
                dark_variance=float(dark.variance[good].mean(dtype=np.float64)),
                steadiness=flat.step_variance / flat.raw_variance if flat.raw_variance else 1.0,
                at_zero=float(1 - inside.sum() / good.sum()),
                at_ceiling=float(np.mean(at_ceiling)),
                used=number in used,
            )
        )
    return tuple(reports)


def _raw_points(levels: Sequence[LevelReport], level_points: Points) -> Points:
    """Points of the levels used, of good pixels, without frame normalisation."""
    use = np.array([level.used for level in levels])
    table = level_points.take(use)
    kept = [level for level in levels if level.used]
    return replace(
        table,
        signal=np.array([level.signal for level in kept]),
        variance=np.array([level.raw_variance - level.dark_variance for level in kept]),
    )
