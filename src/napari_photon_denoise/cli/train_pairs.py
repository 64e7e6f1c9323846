"""Options and images of a training on own pairs."""

from __future__ import annotations

import argparse
from itertools import chain
from typing import Any

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.cli.cameras import describe_camera, estimate_camera
from napari_photon_denoise.cli.options import add_flag, stated_by
from napari_photon_denoise.cli.outputs import check_outputs
from napari_photon_denoise.io import ImageFile, find_images
from napari_photon_denoise.networks.learning.pairs.settings import PairSettings
from napari_photon_denoise.parameters import declared_parameters

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
    for part in declared_parameters(PairSettings):
        add_flag(group, part, EXTRAS.get(part.name, ""))


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

    settings = stated_by(vars(chosen), PairSettings)
    files = match(find_images(chosen.noisy), find_images(chosen.clean))
    check_outputs(chosen, (chosen.output, chosen.curve), {"input": chain.from_iterable(files)})
    if camera is None:
        camera = estimate_camera([noisy for noisy, _ in files], chosen)

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
