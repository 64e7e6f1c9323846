"""``photon-denoise compare``: several methods on one image, judged with and without a truth."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Column as TableColumn
from rich.table import Table

from napari_photon_denoise.api.compare import compare_job, gathered_comparison
from napari_photon_denoise.cli.cameras import camera_for
from napari_photon_denoise.cli.console import note, run_with_bar, say, show_whole
from napari_photon_denoise.cli.options import (
    add_camera_options,
    add_results_option,
    camera_from,
)
from napari_photon_denoise.cli.outputs import check_outputs
from napari_photon_denoise.denoisers import ALIASES, METHODS, AnyMethod, make_denoiser
from napari_photon_denoise.denoisers.backend import DEVICES
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.evaluation.methods.columns import columns, improved, improvement_rows
from napari_photon_denoise.evaluation.methods.job import NOTHING_COMPUTED
from napari_photon_denoise.evaluation.methods.places import EDGE, Asked
from napari_photon_denoise.evaluation.plane import Line
from napari_photon_denoise.io.text import FIGURES, REPORT, TABLE
from napari_photon_denoise.io.whole import check_output
from napari_photon_denoise.parameters import declared_parameters
from napari_photon_denoise.reports.denoised.comparison import ComparisonReport

DESCRIPTION = f"""Run several methods on the same pixels and say which one comes nearest to the
truth: judged by photons held back from every method, and against a truth, if there is one. Of an
image of more than {EDGE}×{EDGE} pixels the middle is compared, unless --region or --whole says
otherwise. Without a camera, gain and offset are estimated from the image, which is less sure."""
EXAMPLE = """example:
  photon-denoise compare cells.tif --camera camera.tif --method resunet --method gaussian \\
      --method "gaussian sigma=2" --method "non-local-means strength=0.8" -o methods.html
