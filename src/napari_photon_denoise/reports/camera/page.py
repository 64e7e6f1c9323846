"""The report as one HTML page: nothing is fetched, nothing is run, it prints as it looks."""

from __future__ import annotations

from datetime import datetime
from html import escape

from napari_photon_denoise.camera.transfer import CameraReport
from napari_photon_denoise.reports.camera.curves import draw_traces, draw_transfer
from napari_photon_denoise.reports.camera.maps import (
    block,
    draw_histograms,
    draw_maps,
    draw_spectra,
)
from napari_photon_denoise.reports.camera.tables import (
    MARKS,
    emva_table,
    files_table,
    frames_table,
    level_table,
    settings_table,
    verdict_table,
)
from napari_photon_denoise.reports.camera.words import (
    conclusion,
    frames_for,
    identity,
    offset_median,
    short,
    value_and_sd,
)
from napari_photon_denoise.reports.page import html_page, section


def report_page(report: CameraReport) -> str:
    """Make the page.

    Parameters
    ----------
    report : CameraReport

    Returns
    -------
    str
        HTML with its style and pictures inside.
    """
    parts = (_header(report), _verdicts(report), _curve(report), _light(report))
    rest = (_maps(report), _emva(report), _frames(report), _record(report))
    return html_page(f"Camera calibration: {identity(report)}", (*parts, *rest))


def _header(report: CameraReport) -> str:
    height, width = report.mask.shape
    when = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z").strip()
    status = report.status
    return (
        "<header>\n<h1>Camera calibration</h1>\n"
        f'<p class="soft">{escape(identity(report))} · {width} × {height} px · '
        f"{len(report.levels)} flat levels · {when}</p>\n"
        f'<div class="status {status.lower()}"><b>{MARKS[status]}</b>'
        f"<span>{escape(conclusion(report))}</span></div>\n"
        f'<div class="cards">{"".join(_cards(report))}</div>\n{_em(report)}'
        '<p class="soft">photons = (counts − offset) × gain. "±" is one standard deviation. '
        "Photons are detected photons (photoelectrons, e-), before any division by the quantum "
        "efficiency; ADU are the camera's grey values.</p>\n</header>"
    )


def _cards(report: CameraReport) -> list[str]:
    camera, gain = report.calibration, report.gain
    precision, pooled, single = frames_for(report)[1]
    low, high = report.transfer.line.low * gain, report.transfer.line.high * gain
    full = report.emva.saturation
    return [
        _card(
            "gain",
            value_and_sd(gain, gain * report.gain_precision),
            "e-/ADU",
            f"{1 / gain:.4g} ADU/e- (K of EMVA 1288)",
        ),
        _card(
            "offset",
            value_and_sd(offset_median(report), camera.offset_sd),
            "ADU",
            "median of the map",
        ),
        _card(
            "read noise",
            value_and_sd(report.read_noise_median, camera.read_noise_sd),
            "e-",
            f"median of the map; rms {report.read_noise_rms:.3g} e-",
        ),
        _card(
            "measured at",
            (f"{short(low, 2)} to {short(high, 2)}" if high > low else short(low, 2),),
            "e-",
            f"full at {short(full, 3)} e-" if full else "saturation was not reached",
        ),
        _card(
            f"frames for {100 * precision:g} %",
            (f"{single}",),
            "a level",
            f"for each pixel's own gain; {pooled} for one gain",
        ),
    ]


def _card(name: str, value: tuple[str, ...], unit: str, more: str) -> str:
    number, *sd = value
    error = f"<div>± {escape(sd[0])} {escape(unit)}</div>" if sd else ""
    return (
        f'<div class="card"><div class="name">{escape(name)}</div><div class="value">'
        f'{escape(number)} <span class="unit">{escape(unit)}</span></div>'
        f'{error}<div class="more">{escape(more)}</div></div>\n'
    )


def _em(report: CameraReport) -> str:
    em = report.em
    if em is None:
        return ""
    return (
        f"<p>EMCCD with EM gain {em.em_gain:g}: excess noise F² = {em.excess_noise:.3g}; "
        f"{em.gain:.4g} e-/ADU before the register, {em.gain_before:.4g} e-/ADU with it off. "
        "The gain above divides by F² too, so that variance equals the mean.</p>\n"
    )


def _verdicts(report: CameraReport) -> str:
    return section(
        "Verdicts",
        "Each test with what was found, its limits, and what to do. A failed test means: do not "
        "measure with this calibration.",
        verdict_table(report),
    )


def _curve(report: CameraReport) -> str:
    linear = (
        "Only one level was usable, so linearity was not tested. "
        if report.one_level
        else "Where the camera is linear, the points lie on the line and the residuals scatter "
        "about zero. "
    )
    return section(
        "Photon transfer curve",
        "Shot noise grows with the light: the variance is the signal divided by the gain. "
        f"{linear}The shaded range was fitted; bars are one standard deviation.",
        draw_transfer(report),
        level_table(report),
    )


def _light(report: CameraReport) -> str:
    return section(
        "Frame by frame",
        "A steady camera and lamp give level lines. The lamp's changes were corrected before the "
        "noise was measured; red dots are frames unlike the others. Of many levels some are drawn, "
        "of full ones and those of fewer than three frames none.",
        draw_traces(report),
    )


def _maps(report: CameraReport) -> str:
    size = block(report.mask.shape)
    reduced = (
        f" Each point is the mean of {size} × {size} pixels, or the worst of masked ones."
        if size > 1
        else ""
    )
    parts = [draw_maps(report), draw_histograms(report)]
    spectra = draw_spectra(report)
    if spectra:
        parts += [
            "<p>The noise of single frames by spatial frequency, from differences of frames: "
            "even where each pixel has noise of its own. A red line is noise that rows or "
            "columns share; a blue rim means filtered or interpolated frames.</p>",
            spectra,
        ]
    return section(
        "Pixels",
        "Colours span the 1st to the 99th percentile. Masked pixels were left out of the fit but "
        f"keep their own offset and read noise.{reduced} Counts of the histograms are on a "
        "logarithmic scale; the orange line is the median.",
        *parts,
    )


def _emva(report: CameraReport) -> str:
    return section(
        "Beside EMVA 1288",
        "The standard (release 3.1) takes all pixels and does not correct the lamp, so its "
        "figures differ a little from ours, and its PRNU holds the light's unevenness. A dash: the "
        " frames do not tell; linearity needs the exposures, saturation a level that is full.",
        emva_table(report),
    )


def _frames(report: CameraReport) -> str:
    return section(
        "How many frames",
        "Frames of each level, and of the dark, that a precision of the gain needs at this light.",
        frames_table(report),
    )


def _record(report: CameraReport) -> str:
    missing = (
        f"<p>Missing in numbered series: {escape(', '.join(report.missing_files))}.</p>"
        if report.missing_files
        else ""
    )
    return section(
        "Settings and files",
        "What this calibration was made from, so that it can be made again.",
        settings_table(report),
        missing,
        files_table(report),
    )
