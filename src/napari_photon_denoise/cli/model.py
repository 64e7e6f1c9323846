"""``photon-denoise model``: models for other programs, and back; what a model's file says."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from napari_photon_denoise.camera.presets import PRESETS
from napari_photon_denoise.cli.cameras import find_camera
from napari_photon_denoise.cli.console import note, say
from napari_photon_denoise.cli.options import NOT_SAID, add_flag
from napari_photon_denoise.cli.outputs import check_outputs
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.models import describe, digest, find_model

if TYPE_CHECKING:
    from napari_photon_denoise.networks.bioimage.conditions import Conditions
    from napari_photon_denoise.networks.bioimage.sheet import Sheet


def add_command(commands: Any) -> None:
    """Add ``model`` with its actions."""
    parser = commands.add_parser(
        "model",
        help="export a model for other programs, import it, or show what its file says",
        description="Models as packages of the BioImage Model Zoo (https://bioimage.io), which "
        "other programs run, and as the files of this program.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    _add_export(actions)
    _add_import(actions)
    shown = actions.add_parser("show", help="show what a model's file says of itself")
    shown.add_argument("model", metavar="MODEL", help="name of a shipped model, or its file")
    shown.set_defaults(command=_show)


def _add_export(actions: Any) -> None:
    parser = actions.add_parser(
        "export",
        help="write a package of the BioImage Model Zoo",
        description="Pack a model with a test tile, a description and itself. Other programs hand "
        "it photons, (counts - offset) * gain, and no more, so that the camera's read noise is "
        "fixed in it.",
    )
    parser.add_argument("model", metavar="MODEL", help="name of a shipped model, or its file")
    parser.add_argument("-o", "--output", required=True, metavar="ZIP", help="package to write")
    group = parser.add_argument_group(
        "camera", "whose noise the network is told; no read noise, if neither is said"
    )
    group.add_argument(
        "--camera",
        metavar="FILE|PRESET",
        help=f"calibration file (.tif), or one of the presets {', '.join(PRESETS)}",
    )
    for name in ("em_gain", "read_noise"):
        add_flag(group, NOT_SAID[name])
    group = parser.add_argument_group("sheet", "what the package says of itself")
    group.add_argument("--name", help="for people, 5 to 64 letters")
    group.add_argument("--description", help="a sentence or two")
    group.add_argument(
        "--author",
        action="append",
        metavar="'NAME; AFFILIATION; ORCID'",
        help="who made the model; once for each",
    )
    group.add_argument("--licence", metavar="SPDX", help="such as CC-BY-4.0 or BSD-3-Clause")
    group.add_argument(
        "--cite",
        action="append",
        metavar="'TEXT; DOI'",
        help="what to cite beside the network's own papers; once for each",
    )
    parser.add_argument(
        "--test",
        action="store_true",
        help="run bioimageio.core's own test before the package gets its name; needs "
        "pip install 'napari-photon-denoise[bioimage]'",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace a file that is there")
    parser.set_defaults(command=_export)


def _add_import(actions: Any) -> None:
    parser = actions.add_parser(
        "import",
        help="take the model out of a package that 'model export' wrote",
        description="Give back the very same model, bit for bit. Nothing in a package is run.",
    )
    parser.add_argument("package", metavar="ZIP", help="package to read")
    parser.add_argument(
        "-o", "--output", required=True, metavar="MODEL", help="model to write (.safetensors)"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace a file that is there")
    parser.set_defaults(command=_import)


def _export(chosen: argparse.Namespace) -> int:
    # Here and not above: torch is slow to import.
    from napari_photon_denoise.networks.bioimage.export import export_package
    from napari_photon_denoise.networks.bioimage.verify import check_verifier

    if chosen.test:
        check_verifier()
    check_outputs(chosen, [chosen.output])
    conditions, sheet = _conditions(chosen), _sheet(chosen)
    exported = export_package(
        chosen.model,
        chosen.output,
        conditions=conditions,
        sheet=sheet,
        verify=chosen.test,
        overwrite=chosen.overwrite,
    )
    for test in exported.tests:
        say(f"passed: {test}")
    missing = [f"--{name}" for name in ("author", "licence") if not _said(sheet, name)]
    if missing:
        note(f"Say {' and '.join(missing)} before you publish the package.")
    say(f"wrote {exported.path}, read noise {conditions.read_noise:.3g} e-")
    return 0


def _conditions(chosen: argparse.Namespace) -> Conditions:
    from napari_photon_denoise.networks.bioimage.conditions import Conditions, conditions_of

    if chosen.camera is None:
        if chosen.em_gain is not None:
            raise PhotonDenoiseError("--em-gain needs --camera PRESET, the preset of an EMCCD.")
        conditions = Conditions()
    else:
        conditions = conditions_of(find_camera(chosen.camera, chosen.em_gain))
    if chosen.read_noise is not None:
        return replace(conditions, read_noise=chosen.read_noise)
    if chosen.camera is None:
        note(
            "The package takes a camera without read noise for granted: say --camera or "
            "--read-noise if yours has some."
        )
    return conditions


def _sheet(chosen: argparse.Namespace) -> Sheet:
    from napari_photon_denoise.networks.bioimage.export import default_sheet
    from napari_photon_denoise.networks.bioimage.sheet import read_author, read_citation

    sheet = default_sheet(chosen.model)
    given = {name: getattr(chosen, name) for name in ("name", "description", "licence")}
    sheet = replace(sheet, **{name: text for name, text in given.items() if text is not None})
    if chosen.author:
        sheet = replace(sheet, authors=tuple(map(read_author, chosen.author)))
    return replace(sheet, cite=sheet.cite + tuple(map(read_citation, chosen.cite or ())))


def _said(sheet: Sheet, name: str) -> bool:
    return bool(sheet.authors if name == "author" else sheet.licence)


def _import(chosen: argparse.Namespace) -> int:
    from napari_photon_denoise.networks.bioimage.unpack import import_package

    check_outputs(chosen, [chosen.output])
    target = import_package(chosen.package, chosen.output, overwrite=chosen.overwrite)
    say(f"wrote {target}, SHA-256 {digest(target)}")
    return 0


def _show(chosen: argparse.Namespace) -> int:
    path = find_model(chosen.model)
    said = describe(path)
    z, y, x = said["halo"]
    say(f"{path.stem}: {path.stat().st_size / 1e6:.1f} MB, {path}")
    say(f"SHA-256 {digest(path)}")
    say(f"a pixel sees {z} planes up and down, {y} px along y and {x} px along x")
    for title in ("architecture", "facts"):
        say(f"{title}: {json.dumps(said[title], indent=2, ensure_ascii=False)}")
    return 0
