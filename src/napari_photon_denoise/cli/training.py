"""What the commands that train share: where the training lies, Ctrl-C, and what is written."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from napari_photon_denoise.cli.console import note, say
from napari_photon_denoise.cli.stopping import run_until_stopped
from napari_photon_denoise.denoisers.backend import DEVICES
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.lock import held
from napari_photon_denoise.io.whole import check_output
from napari_photon_denoise.networks.learning.folder import (
    TrainingFolder,
    check_room,
    make_training_folder,
)

if TYPE_CHECKING:
    from napari_photon_denoise.networks.learning.learner import Learned, Learner


def add_training_options(parser: argparse.ArgumentParser, score: str) -> None:
    """Add where to work, when to end, and what to write beside the model."""
    group = parser.add_argument_group("work")
    group.add_argument(
        "--finish",
        action="store_true",
        help="learn no further: write the best that an unfinished training has so far",
    )
    group.add_argument(
        "--work",
        type=Path,
        metavar="FOLDER",
        help="where an unfinished training is kept (default: beside the output)",
    )
    group.add_argument("--device", choices=DEVICES, default="auto", help="where to compute")
    group.add_argument("--curve", metavar="PNG", help=f"picture of the {score} while learning")
    group.add_argument("--overwrite", action="store_true", help="replace files that are there")


def check_places(chosen: argparse.Namespace, name: str) -> tuple[Path, Path]:
    """Return the file of the model and the folder of the training, before any work.

    Parameters
    ----------
    chosen : argparse.Namespace
    name : str
        Of the training.

    Raises
    ------
    PhotonDenoiseError
        If something can't be written, or there is nothing to finish.
    """
    target = check_output(chosen.output, (".safetensors",), "A model", overwrite=chosen.overwrite)
    if chosen.curve:
        check_output(chosen.curve, (".png",), "The curve", overwrite=chosen.overwrite)
    folder = chosen.work or target.with_suffix(".training")
    if chosen.finish and not TrainingFolder(folder, name).checkpoint.exists():
        raise PhotonDenoiseError(
            f"{folder} holds no unfinished training to finish: leave --finish out, or name the "
            "right folder with --work."
        )
    check_room(target.absolute().parent, 0)
    return target, folder


@contextmanager
def alone(target: Path, folder: Path, name: str) -> Iterator[None]:
    """Keep other runs off a model and its training, which they would destroy.

    Raises
    ------
    PhotonDenoiseError
        If one writes them now; at once.
    """
    with held(target), make_training_folder(folder, name, 0).alone():
        yield


def carry_out(
    learner: Learner, kept: TrainingFolder, target: Path, chosen: argparse.Namespace, score: str
) -> Learned | None:
    """Learn, or end an unfinished training, and write what came of it; None if it was stopped.

    Parameters
    ----------
    learner : Learner
    kept : TrainingFolder
        Is emptied when the model is written.
    target : Path
        Of the model.
    chosen : argparse.Namespace
    score : str
        What is scored, for the curve.

    Raises
    ------
    PhotonDenoiseError
        If the training can't go on or end, or something can't be written.
    """
    if chosen.finish:
        learned: Learned | None = learner.finish()
    else:
        learned = run_until_stopped(learner.job(), "learning")
    if learned is None:
        return None
    if chosen.curve:
        from napari_photon_denoise.cli.curve import draw_curve

        draw_curve(learned.curve, Path(chosen.curve), score)
    learned.save(target, overwrite=chosen.overwrite)
    kept.finish()
    if learned.kept < 0:
        note("It was stopped before its first score: the network has learnt next to nothing.")
    return learned


def say_stopped(learner: Learner, folder: Path, after: str) -> None:
    """Say how a training goes on that was stopped `after` some epochs or steps."""
    best = ", and with --finish it writes the best so far" if learner.curve.held_out else ""
    say(
        f"Stopped after {after}. The same command goes on from there{best}; to forget it, "
        f"remove {folder}."
    )


def say_written(target: Path, chosen: argparse.Namespace) -> None:
    """Name the files that were written."""
    if chosen.curve:
        say(f"wrote {chosen.curve}")
    say(f"wrote {target}")
