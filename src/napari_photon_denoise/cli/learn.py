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
    camera_from,
    camera_words,
    given_parameters,
)
from napari_photon_denoise.cli.stopping import run_until_stopped
from napari_photon_denoise.denoisers import LEARNING
from napari_photon_denoise.denoisers.backend import DEVICES
from napari_photon_denoise.denoisers.learning import Learning, load_torch
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io import find_images
from napari_photon_denoise.io.whole import check_output
from napari_photon_denoise.networks.learning.work import Work, check_room, make_work

if TYPE_CHECKING:
    from napari_photon_denoise.networks.learning.blind_spot.learn import Learned, Learner
    from napari_photon_denoise.networks.learning.blind_spot.learning_plan import LearningPlan
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
    parser.add_argument("--axes", help="a letter of TCZYX a dimension, where files do not say")
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
    group.add_argument("--curve", metavar="PNG", help="picture of the score while learning")
    group.add_argument("--overwrite", action="store_true", help="replace files that are there")
    parser.set_defaults(command=_learn)


def _learn(chosen: argparse.Namespace) -> int:
    method = _method(chosen)
    target = check_output(chosen.output, (".safetensors",), "A model", overwrite=chosen.overwrite)
    if chosen.curve:
        check_output(chosen.curve, (".png",), "The curve", overwrite=chosen.overwrite)
    folder = chosen.work or target.with_suffix(".training")
    if chosen.finish and not Work(folder, chosen.method).checkpoint.exists():
        raise PhotonDenoiseError(
            f"{folder} holds no unfinished training to finish: leave --finish out, or name the "
            "right folder with --work."
        )
    check_room(target.absolute().parent, 0)
    load_torch(method.title)
    paths = find_images(chosen.images)
    with ExitStack() as opened:
        camera = camera_from(chosen) or estimate_camera(paths, chosen.axes)
        images = open_noisy(paths, camera, chosen, opened)
        run_with_bar(check_finite_job(images, paths), "images")
        method = resolve_for(method, images, paths)
        plan = _plan(method, images, paths)
        learner, work = _learner(plan, folder, chosen)
        if chosen.finish:
            learned: Learned | None = learner.finish()
        else:
            learned = run_until_stopped(learner.job(), "learning")
        if learned is None:
            _say_stopped(learner, folder)
            return 130
        _save(learned, target, chosen)
        work.finish()
        _summarise(learned, learner, method)
        if chosen.curve:
            say(f"wrote {chosen.curve}")
        say(f"wrote {target}")
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


def _plan(method: Learning, images: Sequence[Photons], paths: Sequence[Path]) -> LearningPlan:
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


def _learner(plan: LearningPlan, folder: Path, chosen: argparse.Namespace) -> tuple[Learner, Work]:
    from napari_photon_denoise.networks.learning.blind_spot.learn import Learner
    from napari_photon_denoise.networks.learning.plan import bytes_needed

    # While a checkpoint is written the one before is still there.
    work = make_work(folder, chosen.method, 2 * bytes_needed(plan.architecture))
    return Learner(plan, work, chosen.device), work


def _save(learned: Learned, target: Path, chosen: argparse.Namespace) -> None:
    from napari_photon_denoise.networks.weights import save_model

    if chosen.curve:
        from napari_photon_denoise.cli.curve import draw_curve

        draw_curve(learned.curve, Path(chosen.curve), "held-out score; lower is better")
    save_model(
        target, learned.network, learned.architecture, learned.facts, overwrite=chosen.overwrite
    )


def _say_stopped(learner: Learner, folder: Path) -> None:
    epochs = len(learner.trainer.curve.held_out)
    best = ", and with --finish it writes the best so far" if epochs else ""
    say(
        f"Stopped after {epochs} epochs. The same command goes on from there{best}; to forget it, "
        f"remove {folder}."
    )


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
    if not scores:
        note("It was stopped before its first score: the network has learnt next to nothing.")
        return
    # Without patience the last weights are kept, not the best.
    kept = scores.index(min(scores)) if method.patience else len(scores) - 1
    length = f"Learnt for {len(scores)} of at most {method.epochs} epochs"
    if learned.notes:  # they say what is kept
        say(f"{length}.")
    else:
        score = learner.plan.lesson.describe(scores[kept])
        say(f"{length} and kept epoch {kept + 1}: {score}")
    for sentence in (*method.notes(scores), *learned.notes):
        note(sentence)


def _usage(target: Path, method: Learning, chosen: argparse.Namespace) -> str:
    """Command that denoises with the model."""
    words = ["photon-denoise", "denoise", "IN", "-o", "OUT.ome.tif", "--model", str(target)]
    if method.neighbours == "t":
        words += ["--neighbours", "t"]
    return shlex.join(words + camera_words(chosen))
