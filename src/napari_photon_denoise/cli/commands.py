"""All commands: what is typed, and what is said where it fails."""

from __future__ import annotations

import argparse
import logging
import sys
import warnings
from collections.abc import Sequence
from itertools import pairwise

from napari_photon_denoise.cli import (
    calibrate,
    cluster,
    compare,
    convert,
    demo,
    denoise,
    finish,
    info,
    learn,
    measure,
    model,
    study,
    train,
)
from napari_photon_denoise.cli.console import FAULT, complain, in_words, note, show_fault
from napari_photon_denoise.cli.signals import stop_if_asked
from napari_photon_denoise.denoisers import LEARNING
from napari_photon_denoise.errors import PhotonDenoiseWarning
from napari_photon_denoise.faults import ProgramFault, as_sentence

EPILOG = """examples:
  photon-denoise demo -o demo-output
  photon-denoise calibrate --dark dark.tif --flat f1.tif --flat f2.tif -o camera.tif
  photon-denoise denoise cells.tif -o clean.ome.tif --camera orca-flash4
  photon-denoise denoise "raw/*.tif" -o clean/ --gain 0.46 --offset 100 --method non-local-means
  photon-denoise denoise huge.ome.zarr -o clean.ome.zarr --camera camera.tif --workers 4
  photon-denoise measure clean.ome.tif --raw cells.tif --truth truth.tif --json figures.json
  photon-denoise compare cells.tif --camera camera.tif --method resunet --method median -o it.html
  photon-denoise cluster cells.tif --clusters 4 -o labels.ome.tif --plot sweep.png
  photon-denoise study --virtual --photons 1 5 20 --method resunet --method gaussian -o study
  photon-denoise learn cells.tif --camera camera.tif --method n2v -o mine.safetensors
  photon-denoise train --noisy low/ --clean high/ --camera camera.tif -o mine.safetensors
  photon-denoise info resunet-2d
"""


def make_parser() -> argparse.ArgumentParser:
    """Build the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="photon-denoise",
        description="From camera counts to photons to a clean microscopy image.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    demo.add_command(commands)
    calibrate.add_command(commands)
    convert.add_command(commands)
    denoise.add_denoise_command(commands)
    denoise.add_run_command(commands)
    finish.add_command(commands)
    measure.add_command(commands)
    compare.add_command(commands)
    cluster.add_command(commands)
    study.add_command(commands)
    train.add_command(commands)
    learn.add_command(commands)
    model.add_command(commands)
    info.add_command(commands)
    return parser


def run(words: Sequence[str]) -> int:
    """Run a command and return its exit code, as `main` does."""
    chosen = make_parser().parse_args(_routed(list(words)))
    # What libraries log, such as tifffile of a tag that it does not know, is for developers:
    # what matters of it is said in a sentence by who opened the file.
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        with warnings.catch_warnings():
            if not sys.warnoptions:
                warnings.simplefilter("ignore")
            warnings.simplefilter("always", PhotonDenoiseWarning)
            warnings.showwarning = _show_note
            code: int = chosen.command(chosen)
    except Exception as error:
        stop_if_asked()  # it may be what a library made of that
        said = as_sentence(error, words[0])
        show_fault(said)
        complain(in_words(said))
        return FAULT if isinstance(said, ProgramFault) else 2
    return code


def _routed(words: list[str]) -> list[str]:
    """Make "train" of a method that learns from noisy images alone "learn"."""
    if words[:1] != ["train"]:
        return words
    named = [after for word, after in pairwise(words) if word == "--method"]
    named += [word.partition("=")[2] for word in words if word.startswith("--method=")]
    return ["learn", *words[1:]] if set(named) & LEARNING.keys() else words


def _show_note(
    message: Warning | str, category: type[Warning], *place: object, **more: object
) -> None:
    """Print a warning as a note, without the line of code that it came from."""
    note(str(message))
