"""A study as one HTML page that needs nothing else."""

from __future__ import annotations

from html import escape

from napari_photon_denoise.evaluation.numbers import number
from napari_photon_denoise.evaluation.study.job import Study
from napari_photon_denoise.evaluation.study.summary import exposures, omegas, summarise
from napari_photon_denoise.reports.drawing import to_svg
from napari_photon_denoise.reports.page import html_page, section
from napari_photon_denoise.reports.study import plots
from napari_photon_denoise.reports.study.tables import (
    ROBUSTNESS,
    SUMMARY,
    Header,
    Lines,
    exposure_table,
    image_table,
    omega_table,
    robustness_table,
    signal_table,
    summary_rows,
)
from napari_photon_denoise.reports.tables import table
from napari_photon_denoise.words import counted

SUMMARY_TEXT = """How many times better the images became: geometric means of raw over result for
the mean squared error (MSE) and the Kolmogorov-Smirnov distance of the histograms (KS), of result
over raw for the structural similarity (SSIM, over the truth's range). The slope s is the factor of
J<sub>raw</sub> = s · J<sub>result</sub>, with J the symmetric Poisson divergence from the truth;
its interval takes planes and images as independent of each other. Above 1 is better throughout.
The bias is the mean of the photons that a result has too many, in percent of the truth's."""
SLOPE_TEXT = """The signal improvement is the slope s. Below, a point a plane; the line through the
origin has the slope s of the table. Methods lie side by side for the same plane: the further left,
the nearer to the truth. Over exposure and over Ω, all planes of one value share a slope."""
ROBUST_TEXT = """How images hold up as light gets scarce: peak signal-to-noise ratio (PSNR, of the
truth's range, in decibels) and structural similarity (SSIM), higher is better for both. A method is
robust where it stays above the raw images and falls less steeply to the left; below them it removes
more structure than noise. Where exposures are known the points are means of images."""
METHOD_TEXT = """After Xypakis et al. 2023, doi:10.1364/OE.504606. Ratios depend on how dark the
images are: compare methods on the same images, not numbers of different studies. Ω is
V_input / V_psf: one voxel's volume over that of the point-spread function, an ellipsoid of its full
widths at half maximum, π/6 · FWHM_x · FWHM_y · FWHM_z, of a Gaussian with σ_xy = 0.225 λ/NA and
σ_z = 0.78 n λ/NA². s is the signal improvement of the one image. A dash stands where a ratio has no
meaning."""
OMEGA_UNKNOWN = """Ω is not known for every image: say the microscope's numerical aperture, emission
wavelength and refractive index, and the pixel size in z, y and x."""


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
            section("Methods", SUMMARY_TEXT, _summary(study)),
            section("Improvement", _over(study), *_improvements(study, exposure_label)),
            section("Signal improvement", SLOPE_TEXT, *_signal(study, exposure_label)),
            section("Robustness to noise", ROBUST_TEXT, *_robustness(study, exposure_label)),
            section("Images", METHOD_TEXT, _images(study)),
        ),
    )


def _header(study: Study, title: str, notes: tuple[str, ...]) -> str:
    methods, images = len(study.methods), len(study.images)
    count = f"{counted(methods, 'methods')} on {counted(images, 'images')}"
    remarks = "".join(f"<li>{escape(note)}</li>" for note in notes)
    listed = f'<ul class="remarks">{remarks}</ul>' if remarks else ""
    return f'<header><h1>{escape(title)}</h1><p class="soft">{count}</p>{listed}</header>'


def _summary(study: Study) -> str:
    styles = ("name", *["number"] * (len(SUMMARY) - 1))
    return table(SUMMARY, summary_rows(summarise(study)), styles)


def _over(study: Study) -> str:
    if exposure_table(study) is None:
        return "Every image by itself; the line at 1 is the raw image."
    return "Geometric means of the images of one exposure; the line at 1 is the raw image."


def _improvements(study: Study, label: str) -> tuple[str, ...]:
    picture = to_svg(plots.improvements(study, label), "improvement", "Improvement by each method")
    title = f"MSE × at each exposure ({label})"
    return picture, *_titled(title, exposure_table(study))


def _signal(study: Study, label: str) -> tuple[str, ...]:
    """Show s over planes, exposure and Ω, or say why not."""
    parts = [to_svg(plots.slopes(study), "slopes", "Divergence of raw images and results")]
    picture = plots.signals(study, label)
    if picture is not None:
        parts.append(to_svg(picture, "signals", "Signal improvement over exposure and Ω"))
    if len(exposures(study.rows) or ()) > 1:
        parts += _titled(f"s at each exposure ({label})", signal_table(study))
    ratios = omegas(study.rows)
    if ratios is None:
        parts.append(f"<p>{OMEGA_UNKNOWN}</p>")
    elif len(ratios) == 1:
        parts.append(f"<p>Ω is {number(ratios[0])} for all images: s over Ω has one point.</p>")
    else:
        parts += _titled("s at each Ω (voxel over point-spread function)", omega_table(study))
    return tuple(parts)


def _robustness(study: Study, label: str) -> tuple[str, ...]:
    parts = [to_svg(plots.robustness(study), "robust", "PSNR and SSIM over photons a pixel")]
    for name in ROBUSTNESS:
        parts += _titled(f"{name} at each exposure ({label})", robustness_table(study, name))
    return tuple(parts)


def _images(study: Study) -> str:
    header, rows = image_table(study)
    return table(header, rows, ("name", "name", *["number"] * (len(header) - 2)))


def _titled(title: str, found: tuple[Header, Lines] | None) -> tuple[str, ...]:
    """Write a table of a method a line under its title; nothing if there is none."""
    if found is None:
        return ()
    header, rows = found
    styles = ("name", *["number"] * (len(header) - 1))
    return f"<h3>{escape(title)}</h3>", table(header, rows, styles)
