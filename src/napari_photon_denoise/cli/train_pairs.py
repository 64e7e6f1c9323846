"""Options and images of a training on own pairs."""

from __future__ import annotations

import argparse
import types
from typing import Any, Literal, Union, get_args, get_origin

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.cli.cameras import describe_camera, estimate_camera
from napari_photon_denoise.io import ImageFile, find_images
from napari_photon_denoise.networks.learning.pairs.settings import PairSettings, make_settings

EXTRAS = {
    "method": "; others learn from noisy images alone: see 'photon-denoise learn --help'",
    "steps": "; with --recipe: instead of its own",
    "seed": "; with --recipe: likewise",
}


def add_pair_options(parser: argparse.ArgumentParser) -> None:
    """Add where the pairs are and, from their declaration, the settings."""
    group = parser.add_argument_group(
        "pairs of your own", "files pair up by equal names, or by equal numbers in them"
    )
    for side in ("noisy", "clean"):
        group.add_argument(
            f"--{side}", nargs="+", metavar="IN", help=f"{side} images: files, folder or glob"
        )
    group.add_argument("--axes", help="a letter of TCZYX a dimension, where a file does not say")
    for name, field in PairSettings.model_fields.items():
        kind = _bare(field.annotation)
        flag = f"--{name.replace('_', '-')}"
        text = field.description or ""
        if field.default not in (None, False):
            text += f" (default: {field.default})"
        text = (text + EXTRAS.get(name, "")).replace("%", "%%")
        if kind is bool:
            group.add_argument(flag, action="store_true", default=None, help=text)
        elif get_origin(kind) is Literal:
            options = "|".join(map(str, get_args(kind)))
            group.add_argument(flag, metavar=options, help=text)
        elif get_origin(kind) is tuple:
            group.add_argument(flag, type=int, nargs="+", metavar="N", help=text)
        else:
            group.add_argument(flag, type=kind, metavar="NAME" if kind is str else "N", help=text)


def given_settings(chosen: argparse.Namespace) -> dict[str, Any]:
    """Return the settings that the options give."""
    given = {name: getattr(chosen, name) for name in PairSettings.model_fields}
    return {name: value for name, value in given.items() if value is not None}


def prepare_pairs(
    chosen: argparse.Namespace, camera: Calibration | None
) -> tuple[PairSettings, list[Any], dict[str, Any]]:
    """Find, pair and open the images.

    Returns
    -------
    settings : PairSettings
    pairs : list of Pair
    facts : dict
        Files and camera, for the model.

    Raises
    ------
    PhotonDenoiseError
        If settings or images can't be used.
    """
    from napari_photon_denoise.networks.learning.pairs.images import open_pairs
    from napari_photon_denoise.networks.learning.pairs.match import match

    given = given_settings(chosen)
    if "dimensions" in given:
        given["dimensions"] = _number(given["dimensions"])
    settings = make_settings(given)
    files = match(find_images(chosen.noisy), find_images(chosen.clean))
    if camera is None:
        camera = estimate_camera([noisy for noisy, _ in files], chosen.axes)

    named = describe_camera(camera, chosen)

    def calibrate(image: ImageFile) -> Calibration:
        return named.fit((image.data.shape[-2], image.data.shape[-1]))

    pairs = open_pairs(files, calibrate, chosen.axes)
    facts = {
        "content": {
            "sources": {
                noisy.name: {
                    "clean": clean.name,
                    "bytes": _size(noisy),
                    "clean_bytes": _size(clean),
                }
                for noisy, clean in files
            },
            "camera": camera.describe(),
            "camera_sha256": camera.digest,
        }
    }
    return settings, pairs, facts


def _size(path: Any) -> int:
    return int(path.stat().st_size) if path.is_file() else 0


def _number(text: Any) -> Any:
    """Return a number for one: choices arrive as text."""
    return int(text) if str(text).isdecimal() else text


def _bare(annotation: Any) -> Any:
    """Return the type without "or None"."""
    if get_origin(annotation) in (types.UnionType, Union):
        return next(part for part in get_args(annotation) if part is not type(None))
    return annotation
