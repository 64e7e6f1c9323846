"""Would a facility sign this calibration? Each test with its figure, threshold and advice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_photon_denoise.camera.transfer.codes import code_step, missing_codes
from napari_photon_denoise.camera.transfer.verdict import Status, Verdict, enough, small

if TYPE_CHECKING:
    from napari_photon_denoise.camera.transfer.report import CameraReport

__all__ = ["Status", "Verdict", "judge", "missing_codes"]


def judge(report: CameraReport) -> tuple[Verdict, ...]:
    """Hold a calibration against every test."""
    found: list[Verdict] = []
    for tests in (_of_gain, _of_lines, _of_light, _of_dark, _of_noise, _of_codes, _of_frames):
        found += tests(report)
    return tuple(found)


def _of_gain(report: CameraReport) -> list[Verdict]:
    needed = report.frames_needed(0.02)
    expected = report.settings.expected_gain
    found = [
        small(
            "gain-error", report.gain_precision, "%", 0.02, 0.10,
            "The gain is uncertain: take more frames, or levels on which the curve is straight.",
            f"The gain is {report.gain:.4g} e-/ADU; each pixel's own would need {needed} frames "
            "a level for 2 %.",
        ),
        _averaged(report),
    ]  # fmt: skip
    if expected:
        found.append(
            small(
                "expected-gain", abs(report.gain / expected - 1), "%", 0.15, 0.30,
                f"The gain is {report.gain:.3g} e-/ADU where {expected:.3g} was expected: check "
                "the mode of the camera, and that frames were not averaged or summed.",
                "The gain is as expected.",
            )
        )  # fmt: skip
    return found


def _averaged(report: CameraReport) -> Verdict:
    """Too little noise for a camera: an average of frames has all the marks of a higher gain."""
    # A lamp's flicker is common to all pixels: where it rules the raw variance, the few
    # frames are all the sample there is, and steps between them say nothing.
    slow = [
        level.steadiness
        for level in report.levels
        if level.used and level.trace.frames >= 10 and level.variance > 0.9 * level.raw_variance
    ]
    dependent = 1 - min(slow, default=1.0)
    if dependent > 0.15:
        return small(
            "averaged-frames", dependent, "%", 0.10, 0.15,
            "Frames share noise with the next ones, as a running average does: switch averaging "
            "and noise reduction off.", "",
        )  # fmt: skip
    # Makers set the dark noise to a count or more wherever the gain is fine enough to see it.
    dark = float(np.sqrt(np.median(report.dark_variance)))
    low = report.gain > 2 and dark < 1 and report.em is None
    return Verdict(
        "averaged-frames",
        "WARN" if low else "PASS",
        report.gain,
        f"{report.gain:.3g} e-/ADU, dark noise {dark:.3g} ADU",
        "warns above 2 e-/ADU with dark noise below 1 ADU",
        "There is less noise than most cameras have: give raw frames, not averages of several "
        "(a mode for high light looks alike)."
        if low
        else "Frames have the noise of single frames.",
    )


def _of_lines(report: CameraReport) -> list[Verdict]:
    transfer = report.transfer
    ranges = abs(transfer.wide.slope / transfer.line.slope - 1)
    thirds = abs(transfer.thirds_differ)
    verdicts = [
        _one_level(report),
        _intercept(report),
        small(
            "slope-by-range", 0.0 if report.legs else thirds, "%", 0.03, 0.10,
            "The slope differs between dim and bright levels: the camera is not linear, so "
            "calibrate in the range of your images.",
            "Dim and bright levels have one slope." if transfer.thirds
            else "Too few levels to compare dim and bright ones.",
        ),
        small(
            "range-of-fit", 0.0 if report.legs or not np.isfinite(ranges) else ranges,
            "%", 0.03, 0.10,
            "The fit of the lower range and one to 70 % of saturation disagree: the camera bends, "
            "or its counts are too coarse for its noise.",
            "The lower range and that to 70 % of saturation have one gain.",
        ),
    ]  # fmt: skip
    if report.legs:
        legs = report.legs
        verdicts.append(Verdict(
            "two-legs", "WARN", legs.break_at, f"break at {legs.break_at:.4g} ADU",
            "warns of a second leg",
            f"The camera joins two converters: below the break the gain is "
            f"{1 / legs.low_slope:.3g} e-/ADU (used), above it {1 / legs.high_slope:.3g}.",
        ))  # fmt: skip
    return verdicts


def _one_level(report: CameraReport) -> Verdict:
    used = sum(level.used for level in report.levels)
    return Verdict(
        "levels", "WARN" if report.one_level else "PASS", used, f"{used} used", "warns at 1",
        "One level only: the gain holds if the camera is linear, which was not tested; take at "
        "least three more levels." if report.one_level else "Several levels show linearity.",
    )  # fmt: skip


def _intercept(report: CameraReport) -> Verdict:
    free = report.transfer.free
    if free is None:
        return Verdict(
            "intercept", "PASS", 0.0, "not tested", "needs 3 levels",
            "Too few levels to test whether the line meets the dark.",
        )  # fmt: skip
    top = free.intercept + free.slope * free.high
    share = abs(free.intercept) / top
    sure = abs(free.intercept) > 3 * free.intercept_sd
    return small(
        "intercept", share if sure else 0.0, "%", 0.02, 0.10,
        "The line misses the dark: take the dark with the exposure and mode of the flats.",
        "The line meets the dark.",
    )  # fmt: skip


def _of_light(report: CameraReport) -> list[Verdict]:
    used = [level for level in report.levels if level.used]
    worst = max(used, key=lambda level: level.flicker_effect)
    raw = abs(report.raw_line.slope / report.transfer.line.slope - 1)
    strongest = max(level.signal for level in report.levels)
    sigma = float(np.sqrt(np.median(report.dark_variance)))
    left_out = sum(len(level.trace.left_out) for level in report.levels)
    odd = sum(len(level.trace.odd) for level in used) + len(report.dark.odd)
    return [
        small(
            "flicker", worst.flicker_effect, "%", 0.01, 0.20,
            f"The light changes by {100 * worst.flicker:.2g} % from frame to frame: use a "
            "stabilised source; the effect on the gain was corrected.",
            "The light is steady.",
        ),
        small(
            "frame-normalisation", raw, "%", 0.02, 0.10,
            "The gain rests on the correction for unsteady light: use a stabilised source.",
            "Correcting for the light changes nothing.",
        ),
        small(
            "odd-frames", odd + left_out, "frames", 0, None,
            f"Some frames differ from the others of their level ({left_out} were left out): look "
            "at the traces.",
            "All frames of a level are alike.",
        ),
        small(
            "ceiling", max(level.at_ceiling for level in used), "%", 0.0, 0.01,
            "Pixels are full within the range of the fit: use less light.",
            "No pixel is full in the levels used.",
        ),
        small(
            "flat-above-dark", 5 * sigma / max(strongest, 1e-9), "of the brightest flat", None, 1,
            "No flat lies 5 dark noises above the dark: use more light.",
            "The flats are bright enough.",
        ),
    ]  # fmt: skip


def _of_dark(report: CameraReport) -> list[Verdict]:
    codes = report.dark.codes
    means = report.dark.means
    tenth = max(1, len(means) // 10)
    drift = abs(float(means[-tenth:].mean() - means[:tenth].mean()))
    sigma = float(np.sqrt(np.median(report.dark_variance)))
    return [
        small(
            "dark-at-zero", float(codes[0] / codes.sum()), "%", 0.001, 0.005,
            "Dark counts are cut off at 0: raise the camera's offset.",
            "The offset keeps dark counts above 0.",
        ),
        small(
            "dark-drift", drift / sigma if sigma else 0.0, "read noises", 0.5, None,
            "The dark drifts: let the camera reach its temperature, then take darks and flats.",
            "The dark is steady.",
        ),
        _coarse(report),
    ]  # fmt: skip


def _coarse(report: CameraReport) -> Verdict:
    """Judge whether rounding hides the dark noise; the worse, the fewer codes there are."""
    variance = report.dark.pair_variance
    step = code_step(report.dark.codes)
    low = variance < 0.24 * step**2
    top = max(level.trace.highest for level in report.levels)
    # Noise that does not reach the next code dithers nothing: the flats are biased too.
    fails = low and (top <= 255 or variance < step**2 / 12)
    return Verdict(
        "dark-variance", "FAIL" if fails else "WARN" if low else "PASS",
        variance, f"{variance:.3g} ADU²", f"warns below {0.24 * step**2:.3g} ADU²",
        "Counts are too coarse for the noise, so gain and read noise can't be trusted: use a "
        "mode with more bits." if fails
        else "Rounding hides the read noise, which is only an upper bound: use a mode with more "
        "bits or higher gain." if low
        else "Counts are fine enough for the dark noise.",
    )  # fmt: skip


def _of_noise(report: CameraReport) -> list[Verdict]:
    flats = [level.trace.whiteness for level in report.levels if level.used]
    # A correlation counts where it is sure.
    correlation = max(
        (
            abs(value) if abs(value) > 3 * white.error else 0.0
            for white in flats
            if white
            for value in (white.along_x, white.along_y)
        ),
        default=0.0,
    )
    dark = report.dark.whiteness
    rows = max(dark.rows, dark.columns) if dark else 1.0
    return [
        small(
            "neighbours", correlation, "", 0.02, 0.10,
            "Noise is shared between neighbours, so the gain is wrong: switch off defect "
            "correction, filters and interpolation, and bin by summing.",
            "Each pixel has its own noise.",
        ),
        small(
            "row-noise", rows, "", 2, None,
            "Whole rows or columns of the dark share noise: stripes will stay in dim images, "
            "but the gain is not touched.",
            "Rows and columns have no noise of their own.",
        ),
    ]  # fmt: skip


def _of_codes(report: CameraReport) -> list[Verdict]:
    histograms = [report.dark.codes, *(level.trace.codes for level in report.levels)]
    step = code_step(np.sum(histograms, axis=0))
    missing = max(missing_codes(codes, step) for codes in histograms)
    return [
        small(
            "code-step", step, "ADU", 1, None,
            f"Counts come in steps of {step} ADU: the file holds fewer bits than it seems, and "
            "rounding noise is larger by that.",
            "Every code is used.",
        ),
        small(
            "missing-codes", missing, "%", 0.05, 0.20,
            "Codes are missing between used ones: the frames were rescaled or compressed with "
            "loss, so take the camera's raw files.",
            "No gaps between codes.",
        ),
    ]  # fmt: skip


def _of_frames(report: CameraReport) -> list[Verdict]:
    flats = [level.trace.frames for level in report.levels if level.used]
    # The first frame, left out, was taken nevertheless.
    spared = int(report.settings.drop_first and min(flats) >= 4)
    maps = report.settings.per_pixel_gain
    verdicts = [
        enough("dark-frames", report.dark.frames + spared, 100, "Take 100 dark frames or more."),
        enough(
            "flat-frames", min(flats) + spared, 1000 if maps else 20,
            "Each pixel's own gain needs 1000 frames a level." if maps
            else "Take 20 frames a level or more.",
        ),
    ]  # fmt: skip
    if maps and not report.pixels.offered:
        verdicts.append(Verdict(
            "gain-map", "WARN", report.pixels.precision, f"{100 * report.pixels.precision:.3g} %",
            "needs a spread sure by 3 SD and 2 % a pixel",
            "The frames don't bear a map of the gain, so one number was used: take "
            f"{report.frames_needed(0.02)} frames a level.",
        ))  # fmt: skip
    if report.missing_files:
        names = ", ".join(report.missing_files)
        verdicts.append(Verdict(
            "missing-files", "WARN", len(report.missing_files), names, "warns of gaps",
            f"Numbered files are missing in between ({names}): make sure that nothing was lost.",
        ))  # fmt: skip
    return verdicts
