"""From a recipe to a plan: the library is drawn, or found, and patches are cut of it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, replace
from math import prod
from pathlib import Path
from typing import Any

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import Job
from napari_photon_denoise.networks.learning.lesson import held_out_rngs
from napari_photon_denoise.networks.learning.plan import Plan, build, bytes_needed
from napari_photon_denoise.networks.learning.recipes.patches import LibraryPatches
from napari_photon_denoise.networks.learning.recipes.recipe import LibraryRecipe, TrainingRecipe
from napari_photon_denoise.networks.learning.supervised import Supervised, plan_supervised
from napari_photon_denoise.virtual.content import Library, build_library_job, open_library
from napari_photon_denoise.virtual.content.library import SHAPES

LICENCES = "licences.json"  # in the folder of real content: source and licence
FEW = 100  # scenes that are drawn sooner than other processes have started


def plan_recipe_job(
    recipe: TrainingRecipe, folder: Path, content: Path | None, start: str | Path | None
) -> Job[Plan]:
    """Draw the recipe's library, unless it is there, and plan the training.

    Parameters
    ----------
    recipe : TrainingRecipe
    folder : Path
        Where libraries are kept.
    content : Path, optional
        Real images, see `virtual.content.read_content`; None draws all scenes.
    start : str or path, optional
        The model to start from.

    Returns
    -------
    Plan
        Through the generator's return value.
    """
    network, begun = build(recipe.architecture, start, recipe.training.seed)
    library = yield from _library_job(recipe.library, folder, content)
    scenes, held = library.scenes, recipe.held_out.scenes
    sides = {"batch": recipe.batch, "patch": recipe.patch, "planes": recipe.architecture.planes}
    source = LibraryPatches(scenes[:-held], recipe.noise, **sides)
    others = replace(source, scenes=scenes[-held:])
    held_out = [others(rng) for rng in held_out_rngs(recipe.held_out.batches)]
    notes = []
    if content is None and recipe.library.real_share > 0:
        notes.append(
            f"All {len(scenes)} scenes are drawn, none is real: the shipped model also saw "
            f"{recipe.library.real_share:.0%} real images; give a folder of clean ones as "
            "content for that."
        )
    facts = {
        "recipe": recipe.model_dump(mode="json"),
        "content": {name: library.facts[name] for name in ("kind", "sources", "licences", "seed")},
        "noise": asdict(recipe.noise),
        "start": begun,
    }
    lesson = Supervised(source, held_out, recipe.objective)
    return plan_supervised(recipe.architecture, network, lesson, recipe.training, facts, notes)


def recipe_bytes(recipe: TrainingRecipe, folder: Path, content: Path | None) -> int:
    """Bytes on disk that a recipe takes."""
    needed = bytes_needed(recipe.architecture)
    if _found(recipe.library, folder, content) is None:
        needed += 2 * recipe.library.count * prod(SHAPES[recipe.library.kind])
    return needed


def _library_job(wanted: LibraryRecipe, folder: Path, content: Path | None) -> Job[Library]:
    found = _found(wanted, folder, content)
    if found is not None:
        return found
    cores = os.cpu_count() or 1
    library = yield from build_library_job(
        _place(wanted, folder, content),
        kind=wanted.kind,
        count=wanted.count,
        content=content,
        real_share=wanted.real_share if content else 0.0,
        licences=_licences(content),
        seed=wanted.seed,
        workers=1 if wanted.count <= FEW else cores,
        overwrite=True,
    )
    return library


def _found(wanted: LibraryRecipe, folder: Path, content: Path | None) -> Library | None:
    """Return the library if it was finished before."""
    try:
        return open_library(_place(wanted, folder, content))
    except PhotonDenoiseError:
        return None


def _place(wanted: LibraryRecipe, folder: Path, content: Path | None) -> Path:
    """Name the library by all that it is made of."""
    real = f"{wanted.real_share:.0%}-{content.resolve().name}" if content else "drawn"
    return folder / f"library-{wanted.kind}-{wanted.count}-{real}-seed{wanted.seed}"


def _licences(content: Path | None) -> dict[str, Any]:
    path = content / LICENCES if content else None
    if path is None or not path.exists():
        return {}
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        raise PhotonDenoiseError(
            f"{path} is not understood: it holds a licence for each folder beside it, as in "
            '{"folder": "CC0"}.'
        ) from None
