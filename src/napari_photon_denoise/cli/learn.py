"""``photon-denoise learn``: a network from noisy images alone, without clean ones."""

from __future__ import annotations

import argparse
import hashlib
import shlex
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_photon_denoise.cli.cameras import estimate_camera
from napari_photon_denoise.cli.console import note, run_with_bar, say
from napari_photon_denoise.cli.noisy_images import (
    check_finite_job,
    open_noisy,
    resolve_for,
    say_sources,
)
from napari_photon_denoise.cli.options import (
    add_camera_options,
    add_method_options,
    add_results_option,
    camera_from,
    camera_words,
    given_parameters,
)
from napari_photon_denoise.cli.outputs import check_outputs
from napari_photon_denoise.cli.training import (
    add_training_options,
    alone,
    carry_out,
    check_places,
    say_stopped,
    say_written,
)
from napari_photon_denoise.denoisers import LEARNING
from napari_photon_denoise.denoisers.learning import Learning
from napari_photon_denoise.denoisers.networked import load_torch
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io import find_raw_images
from napari_photon_denoise.networks.learning.folder import TrainingFolder, make_training_folder
from napari_photon_denoise.targets import model_files

if TYPE_CHECKING:
    from napari_photon_denoise.networks.learning.learner import Learned, Learner
    from napari_photon_denoise.networks.learning.plan import Plan
    from napari_photon_denoise.photons import Photons

DESCRIPTION = """Learn a network from noisy images alone, and write it as a model: for structures
that the shipped networks do not know. Images of one kind, taken alike, learn together. Ctrl-C
stops; the same command goes on from there, and with --finish it writes the best so far. Without a
camera, gain and offset are estimated from the images, which is less sure."""
EXAMPLE = """example:
  photon-denoise learn cells_*.tif --camera camera.tif --method n2v -o mine.safetensors
  photon-denoise denoise new.tif -o clean.ome.tif --camera camera.tif --model mine.safetensors
"""


def add_command(commands: Any) -> None:
    """Add ``learn``."""
    parser = commands.add_parser(
        "learn",
        help="learn a network from noisy images alone",
        description=DESCRIPTION,
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("images", nargs="+", metavar="IN", help="noisy image: file, folder or glob")
    parser.add_argument(
        "-o", "--output", required=True, metavar="FILE", help="the model (.safetensors)"
    )
    add_method_options(parser, LEARNING, next(iter(LEARNING)))
    add_camera_options(parser)
    add_results_option(parser)
    parser.add_argument("--axes", help="a letter of TCZYX a dimension, where files do not say")
    add_training_options(parser, "score")
    parser.set_defaults(command=_learn)


def _learn(chosen: argparse.Namespace) -> int:
    method = _method(chosen)
    target, folder = check_places(chosen, chosen.method)
    with alone(target, folder, chosen.method):
        return _learn_into(target, folder, method, chosen)


def _learn_into(target: Path, folder: Path, method: Learning, chosen: argparse.Namespace) -> int:
    load_torch(method.title)
    found = find_raw_images(chosen.images, allow_results=chosen.allow_results)
    for sentence in found.notes:
        note(sentence)
    paths = found.paths
    read = {"input": paths, "model": model_files(method)}
    check_outputs(chosen, (target, chosen.curve), read)
    with ExitStack() as opened:
        camera = camera_from(chosen) or estimate_camera(paths, chosen)
        images = open_noisy(paths, camera, chosen, opened)
        run_with_bar(check_finite_job(images, paths), "images")
        method = resolve_for(method, images, paths)
        plan = _plan(method, images, paths)
        learner, kept = _learner(plan, folder, chosen)
        learned = carry_out(learner, kept, target, chosen, "held-out score; lower is better")
        if learned is None:
            say_stopped(learner, folder, f"{len(learner.curve.held_out)} epochs")
            return 130
        if learned.kept >= 0:
            _summarise(learned, learner, method)
        say_written(target, chosen)
        say(f"Denoise with: {_usage(target, method, chosen)}")
        for sentence in _hints(learned, method, images[0], chosen.device):
            note(sentence)
    return 0


def _method(chosen: argparse.Namespace) -> Learning:
    if chosen.method not in LEARNING:
        raise PhotonDenoiseError(
            f"'{chosen.method}' is no method that learns from noisy images: choose one of "
            f"{', '.join(LEARNING)}."
        )
    return LEARNING[chosen.method](**given_parameters(chosen, LEARNING))


def _plan(method: Learning, images: Sequence[Photons], paths: Sequence[Path]) -> Plan:
    """Plan the training, and note in it what it learns from."""
    plan = run_with_bar(method.plan_job(images), "images")
    seen = plan.seen
    if all(patches.min() == patches.max() == seen[0].min() for patches in seen):
        raise PhotonDenoiseError(
            "The images have the same value everywhere that was looked at, so there is nothing to "
            "learn: give images of something."
        )
    # Files of one camera have equal sizes, and often equal names: their pixels tell them apart.
    pixels = hashlib.sha256(b"".join(patches.numpy().tobytes() for patches in seen))
    content = {"sources": say_sources(paths), "held_out_sha256": pixels.hexdigest()}
    return replace(plan, facts=plan.facts | {"content": content})


def _learner(
    plan: Plan, folder: Path, chosen: argparse.Namespace
) -> tuple[Learner, TrainingFolder]:
    from napari_photon_denoise.networks.learning.learner import Learner
    from napari_photon_denoise.networks.learning.plan import bytes_needed

    kept = make_training_folder(folder, chosen.method, bytes_needed(plan.architecture))
    return Learner(plan, kept, chosen.device), kept


def _hints(learned: Learned, method: Learning, image: Photons, device: str) -> Iterator[str]:
    """Say what is wrong with what the network makes of the first image."""
    from napari_photon_denoise.metrics.learning_hints import look_back
    from napari_photon_denoise.networks.predict import Predictor, needed_halo

    camera = image.calibration
    predictor = Predictor(learned.network, device, (camera.length_y, camera.length_x))
    around = (method.depth_axis, needed_halo(learned.network)[0])
    return look_back(image, predictor, around)


def _summarise(learned: Learned, learner: Learner, method: Learning) -> None:
    scores = learned.curve.held_out
    length = f"Learnt for {len(scores)} of at most {method.epochs} epochs"
    if learned.notes:  # they say what is kept
        say(f"{length}.")
    else:
        score = learner.plan.lesson.describe(scores[learned.kept])
        say(f"{length} and kept epoch {learned.kept + 1}: {score}")
    for sentence in (*method.notes(scores), *learned.notes):
        note(sentence)


def _usage(target: Path, method: Learning, chosen: argparse.Namespace) -> str:
    """Command that denoises with the model."""
    words = ["photon-denoise", "denoise", "IN", "-o", "OUT.ome.tif", "--model", str(target)]
    if method.neighbours == "t":
        words += ["--neighbours", "t"]
    return shlex.join(words + camera_words(chosen))