"""


def add_command(commands: Any) -> None:
    """Add ``compare``."""
    parser = commands.add_parser(
        "compare",
        help="several methods on one image, judged side by side",
        description=DESCRIPTION,
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("raw", metavar="RAW", help="image in counts")
    parser.add_argument(
        "--method", action="append", required=True, metavar="METHOD",
        help="a method, and its parameters in quotes: --method gaussian, "
        f"--method \"gaussian sigma=2\"; once for each. Methods and parameters: {_spellings()}",
    )  # fmt: skip
    parser.add_argument(
        "--truth", metavar="GT", help="photons at the raw image's exposure; integers are counts"
    )
    parser.add_argument(
        "--truth-exposure", metavar="TIMES", type=float, default=1.0,
        help="how many times as long as the raw image the truth was exposed (default: 1)",
    )  # fmt: skip
    _add_place(parser)
    _add_outputs(parser)
    parser.add_argument("--seed", type=int, default=0, help="another seed, other photons held back")
    parser.add_argument("--device", choices=DEVICES, default="auto", help="where to compute")
    add_camera_options(parser)
    add_results_option(parser)
    parser.set_defaults(command=_compare)


def _add_place(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("image")
    group.add_argument("--axes", help="a letter of TCZYX a dimension, where files do not say")
    place = group.add_mutually_exclusive_group()
    place.add_argument(
        "--region", metavar="REGION",
        help='what to compare, px, such as "z=5 y=100:612 x=0:512"; other axes are taken whole',
    )  # fmt: skip
    place.add_argument("--whole", action="store_true", help="all of the image, however large")
    group.add_argument(
        "--line", type=float, nargs=4, metavar=("Y0", "X0", "Y1", "X1"),
        help="ends of the report's line profile, px (default: through the brightest structure)",
    )  # fmt: skip


def _add_outputs(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("output")
    group.add_argument(
        "-o", "--report", metavar="HTML", help="page with pictures, figures and verdict"
    )
    group.add_argument("--csv", metavar="FILE", help="the table")
    group.add_argument("--json", metavar="FILE", help="figures and recipes")
    group.add_argument("--overwrite", action="store_true", help="replace files that are there")


def _compare(chosen: argparse.Namespace) -> int:
    for name, kind in ((chosen.report, REPORT), (chosen.csv, TABLE), (chosen.json, FIGURES)):
        if name is not None:
            check_output(name, *kind, overwrite=chosen.overwrite)
    check_outputs(chosen, (chosen.report, chosen.csv, chosen.json))
    methods = [parse_method(text) for text in chosen.method]
    region: Asked = "whole" if chosen.whole else parse_region(chosen.region)
    given = camera_from(chosen)
    own = given is None and chosen.noise_correlation is None
    camera = camera_for(Path(chosen.raw), given, chosen)
    with gathered_comparison(
        chosen.raw,
        camera,
        methods,
        chosen.truth,
        truth_exposure=chosen.truth_exposure,
        region=region,
        axes=chosen.axes,
        allow_results=chosen.allow_results,
        own=own,
        device=chosen.device,
    ) as task:
        for sentence in task.about_camera if own else ():  # of another one it is said already
            note(sentence)
        job = compare_job(task, device=chosen.device, seed=chosen.seed)
        report = run_with_bar(job, Path(chosen.raw).name)
    _show(report)
    _save(report, chosen)
    return 0


def parse_method(text: str) -> AnyMethod:
    """Make a method from what was typed, such as "gaussian sigma=2".

    Raises
    ------
    PhotonDenoiseError
        If the method or a parameter is unknown, or a value out of range.
    """
    try:
        key, *words = shlex.split(text)
    except ValueError:  # nothing, or a quote that does not end
        raise PhotonDenoiseError(
            f"--method '{text}' is not understood: name a method, such as \"gaussian sigma=2\"."
        ) from None
    given: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not value:
            raise PhotonDenoiseError(
                f"'{word}' in --method '{text}' is not understood: write NAME=VALUE, such as "
                "sigma=2."
            )
        given[name.lstrip("-").replace("-", "_")] = value
    return make_denoiser(key, dict(given))


def parse_region(text: str | None) -> Asked:
    """Read a region, such as "z=5 y=100:612 x=0:512".

    Raises
    ------
    PhotonDenoiseError
        If it is not understood.
    """
    if text is None:
        return None
    region: dict[str, int | tuple[int, int]] = {}
    for word in text.replace(",", " ").split():
        axis, _, ends = word.partition("=")
        first, colon, last = ends.partition(":")
        try:
            region[axis] = (int(first), int(last)) if colon else int(first)
        except ValueError:
            raise PhotonDenoiseError(
                f"The region '{text}' is not understood: write it as \"z=5 y=100:612 x=0:512\"."
            ) from None
    return region


def _spellings() -> str:
    """Name every method with its parameters and their defaults."""
    texts = []
    for key, kind in METHODS.items():
        parts = [
            f"{part.name}={part.default_text.partition(' ')[0]}"
            for part in declared_parameters(kind)
        ]
        texts.append(f"{key} ({', '.join(parts)})" if parts else key)
    texts += [f"{alias} for {key}" for alias, key in ALIASES.items()]
    return "; ".join(texts).replace("%", "%%") + "; photon-denoise denoise --help says what they do"


def _show(report: ComparisonReport) -> None:
    """Print the table, best first, and what it says."""
    with_truth = report.compared.truth_range is not None
    shown = columns(with_truth=with_truth)
    table = Table(TableColumn("method", no_wrap=True), box=None, header_style="bold")
    for figure in shown:
        unit = f"\n({figure.unit})" if figure.unit else ""
        table.add_column(f"{figure.title}{unit}", justify="right", no_wrap=True)
    reasons: dict[str, None] = {}
    for row in report.rows:
        found = [row[figure.key] for figure in shown]
        table.add_row(escape(row.name), *(one.text for one in found))
        said = [one.reason for one in found if one.reason not in ("", NOTHING_COMPUTED)]
        reasons |= dict.fromkeys(f"{row.name}: {sentence}" for sentence in (*said, *row.notes))
    show_whole(table)
    show_whole(_improvements(report, with_truth=with_truth))
    for sentence in (*report.notes, *report.compared.notes, *reasons):
        note(sentence)
    say(report.verdict)


def _improvements(report: ComparisonReport, *, with_truth: bool) -> Table:
    """Tell how many times better than the raw image, or by how many dB."""
    table = Table(TableColumn("better than raw", no_wrap=True), box=None, header_style="bold")
    for figure in improved(report.rows, with_truth=with_truth):
        table.add_column(figure.improvement_header, justify="right", no_wrap=True)
    for name, *figures in improvement_rows(report.rows, with_truth=with_truth):
        table.add_row(escape(name), *figures)
    return table


def _save(report: ComparisonReport, chosen: argparse.Namespace) -> None:
    if chosen.report is not None:
        line, overwrite = _line(chosen), chosen.overwrite
        say(f"wrote {report.save_report(chosen.report, line=line, overwrite=overwrite)}")
    if chosen.csv is not None:
        say(f"wrote {report.save_csv(chosen.csv, overwrite=chosen.overwrite)}")
    if chosen.json is not None:
        say(f"wrote {report.save_json(chosen.json, overwrite=chosen.overwrite)}")


def _line(chosen: argparse.Namespace) -> Line | None:
    if chosen.line is None:
        return None
    y0, x0, y1, x1 = chosen.line
    return (y0, x0), (y1, x1)
