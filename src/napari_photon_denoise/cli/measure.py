"""``photon-denoise measure``: how good a denoised image is, and whether to believe it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rich.table import Column, Table

from napari_photon_denoise.api.measure import gathered
from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.cli.cameras import camera_for
from napari_photon_denoise.cli.console import note, out, run_with_bar, say, show_whole
from napari_photon_denoise.cli.options import (
    add_camera_options,
    add_method_options,
    add_results_option,
    camera_from,
    given_parameters,
    method_from,
)
from napari_photon_denoise.cli.outputs import check_outputs
from napari_photon_denoise.denoisers import AnyMethod
from napari_photon_denoise.denoisers.backend import DEVICES
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.evaluation.image.job import measure_job
from napari_photon_denoise.evaluation.numbers import FOUR, number
from napari_photon_denoise.inputs import opened
from napari_photon_denoise.io.text import FIGURES, REPORT, TABLE
from napari_photon_denoise.io.whole import check_output
from napari_photon_denoise.reports.denoised.report import Report

ROOM = 140  # characters, of a terminal that has room for what figures mean


def add_command(commands: Any) -> None:
    """Add ``measure``."""
    parser = commands.add_parser(
        "measure",
        help="how good a denoised image is, with a truth and without one",
        description="Print the figures of a denoised image and what they say: against a truth, if "
        "there is one; against the photons that it was made from; and against photons held back "
        "from the method, which is run again for that. Raw image, camera and method are taken "
        "from the recipe in the file where they are not given.",
    )
    parser.add_argument("denoised", metavar="DENOISED", help="denoised image")
    parser.add_argument("--raw", metavar="RAW", help="counts that it was made from")
    parser.add_argument(
        "--truth", metavar="GT", help="photons at the raw image's exposure; integers are counts"
    )
    parser.add_argument(
        "--truth-exposure",
        metavar="TIMES",
        type=float,
        default=1.0,
        help="how many times as long as the raw image the truth was exposed (default: 1)",
    )
    parser.add_argument("--json", metavar="FILE", help="also write the figures there")
    parser.add_argument("--csv", metavar="FILE", help="also write the table there")
    parser.add_argument(
        "--report", metavar="HTML", help="also write a page with pictures, figures and verdict"
    )
    parser.add_argument("--axes", help="a letter of TCZYX a dimension, where files do not say")
    parser.add_argument(
        "--units",
        choices=("photons", "counts"),
        help="of the denoised image (default: what its recipe says, or counts for integers)",
    )
    parser.add_argument("--seed", type=int, default=0, help="another seed, other photons held back")
    parser.add_argument("--device", choices=DEVICES, default="auto", help="where to compute")
    parser.add_argument("--overwrite", action="store_true", help="replace files that are there")
    add_method_options(parser)
    add_camera_options(parser)
    add_results_option(parser)
    # The recipe's, if none is named.
    parser.set_defaults(command=_measure, method=None)


def _measure(chosen: argparse.Namespace) -> int:
    for name, kind in ((chosen.json, FIGURES), (chosen.csv, TABLE), (chosen.report, REPORT)):
        if name is not None:
            check_output(name, *kind, overwrite=chosen.overwrite)
    raw = chosen.raw or _raw_of(chosen.denoised)
    check_outputs(chosen, (chosen.json, chosen.csv, chosen.report), {"input": [raw]})
    with gathered(
        chosen.denoised,
        raw,
        _camera(chosen, raw),
        chosen.truth,
        truth_exposure=chosen.truth_exposure,
        method=_method(chosen),
        axes=chosen.axes,
        units=chosen.units,
        allow_results=chosen.allow_results,
        in_full=chosen.verbose,
    ) as (task, notes):
        for sentence in notes:
            note(sentence)
        job = measure_job(task, device=chosen.device, seed=chosen.seed)
        report = Report(run_with_bar(job, Path(chosen.denoised).name))
    _show(report)
    if chosen.json is not None:
        say(f"wrote {report.save_json(chosen.json, overwrite=chosen.overwrite)}")
    if chosen.csv is not None:
        say(f"wrote {report.save_csv(chosen.csv, overwrite=chosen.overwrite)}")
    if chosen.report is not None:
        say(f"wrote {report.save_report(chosen.report, overwrite=chosen.overwrite)}")
    return 0


def _raw_of(denoised: str) -> str:
    """Return the raw image that the recipe in a file names."""
    with opened(denoised, None) as image:
        recipe = image.recipe
    if recipe is None or recipe.input is None:
        raise PhotonDenoiseError(
            f"{denoised} does not say which image it was made from: name it with --raw."
        )
    return recipe.input


def _camera(chosen: argparse.Namespace, raw: str) -> Calibration | None:
    """Return the camera of the options, fitted to the image; None leaves it to the recipe."""
    camera = camera_from(chosen)
    if camera is None:
        if chosen.noise_correlation is not None:
            raise PhotonDenoiseError("--noise-correlation belongs to a camera: give --camera too.")
        return None
    return camera_for(Path(raw), camera, chosen)


def _method(chosen: argparse.Namespace) -> AnyMethod | None:
    """Return the method of the options; None leaves it to the recipe."""
    if chosen.method is not None:
        return method_from(chosen)
    for name in given_parameters(chosen):
        flag = f"--{name.replace('_', '-')}"
        raise PhotonDenoiseError(f"{flag} belongs to a method: give --method too.")
    return None


def _show(report: Report) -> None:
    """Print the table and what it says."""
    if out.width >= ROOM:
        out.print(_table(report, "says"))
    else:
        show_whole(_table(report))
    for reason, names in report.measured.missing().items():
        note(f"Not given: {', '.join(names)}. {reason}")
    for sentence in report.notes:
        note(sentence)
    say(report.verdict)


def _table(report: Report, *words: str) -> Table:
    """Make the table of figures that apply; with a column of words where there is room."""
    # What a figure says may break into lines; the figure may not.
    whole = [
        Column(title, no_wrap=True) for title in ("figure", "raw", "denoised", "", "better by")
    ]
    table = Table(*whole, *words, box=None, header_style="bold")
    for figure in report.figures:
        if figure.applies:
            before = "" if figure.before is None else number(figure.before, FOUR)
            value = figure.shown(FOUR)
            said = [figure.says] if words else []
            table.add_row(figure.name, before, value, figure.unit, figure.gain, *said)
    return table
