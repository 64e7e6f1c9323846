"""A study as one HTML page that needs nothing else."""

from __future__ import annotations

from html import escape

from napari_photon_denoise.reporting.drawing import to_svg
from napari_photon_denoise.reporting.page import html_page, section
from napari_photon_denoise.reporting.tables import table
from napari_photon_denoise.studying import plots
from napari_photon_denoise.studying.job import Study
from napari_photon_denoise.studying.summary import summarise
from napari_photon_denoise.studying.tables import (
    SUMMARY,
    exposure_table,
    image_table,
    summary_rows,
)

SUMMARY_TEXT = """How many times better the images became: geometric means of raw over result for
the mean squared error (MSE) and the Kolmogorov-Smirnov distance of the histograms (KS), of result
over raw for the structural similarity (SSIM, over the truth's range). The slope s is the factor of
J<sub>raw</sub> = s · J<sub>result</sub>, with J the symmetric Poisson divergence from the truth;
its interval takes planes and images as independent of each other. Above 1 is better throughout."""
SLOPE_TEXT = """A point a plane; the line through the origin has the slope s of the table. Methods
lie side by side for the same plane: the further left, the nearer to the truth."""
ROBUST_TEXT = """How the error grows as light gets scarce. A method is robust where its points lie
below those of the raw images and rise less steeply to the left; above them it removes more
structure than noise. Where exposures are known the points are geometric means."""
METHOD_TEXT = """After Xypakis et al. 2023, doi:10.1364/OE.504606. Ratios depend on how dark the
images are: compare methods on the same images, not numbers of different studies. Ω is one voxel's
volume over that of the point-spread function."""


def study_page(study: Study, title: str, exposure_label: str, notes: tuple[str, ...] = ()) -> str:
    """Write the page.

    Parameters
    ----------
    study : Study
        With at least one row.
    title : str
        What was studied.
    exposure_label : str
        Of the axis.
    notes : tuple of str
        What the reader should know, a sentence each.
    """
    return html_page(
        title,
        (
            _header(study, title, (*notes, *study.failed)),
            section("Methods", SUMMARY_TEXT, _summary(study), *_by_exposure(study, exposure_label)),
            section("Improvement", _over(study), _improvements(study, exposure_label)),
            section(
                "Signal improvement",
                SLOPE_TEXT,
                to_svg(plots.slopes(study), "slopes", "Divergence of raw images and results"),
            ),
            section(
                "Robustness",
                ROBUST_TEXT,
                to_svg(plots.robustness(study), "robust", "Error over photons a pixel"),
            ),
            section("Images", METHOD_TEXT, _images(study)),
        ),
    )


def _header(study: Study, title: str, notes: tuple[str, ...]) -> str:
    count = f"{len(study.methods)} methods on {len(study.images)} images"
    remarks = "".join(f"<li>{escape(note)}</li>" for note in notes)
    listed = f'<ul class="remarks">{remarks}</ul>' if remarks else ""
    return f'<header><h1>{escape(title)}</h1><p class="soft">{count}</p>{listed}</header>'


def _summary(study: Study) -> str:
    styles = ("name", *["number"] * (len(SUMMARY) - 1))
    return table(SUMMARY, summary_rows(summarise(study)), styles)


def _by_exposure(study: Study, label: str) -> tuple[str, ...]:
    found = exposure_table(study)
    if found is None:
        return ()
    header, rows = found
    title = f"<h3>MSE × at each exposure ({escape(label)})</h3>"
    return title, table(header, rows, ("name", *["number"] * (len(header) - 1)))


def _over(study: Study) -> str:
    if exposure_table(study) is None:
        return "Every image by itself; the line at 1 is the raw image."
    return "Geometric means of the images of one exposure; the line at 1 is the raw image."


def _improvements(study: Study, label: str) -> str:
    return to_svg(plots.improvements(study, label), "improvement", "Improvement by each method")


def _images(study: Study) -> str:
    header, rows = image_table(study)
    return table(header, rows, ("name", "name", *["number"] * (len(header) - 2)))
