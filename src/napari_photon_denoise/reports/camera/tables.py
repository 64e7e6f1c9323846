"""Tables of the report as HTML."""

from __future__ import annotations

import re
from html import escape

from napari_photon_denoise.camera.transfer import (
    CalibrationSettings,
    CameraReport,
    EmvaFigures,
    LevelReport,
)
from napari_photon_denoise.reports.camera.facts import versions
from napari_photon_denoise.reports.camera.words import (
    frames_for,
    response_spread,
    short,
    sorted_verdicts,
    title,
    with_sd,
)
from napari_photon_denoise.reports.tables import table

MARKS = {"PASS": "✓ PASS", "WARN": "! WARN", "FAIL": "✗ FAIL"}
NONE = "–"


def verdict_table(report: CameraReport) -> str:
    """Make the list of verdicts, the worst first."""
    rows = "\n".join(
        f'<tr><td class="mark {verdict.status.lower()}">{MARKS[verdict.status]}</td>'
        f'<td class="name">{escape(title(verdict))}</td>'
        f"<td>{_kept_together(verdict.figure)}</td>"
        f'<td class="soft">{_kept_together(verdict.threshold)}</td>'
        f"<td>{escape(verdict.advice)}</td></tr>"
        for verdict in sorted_verdicts(report)
    )
    return (
        '<div class="wide"><table class="verdicts"><thead><tr><th>verdict</th><th>test</th>'
        "<th>found</th>"
        f"<th>limits</th><th>what it means</th></tr></thead><tbody>\n{rows}\n</tbody></table></div>"
    )


def _kept_together(text: str) -> str:
    """Escape a text in which a number and its unit share a line, and parts start new ones."""
    joined = re.sub(r"(above|below|at|needs|\d) (?=[\d%A-Za-z])", "\\1\N{NO-BREAK SPACE}", text)
    return escape(joined).replace(", ", ",<br>")


def level_table(report: CameraReport) -> str:
    """Make the table of the flat levels."""
    dark = report.dark
    unknown = (NONE, NONE)
    first = (dark.name, str(dark.frames), short(dark.mean, 5), *unknown)
    rows: list[tuple[str, ...]] = [(*first, short(dark.pair_variance), *unknown, NONE)]
    rows += [_level_row(level) for level in report.levels]
    header = (
        "stack", "frames read", "mean (ADU)", "above dark (ADU)", "photons (e-)", "variance (ADU²)",
        "lamp rms (%)", "full pixels (%)", "in the fit",
    )  # fmt: skip
    return table(header, rows, ("", *["number"] * 7, ""))


def _level_row(level: LevelReport) -> tuple[str, ...]:
    return (
        level.trace.name,
        str(level.trace.frames),
        short(level.trace.mean, 5),
        short(level.signal, 5),
        short(level.photons),
        short(level.variance),
        short(100 * level.flicker, 2),
        short(100 * level.at_ceiling, 2),
        "yes" if level.used else "no",
    )


def emva_table(report: CameraReport) -> str:
    """Make the table of EMVA 1288 figures beside ours."""
    emva, line = report.emva, report.transfer.line
    response = response_spread(report)
    rows = [
        (
            "gain",
            "e-/ADU",
            with_sd(report.gain, report.gain * report.gain_precision),
            f"{1 / emva.system_gain:.4g}",
        ),
        (
            "system gain K (1 / gain)",
            "ADU/e-",
            with_sd(line.slope, line.total_sd),
            with_sd(emva.system_gain, emva.system_gain_sd),
        ),
        (
            "noise in the dark, rms of the pixels",
            "e-",
            f"{report.read_noise_rms:.3g}",
            f"{'below ' if emva.dark_noise_is_bound else ''}{emva.dark_noise:.4g}",
        ),
        ("the same, median of the pixels", "e-", f"{report.read_noise_median:.3g}", NONE),
        ("offset between pixels (DSNU)", "e-", NONE, f"{emva.dsnu:.3g}"),
        ("response between pixels (PRNU)", "%", _percent(response), _percent(emva.prnu)),
        *_emva_range(emva),
    ]
    return table(
        ("quantity", "unit", "here", "EMVA 1288"), rows, ("", "", "number", "number"), "narrow"
    )


def _emva_range(emva: EmvaFigures) -> list[tuple[str, str, str, str]]:
    linear = " / ".join(f"{100 * off:+.2f}" for off in emva.linearity or ()) or NONE
    bits = emva.dynamic_range_bits
    return [
        ("linearity error, lowest / highest", "%", NONE, linear),
        ("saturation capacity", "e-", NONE, _number(emva.saturation)),
        ("largest signal-to-noise ratio", "", NONE, _number(emva.snr_max)),
        (
            "dynamic range",
            "",
            NONE,
            f"{short(emva.dynamic_range)} ({bits:.3g} bit)"
            if emva.dynamic_range and bits
            else NONE,
        ),
    ]


def frames_table(report: CameraReport) -> str:
    """Make the table of frames that precisions of the gain need."""
    rows = [
        (f"{100 * precision:g} %", str(pooled), str(single))
        for precision, pooled, single in frames_for(report)
    ]
    header = ("precision of the gain", "one gain for the camera", "each pixel's own gain")
    return table(header, rows, ("", "number", "number"), "narrow")


def settings_table(report: CameraReport) -> str:
    """Make the table of settings, camera and versions."""
    camera, settings = report.calibration, report.settings
    height, width = report.mask.shape
    rows = [
        ("camera", camera.camera or "not given"),
        ("serial number", camera.serial or "not given"),
        ("mode", camera.mode or "not given"),
        ("binning", str(camera.binning)),
        ("frames", f"{width} × {height} px"),
        ("region (y, x, height, width)", str(camera.roi) if camera.roi else "not given"),
        *_settings_rows(settings),
        ("calibration, SHA-256", camera.digest),
        *versions().items(),
    ]
    return table(("", ""), rows, ("name", ""), "narrow")


def _settings_rows(settings: CalibrationSettings) -> list[tuple[str, str]]:
    exposures = settings.exposures
    return [
        ("EM gain", _number(settings.em_gain, "none")),
        ("EM stages", _number(settings.em_stages, "not given")),
        ("exposures", ", ".join(f"{e:g}" for e in exposures) if exposures else "not given"),
        ("saturation", _number(settings.saturation, "found from the frames")),
        ("expected gain", _number(settings.expected_gain, "not given")),
        ("gain", "map asked for" if settings.per_pixel_gain else "one number for all pixels"),
        ("first frame", "left out of five or more" if settings.drop_first else "used"),
    ]


def files_table(report: CameraReport) -> str:
    """Make the table of files with their SHA-256."""
    if not report.files:
        return '<p class="soft">The frames came from memory, not from files.</p>'
    rows = [(path, digest or "a folder") for path, digest in report.files.items()]
    return table(("file", "SHA-256"), rows, ("code", "code"))


def _percent(share: float | None) -> str:
    return NONE if share is None else f"{100 * share:.3g}"


def _number(value: float | None, none: str = NONE) -> str:
    return none if value is None else short(value)
