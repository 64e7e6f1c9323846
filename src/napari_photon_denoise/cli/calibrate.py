"""``photon-denoise calibrate``: dark and flat frames in, a camera's calibration and report out."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from rich.markup import escape

from napari_photon_denoise.api.calibrate import find_dark, find_levels
from napari_photon_denoise.camera.transfer import (
    CalibrationSettings,
    calibrate_job,
)
from napari_photon_denoise.cli.console import complain, out, run_with_bar, say
from napari_photon_denoise.cli.options import add_flag, stated_by
from napari_photon_denoise.cli.outputs import check_outputs
from napari_photon_denoise.io.lock import held
from napari_photon_denoise.io.text import FIGURES, REPORT
from napari_photon_denoise.io.whole import check_output
from napari_photon_denoise.parameters import declared_numbers
from napari_photon_denoise.reports.camera import conclusion, headline, write_facts, write_report
from napari_photon_denoise.reports.camera.words import sorted_verdicts

COLOURS = {"PASS": "green", "WARN": "yellow", "FAIL": "bold red"}
DESCRIPTION = """Measure gain, offset and read noise of a camera by photon transfer.
Give one --flat for each brightness, or one folder with a file or a sub-folder for each.
Exit code 0: written; 1: a test failed, so the calibration was not written (the report was);
2: bad input."""


def add_command(commands: Any) -> None:
    """Add ``calibrate``."""
    parser = commands.add_parser(
        "calibrate",
        help="measure a camera from dark and flat frames",
        description=DESCRIPTION,
    )
    parser.add_argument(
        "--dark", required=True, nargs="+", action="append", metavar="DARK",
        help="frames without light: file, folder or glob; once, or once for each flat",
    )  # fmt: skip
    parser.add_argument(
        "--flat", required=True, nargs="+", action="append", metavar="FLAT",
        help="frames of one steady brightness: file, folder or glob; once for each brightness",
    )  # fmt: skip
    _add_outputs(parser)
    _add_settings(parser)
    parser.set_defaults(command=_calibrate)


def _add_outputs(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("output")
    group.add_argument("-o", "--output", required=True, metavar="TIF", help="calibration (.tif)")
    group.add_argument("--report", metavar="HTML", help="page with curve, maps and verdicts")
    group.add_argument("--json", metavar="JSON", help="the report's figures")
    group.add_argument("--overwrite", action="store_true", help="replace files that are there")
    group.add_argument(
        "--accept-failures", action="store_true",
        help="write the calibration even if a test failed; not for measuring",
    )  # fmt: skip


def _add_settings(parser: argparse.ArgumentParser) -> None:
    numbers = declared_numbers(CalibrationSettings)
    told = {name: field.description for name, field in CalibrationSettings.model_fields.items()}
    group = parser.add_argument_group("camera, for the record and checked when it is used")
    group.add_argument(
        "--camera-name", dest="camera", default="", metavar="NAME", help=told["camera"]
    )
    group.add_argument("--serial", default="", metavar="NUMBER", help=told["serial"])
    group.add_argument("--mode", default="", help=told["mode"])
    add_flag(group, numbers["binning"], default=numbers["binning"].default)
    group.add_argument(
        "--roi", type=int, nargs=4, metavar=("Y", "X", "HEIGHT", "WIDTH"), help=told["roi"]
    )
    group = parser.add_argument_group("measurement")
    for name in ("em_gain", "em_stages", "saturation", "expected_gain"):
        add_flag(group, numbers[name], default=numbers[name].default)
    group.add_argument(
        "--exposure", dest="exposures", type=float, nargs="+", metavar="TIME",
        help=told["exposures"],
    )  # fmt: skip
    group.add_argument("--per-pixel-gain", action="store_true", help=told["per_pixel_gain"])
    group.add_argument(
        "--keep-first", action="store_true",
        help="use each stack's first frame, which is otherwise left out of five or more",
    )  # fmt: skip


def _calibrate(chosen: argparse.Namespace) -> int:
    target = _check_outputs(chosen)
    with held(target):  # so that a second run is refused before it reads frames for an hour
        return _measure(chosen, target)


def _measure(chosen: argparse.Namespace, target: Path) -> int:
    said = vars(chosen) | {"drop_first": not chosen.keep_first}
    settings = stated_by(said, CalibrationSettings)
    job = calibrate_job(_dark(chosen.dark), _flats(chosen.flat), settings)
    report = run_with_bar(job, "calibrating")
    check_outputs(chosen, (target, chosen.report, chosen.json), {"input": report.files})
    say(f"{settings.camera or 'camera'}: {headline(report)}")
    for verdict in sorted_verdicts(report):
        colour = COLOURS[verdict.status]
        line = verdict.describe().removeprefix(verdict.status)
        out.print(f"[{colour}]{verdict.status}[/{colour}]{escape(line)}")
    say(conclusion(report))
    if chosen.report:
        say(f"wrote {write_report(report, chosen.report, overwrite=chosen.overwrite)}")
    if chosen.json:
        say(f"wrote {write_facts(report, chosen.json, overwrite=chosen.overwrite)}")
    if report.status == "FAIL" and not chosen.accept_failures:
        complain(
            f"{target} was not written, because a test failed: take the frames again as the "
            "verdicts say, or add --accept-failures."
        )
        return 1
    say(f"wrote {report.calibration.save(target, overwrite=chosen.overwrite)}")
    return 0


def _dark(groups: Sequence[list[str]]) -> Any:
    """One stack, or one for each flat where --dark was given several times."""
    return find_dark(groups[0][0]) if len(groups) == 1 == len(groups[0]) else list(groups)


def _flats(groups: Sequence[list[str]]) -> Any:
    """One stack for each --flat; a single one is sorted into levels."""
    if len(groups) > 1:
        return list(groups)
    return find_levels(groups[0][0]) if len(groups[0]) == 1 else groups[0]


def _check_outputs(chosen: argparse.Namespace) -> Path:
    """Refuse what can't be written before hours of frames are read."""
    overwrite = chosen.overwrite
    target = check_output(chosen.output, (".tif", ".tiff"), "A calibration", overwrite=overwrite)
    if chosen.report:
        check_output(chosen.report, *REPORT, overwrite=overwrite)
    if chosen.json:
        check_output(chosen.json, *FIGURES, overwrite=overwrite)
    named = chain.from_iterable([*chosen.dark, *chosen.flat])
    check_outputs(chosen, (target, chosen.report, chosen.json), {"input": named})
    return target
