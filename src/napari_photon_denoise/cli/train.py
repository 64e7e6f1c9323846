"""``photon-denoise train``: a shipped model's recipe again, or a network for a user's own pairs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_photon_denoise.cli.console import note, run_with_bar, say
from napari_photon_denoise.cli.options import add_camera_options, camera_from
from napari_photon_denoise.cli.stopping import run_until_stopped
from napari_photon_denoise.cli.train_pairs import (
    add_pair_options,
    given_settings,
    prepare_pairs,
)
from napari_photon_denoise.denoisers.backend import DEVICES
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.whole import check_output
from napari_photon_denoise.networks.learning.recipes import recipe_names

if TYPE_CHECKING:
    from napari_photon_denoise.networks.learning.plan import Plan, Trained
    from napari_photon_denoise.networks.learning.work import Work

DESCRIPTION = """Train a network. Either repeat the recipe of a shipped model (--recipe), or give
pairs of images of the same scenes, noisy and clean (--noisy, --clean). To learn from noisy images
alone, give a method that does: 'photon-denoise train --method n2v IN ... -o FILE', which is the
command learn, see 'photon-denoise learn --help'. Ctrl-C stops; the same command goes on from
there."""
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
    group = parser.add_argument_group("work")
    group.add_argument(
        "--work",
        type=Path,
        metavar="FOLDER",
        help="where an unfinished training is kept (default: beside the output)",
    )
    group.add_argument("--device", choices=DEVICES, default="auto", help="where to compute")
    group.add_argument("--curve", metavar="PNG", help="picture of the error while training")
    group.add_argument("--overwrite", action="store_true", help="replace files that are there")
    parser.set_defaults(command=_train)


def _train(chosen: argparse.Namespace) -> int:
    _check_choice(chosen)
    target = check_output(chosen.output, (".safetensors",), "A model", overwrite=chosen.overwrite)
    if chosen.curve:
        check_output(chosen.curve, (".png",), "The curve", overwrite=chosen.overwrite)
    folder = chosen.work or target.with_suffix(".training")
    plan, work = _plan_recipe(chosen, folder) if chosen.recipe else _plan_pairs(chosen, folder)
    for sentence in plan.notes:
        note(sentence)
    # Not before: it imports torch.
    from napari_photon_denoise.networks.learning.plan import train_plan_job
    from napari_photon_denoise.networks.learning.work import check_room
    from napari_photon_denoise.networks.weights import save_model

    check_room(target.absolute().parent, 0)
    trained = run_until_stopped(train_plan_job(plan, work, chosen.device), "training")
    if trained is None:
        say(f"Stopped. The same command goes on from there; to forget it, remove {folder}.")
        return 130
    save_model(
        target, trained.network, trained.architecture, trained.facts, overwrite=chosen.overwrite
    )
    work.finish()
    _summarise(trained)
    if chosen.curve:
        from napari_photon_denoise.cli.curve import draw_curve

        draw_curve(trained.curve, Path(chosen.curve), "squared error over noise variance, dB")
        say(f"wrote {chosen.curve}")
    say(f"wrote {target}")
    return 0


def _check_choice(chosen: argparse.Namespace) -> None:
    own = [f"--{name}" for name in ("noisy", "clean") if getattr(chosen, name)]
    if chosen.recipe and own:
        raise PhotonDenoiseError(f"Give either --recipe, or pairs ({', '.join(own)}).")
    if chosen.recipe:
        others = sorted(given_settings(chosen).keys() - SHARED)
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


def _plan_recipe(chosen: argparse.Namespace, folder: Path) -> tuple[Plan, Work]:
    from napari_photon_denoise.networks.learning.optimiser import check_torch
    from napari_photon_denoise.networks.learning.recipes.plan import plan_recipe_job, recipe_bytes
    from napari_photon_denoise.networks.learning.recipes.recipe import changed, load_training_recipe
    from napari_photon_denoise.networks.learning.work import make_work

    check_torch()
    recipe = changed(load_training_recipe(chosen.recipe), chosen.steps, chosen.seed)
    start = recipe.start if chosen.init is None else chosen.init
    needed = recipe_bytes(recipe, folder, chosen.content)
    work = make_work(folder, Path(chosen.recipe).stem, needed)
    job = plan_recipe_job(recipe, folder, chosen.content, None if start == "none" else start)
    return run_with_bar(job, "library"), work


def _plan_pairs(chosen: argparse.Namespace, folder: Path) -> tuple[Plan, Work]:
    settings, pairs, facts = prepare_pairs(chosen, camera_from(chosen))
    from napari_photon_denoise.networks.learning.optimiser import check_torch
    from napari_photon_denoise.networks.learning.pairs.plan import architecture, plan_pairs_job
    from napari_photon_denoise.networks.learning.plan import bytes_needed
    from napari_photon_denoise.networks.learning.work import make_work

    check_torch()
    work = make_work(folder, "pairs", bytes_needed(architecture(settings)))
    return run_with_bar(plan_pairs_job(pairs, settings, facts), "pairs"), work


def _summarise(trained: Trained) -> None:
    count = trained.facts["held_out"]["patches"]
    say(
        f"PSNR of {count} held-out patches: {trained.noisy:.2f} dB noisy, {trained.start:.2f} dB "
        f"before the training, {trained.trained:.2f} dB after"
    )
    if trained.is_worse:
        note(
            "The network does worse on held-out patches than what was there before: do not use "
            "it. Give more pairs, fewer --steps or a lower --learning-rate, and check that the two "
            "images of a pair lie exactly over each other."
        )
