"""``photon-denoise convert``: calibrations between programs, units converted and said."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from napari_photon_denoise.camera.formats import (
    FORMATS,
    export_calibration,
    import_calibration,
)
from napari_photon_denoise.camera.orientation import AS_IT_IS, ORIENTATIONS, turn
from napari_photon_denoise.cli.console import note, say
from napari_photon_denoise.io.whole import check_not_input

OWN = "photon-denoise"


def add_command(commands: Any) -> None:
    """Add ``convert``."""
    parser = commands.add_parser(
        "convert",
        help="convert a camera's calibration from or for another program",
        description="Read a calibration of storm-analysis (.npy), GDSC SMLM (.tif), smite, SMAP or "
        "NCS (.mat), Picasso or DECODE (.yaml) or of this program, and write it for this or "
        "another one. Every unit that is converted is said.",
    )
    parser.add_argument("calibration", metavar="IN", help="calibration file")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="file to write")
    parser.add_argument(
        "--for",
        dest="program",
        choices=(OWN, *FORMATS),
        default=OWN,
        help=f"program that shall read it (default: {OWN}, .tif)",
    )
    parser.add_argument("--camera", help="which one, where the file lists several")
    parser.add_argument(
        "--turn",
        choices=tuple(ORIENTATIONS),
        default=AS_IT_IS,
        metavar="HOW",
        help="turn the maps: " + ", ".join(name for name in ORIENTATIONS if name != AS_IT_IS),
    )
    parser.add_argument("--overwrite", action="store_true", help="replace a file that is there")
    parser.set_defaults(command=_convert)


def _convert(chosen: argparse.Namespace) -> int:
    source, target = Path(chosen.calibration), Path(chosen.output)
    check_not_input(target, source)
    imported = import_calibration(source, camera=chosen.camera)
    for sentence in imported.notes:
        note(sentence)
    calibration = turn(imported.calibration, chosen.turn)
    if chosen.program == OWN:
        calibration.save(target, overwrite=chosen.overwrite)
    else:
        note(export_calibration(calibration, target, chosen.program, overwrite=chosen.overwrite))
    say(f"{source} -> {target}: {calibration.describe()}")
    return 0
