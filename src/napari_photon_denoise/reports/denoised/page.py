"""The report of denoised images as one HTML page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import Any

from napari_photon_denoise.evaluation.image.measured import Measured
from napari_photon_denoise.evaluation.methods.columns import columns, details
from napari_photon_denoise.evaluation.methods.job import Compared
from napari_photon_denoise.evaluation.plane import Line, Plane
from napari_photon_denoise.metrics.applicable import NotApplicable
from napari_photon_denoise.reports.denoised.histograms import draw_histograms
from napari_photon_denoise.reports.denoised.panels import block_of
from napari_photon_denoise.reports.denoised.pictures import (
    draw_consistency,
    draw_detail,
    draw_images,
    flags_of,
)
from napari_photon_denoise.reports.denoised.profiles import draw_profiles, find_line
from napari_photon_denoise.reports.denoised.regions import regions_section
from napari_photon_denoise.reports.denoised.tables import (
    columns_help,
    comparison_reasons,
    comparison_table,
    consistency_table,
    figures_reasons,
    figures_table,
    improvement_table,
)
from napari_photon_denoise.reports.page import html_page, section

IN_MEMORY = "an image in memory"
KEYS = (
    "Orange borders: structure was smoothed away there; magenta ones: the photons do not show it."
)


@dataclass(frozen=True)
class Subject:
    """What a report is about, beside its figures and pictures.

    Parameters
    ----------
    name : str
        Of the image, such as its file's.
    camera : str
        Its numbers, in a line.
    recipe : dict
        How the images were made, ready for JSON.
    place : str
        Which part of the image was looked at; empty for all of it.
    notes : tuple of str
        What the user should know beside what the figures bring.
    """

    name: str
    camera: str
    recipe: dict[str, Any] = field(default_factory=dict)
    place: str = ""
    notes: tuple[str, ...] = ()


def comparison_page(
    compared: Compared, plane: Plane | None, subject: Subject, line: Line | None = None
) -> str:
    """Make the page about several methods on one region.

    Parameters
    ----------
    compared : Compared
    plane : Plane or None
        What to show.
    subject : Subject
    line : ((y, x), (y, x)), px of the plane, optional
        Of the profile; None goes through the brightest structure.
    """
    with_truth = compared.truth_range is not None
    shown, further = columns(with_truth=with_truth), details(compared.rows, with_truth=with_truth)
    obstacle = compared.comparison if isinstance(compared.comparison, NotApplicable) else None
    notes = [*subject.notes, *compared.notes]
    if compared.truth_range:  # a constant truth has neither
        notes.append(
            f"PSNR and SSIM: range of the truth in the region, {compared.truth_range:.4g} e-."
        )
    order = "Best first. " if obstacle is None or with_truth else "Not ranked. "
    figures = section(
        "Figures",
        f'{order}"±" is one standard error; "n/a" is said in words below.',
        comparison_table(compared.rows, shown),
        *(
            ["<h3>Further figures with the truth</h3>", comparison_table(compared.rows, further)]
            * with_truth
        ),
        "<h3>Better than the raw image</h3>",
        "<p>How many times (×), or by how many dB (+); above × 1 and + 0 is better.</p>",
        improvement_table(compared.rows, with_truth=with_truth),
        comparison_reasons(compared.rows, [*shown, *further]),
        "<h3>What the columns say</h3>",
        columns_help([*shown, *further]),
    )
    return html_page(
        f"Methods compared: {subject.name}",
        (
            _header("Methods compared", subject, compared.verdict, notes),
            *_shown(plane, obstacle, line, figures),
            _recipe(subject),
        ),
    )


def measurement_page(report: Measured, subject: Subject, line: Line | None = None) -> str:
    """Make the page about one denoised image.

    Parameters
    ----------
    report : Measured
    subject : Subject
    line : ((y, x), (y, x)), px of the plane, optional
        Of the profile; None goes through the brightest structure.
    """
    obstacle = report.evidence if isinstance(report.evidence, NotApplicable) else None
    figures = section(
        "Figures",
        '"±" is one standard error. "Better by": times, or dB, against the raw image.',
        figures_table(report.figures),
        figures_reasons(report.missing()),
    )
    return html_page(
        f"Denoised image: {subject.name}",
        (
            _header("Denoised image", subject, report.verdict, report.notes),
            *_shown(report.plane, obstacle, line, figures),
            regions_section(report),
            _recipe(subject),
        ),
    )


def _header(title: str, subject: Subject, verdict: str, notes: Sequence[str]) -> str:
    when = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z").strip()
    facts = " · ".join(part for part in (subject.name, subject.place, when) if part)
    remarks = "".join(f"<li>{escape(note)}</li>\n" for note in notes)
    listed = f'<ul class="remarks">\n{remarks}</ul>\n' if remarks else ""
    camera = f"Camera: {escape(subject.camera)}. " if subject.camera else ""
    return (
        f'<header>\n<h1>{title}</h1>\n<p class="soft">{escape(facts)}</p>\n'
        f'<div class="status"><span>{escape(verdict)}</span></div>\n{listed}'
        f'<p class="soft">{camera}Photons are detected photons (photoelectrons, e-), before any '
        "division by the quantum efficiency; relative ones are only proportional to them.</p>\n"
        "</header>"
    )


def _shown(
    plane: Plane | None, obstacle: NotApplicable | None, line: Line | None, figures: str
) -> tuple[str, ...]:
    """Make the sections with pictures, the table among them."""
    if plane is None:
        why = "" if obstacle is None else escape(obstacle.reason)
        return section("Pictures", f"There are no photons to show. {why}"), figures
    line = find_line(plane) if line is None else line
    flags = {} if obstacle is not None else flags_of(plane)
    return (
        _images(plane, flags, line),
        figures,
        _profile(plane, line),
        _histograms(plane),
        _consistency(plane, flags, obstacle),
    )


def _images(plane: Plane, flags: Any, line: Line | None) -> str:
    where = f"Plane {escape(plane.where)} of the stack. " if plane.where else ""
    size = block_of(plane.raw.shape)
    reduced = f"Each point is the mean of {size} × {size} pixels. " if size > 1 else ""
    scale = "" if plane.pixel_size else "The pixel size is not known: bars are in pixels. "
    detail = draw_detail(plane, line)
    return section(
        "Images",
        f"{where}All with the same contrast; arrows on the colour bar: some pixels lie beyond it. "
        f"{reduced}{scale}{KEYS if flags else ''}",
        draw_images(plane, flags, line),
        *(["<p>The surroundings of the line, larger:</p>", detail] if detail else []),
    )


def _profile(plane: Plane, line: Line | None) -> str:
    if line is None:
        return ""
    (y0, x0), (y1, x1) = ((y + plane.origin[0], x + plane.origin[1]) for y, x in line)
    return section(
        "Line profile",
        f"Along the yellow line in the raw image, from its dot (row {y0:.0f}, column {x0:.0f}) to "
        f"row {y1:.0f}, column {x1:.0f}; mean of 3 px across. The band is what noise alone does to "
        "the raw values: a denoised curve should run through it, not outside it over a long way.",
        draw_profiles(plane, line),
    )


def _histograms(plane: Plane) -> str:
    gap = (
        " The red line is the widest gap between the best image and the truth, the "
        "Kolmogorov-Smirnov distance. A gap at few photons is about the background, which fills "
        "most pixels of many images."
        if plane.truth is not None
        else ""
    )
    return section(
        "Histograms",
        f"How many pixels have how many photons. The raw image's is wider by its noise.{gap}",
        draw_histograms(plane),
    )


def _consistency(plane: Plane, flags: Any, obstacle: NotApplicable | None) -> str:
    title = "Is what was removed only noise?"
    if obstacle is not None:
        return section(title, f"This can't be said here. {escape(obstacle.reason)}")
    if not plane.denoised:
        return ""
    return section(
        title,
        "Raw minus denoised image, over the noise that the camera and the photons should have. "
        "Pure noise has mean 0, variance 1, no correlation of neighbours, and no shapes: a cell "
        "or filament that shows here was taken away (red) or made up (blue). A variance a little "
        f"below 1 is normal, one far below means that noise was left in. {_blocks(plane)}{KEYS}",
        draw_consistency(plane, flags),
        consistency_table(plane, flags),
    )


def _blocks(plane: Plane) -> str:
    size = block_of(plane.raw.shape)
    return (
        f"Each point is {size} × {size} pixels together, over their common noise. "
        if size > 1
        else ""
    )


def _recipe(subject: Subject) -> str:
    if not subject.recipe:
        return ""
    text = json.dumps(subject.recipe, indent=2, ensure_ascii=False)
    return section(
        "Recipe",
        "How this was made, so that it can be made again.",
        f'<pre class="code">{escape(text)}</pre>',
    )
