"""``photon-denoise train``: a shipped model's recipe again, or a network for a user's own pairs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_photon_denoise.cli.console import note, run_with_bar, say
from napari_photon_denoise.cli.options import add_camera_options, camera_from, stated_by
from napari_photon_denoise.cli.outputs import check_outputs
from napari_photon_denoise.cli.train_pairs import (
    add_pair_options,
    prepare_pairs,
)
from napari_photon_denoise.cli.training import (
    add_training_options,
    alone,
    carry_out,
    check_places,
    say_stopped,
    say_written,
)
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.networks.learning.folder import TrainingFolder, make_training_folder
from napari_photon_denoise.networks.learning.pairs.settings import PairSettings
from napari_photon_denoise.networks.learning.recipes import recipe_names

if TYPE_CHECKING:
    from napari_photon_denoise.networks.learning.plan import Plan

DESCRIPTION = """Train a network. Either repeat the recipe of a shipped model (--recipe), or give
pairs of images of the same scenes, noisy and clean (--noisy, --clean). To learn from noisy images
alone, give a method that does: 'photon-denoise train --method n2v IN ... -o FILE', which is the
command learn, see 'photon-denoise learn --help'. Ctrl-C stops; the same command goes on from
there, and with --finish it writes the best so far."""
# Of the settings for pairs, those that a recipe takes too.
SHARED = {"steps", "seed", "init"}


def add_command(commands: Any) -> None:
    """Add ``train``."""
    parser = commands.add_parser("train", help="train a network", description=DESCRIPTION)
    parser.add_argument(
        "-o", "--output", required=True, metavar="FILE", help="the model (.safetensors)"
    )
    group = parser.add_argument_group("a shipped model again")
    group.add_argument(
        "--recipe",
        metavar="NAME|FILE",
        help=f"one of {', '.join(recipe_names())}, or a .json file like theirs",
    )
    group.add_argument(
        "--content",
        type=Path,
        metavar="FOLDER",
        help="clean real images to train on beside drawn ones: a folder for each source",
    )
    add_pair_options(parser)
    add_camera_options(parser)
    add_training_options(parser, "error")
    parser.set_defaults(command=_train)


def _train(chosen: argparse.Namespace) -> int:
    _check_choice(chosen)
    name = Path(chosen.recipe).stem if chosen.recipe else "pairs"
    target, folder = check_places(chosen, name)
    check_outputs(chosen, (target, chosen.curve))
    with alone(target, folder, name):
        return _train_into(target, folder, name, chosen)


def _train_into(target: Path, folder: Path, name: str, chosen: argparse.Namespace) -> int:
    make_plan = _plan_recipe if chosen.recipe else _plan_pairs
    plan, kept = make_plan(chosen, folder, name)
    for sentence in plan.notes:
        note(sentence)
    # Not before: it imports torch.
    from napari_photon_denoise.networks.learning.learner import Learner

    learner = Learner(plan, kept, chosen.device)
    learned = carry_out(learner, kept, target, chosen, "squared error over noise variance, dB")
    steps = f"{learner.step} of {plan.training.steps} steps"
    if learned is None:
        say_stopped(learner, folder, steps)
        return 130
    say(learned.said)
    if learner.step < plan.training.steps and learned.kept >= 0:
        kept_step = learned.curve.steps[learned.kept]
        say(f"Ended after {steps}, and kept the network of step {kept_step}.")
    for sentence in learned.notes:
        note(sentence)
    say_written(target, chosen)
    return 0


def _check_choice(chosen: argparse.Namespace) -> None:
    own = [f"--{name}" for name in ("noisy", "clean") if getattr(chosen, name)]
    if chosen.recipe and own:
        raise PhotonDenoiseError(f"Give either --recipe, or pairs ({', '.join(own)}).")
    if chosen.recipe:
        others = sorted(stated_by(vars(chosen), PairSettings).model_fields_set - SHARED)
        if others:
            raise PhotonDenoiseError(
                f"--{others[0].replace('_', '-')} is for pairs: a recipe says it itself, so copy "
                "its .json and change it there."
            )
    elif len(own) < 2:
        raise PhotonDenoiseError(
            "Say what to train on: --recipe NAME, or both --noisy and --clean images."
        )
    elif chosen.content:
        raise PhotonDenoiseError("--content is for a recipe: leave it out when training on pairs.")


def _plan_recipe(
    chosen: argparse.Namespace, folder: Path, name: str
) -> tuple[Plan, TrainingFolder]:
    from napari_photon_denoise.networks.learning.optimiser import check_torch
    from napari_photon_denoise.networks.learning.recipes.plan_recipe import (
        plan_recipe_job,
        recipe_bytes,
    )
    from napari_photon_denoise.networks.learning.recipes.recipe import changed, load_training_recipe

    check_torch()
    recipe = changed(load_training_recipe(chosen.recipe), chosen.steps, chosen.seed)
    start = recipe.start if chosen.init is None else chosen.init
    needed = recipe_bytes(recipe, folder, chosen.content)
    kept = make_training_folder(folder, name, needed)
    job = plan_recipe_job(recipe, folder, chosen.content, None if start == "none" else start)
    return run_with_bar(job, "library"), kept


def _plan_pairs(chosen: argparse.Namespace, folder: Path, name: str) -> tuple[Plan, TrainingFolder]:
    settings, pairs, facts = prepare_pairs(chosen, camera_from(chosen))
    from napari_photon_denoise.networks.learning.optimiser import check_torch
    from napari_photon_denoise.networks.learning.pairs.plan_pairs import (
        architecture,
        plan_pairs_job,
    )
    from napari_photon_denoise.networks.learning.plan import bytes_needed

    check_torch()
    kept = make_training_folder(folder, name, bytes_needed(architecture(settings)))
    return run_with_bar(plan_pairs_job(pairs, settings, facts), "pairs"), kept
