"""What a calibration found, in words: for the page, the terminal and the widget."""

from __future__ import annotations

from math import floor, isfinite, log10

import numpy as np

from napari_photon_denoise.camera.transfer import CameraReport, Verdict

ORDER = ("FAIL", "WARN", "PASS")
PRECISIONS = (0.05, 0.02, 0.01)  # of the gain, that frames are counted for


def headline(report: CameraReport) -> str:
    """One line: gain with its SD, offset, read noise."""
    camera = report.calibration
    return (
        f"gain {with_sd(report.gain, report.gain * report.gain_precision)} e-/ADU, "
        f"offset {with_sd(offset_median(report), camera.offset_sd)} ADU, "
        f"read noise {report.read_noise_median:.3g} e- (median), "
        f"{report.read_noise_rms:.3g} e- (rms)"
    )


def conclusion(report: CameraReport) -> str:
    """One sentence: whether to measure with it."""
    total = len(report.verdicts)
    names = {
        status: [title(verdict) for verdict in report.verdicts if verdict.status == status]
        for status in ORDER
    }
    if names["FAIL"]:
        return (
            f"Do not measure with this calibration: {len(names['FAIL'])} of {total} tests failed "
            f"({listed(names['FAIL'])})."
        )
    if names["WARN"]:
        return (
            f"Usable, with care: {len(names['WARN'])} of {total} tests warn "
            f"({listed(names['WARN'])})."
        )
    return f"Fit for measuring: all {total} tests passed."


def sorted_verdicts(report: CameraReport) -> list[Verdict]:
    """Verdicts, the worst first."""
    return sorted(report.verdicts, key=lambda verdict: ORDER.index(verdict.status))


def title(verdict: Verdict) -> str:
    """Name of a test for people."""
    return verdict.key.replace("-", " ")


def identity(report: CameraReport) -> str:
    """Camera, serial number and mode, as far as they were given."""
    camera = report.calibration
    serial = f"serial {camera.serial}" if camera.serial else ""
    known = [part for part in (camera.camera, serial, camera.mode) if part]
    return ", ".join(known) or "Camera without a name"


def offset_median(report: CameraReport) -> float:
    """Median of the pixels' offsets, ADU."""
    return float(np.median(report.calibration.offset))


def response_spread(report: CameraReport) -> float | None:
    """Spread of the response between pixels without that of the light, a share."""
    return report.response.prnu if report.response else None


def frames_for(report: CameraReport) -> list[tuple[float, int, int]]:
    """Frames of each level by precision: for one gain of the camera, and for each pixel's own."""
    return [
        (
            precision,
            report.frames_needed(precision, per_pixel=False),
            report.frames_needed(precision),
        )
        for precision in PRECISIONS
    ]


def short(value: float, digits: int = 4) -> str:
    """Round a number to some digits, without an exponent unless it is huge or tiny."""
    return f"{float(f'{value:.{digits}g}'):g}" if abs(value) < 1e6 else f"{value:.{digits}g}"


def with_sd(value: float, sd: float | None) -> str:
    """Format a value to the digits that its standard deviation leaves."""
    return " ± ".join(value_and_sd(value, sd))


def value_and_sd(value: float, sd: float | None) -> tuple[str, ...]:
    """Format a value and its standard deviation apart; the value alone if that is unknown."""
    if sd is None or not isfinite(sd) or sd <= 0 or not isfinite(value):
        return (short(value),)
    digits = max(0, 1 - floor(log10(sd)))
    return f"{value:.{digits}f}", f"{sd:.{digits}f}"


def listed(names: list[str]) -> str:
    """Join names, the first few of many."""
    shown = names[:4] + ([f"{len(names) - 4} more"] if len(names) > 4 else [])
    return ", ".join(shown)
