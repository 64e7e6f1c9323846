"""A training recipe in words: what `recipes/*.json` and a user's own hold."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_serializer,
    model_validator,
)

from napari_photon_denoise.errors import PhotonDenoiseError, one_sentence
from napari_photon_denoise.io.paths import local_path
from napari_photon_denoise.networks.architecture import Architecture
from napari_photon_denoise.networks.learning.degrade import Noise
from napari_photon_denoise.networks.learning.objective import Objective
from napari_photon_denoise.networks.learning.recipes import FOLDER, recipe_names
from napari_photon_denoise.networks.learning.training import Training
from napari_photon_denoise.virtual.content.library import Kind

Count = Annotated[int, Field(ge=1)]


class LibraryRecipe(BaseModel):
    """What is drawn: see `virtual.content.build_library_job`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind = "planes"
    count: Count = 2400
    real_share: float = Field(0.45, ge=0, le=1)
    seed: int = 0


class HeldOut(BaseModel):
    """What is never trained on: the last scenes, and how many batches are cut of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scenes: Count = 80
    batches: Count = 10


class TrainingRecipe(BaseModel):
    """Everything that determines a model but the real content.

    Parameters
    ----------
    text : str
        What the model is for.
    start : str, optional
        The model whose weights it starts from; None for random ones.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = ""
    start: str | None = None
    architecture: Architecture
    objective: Objective
    noise: Noise
    library: LibraryRecipe
    training: Training
    batch: Count = 16
    patch: Count = 96
    held_out: HeldOut = HeldOut()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.architecture.body == "care":
            raise ValueError("CARE learns from pairs, not from a recipe")
        return self

    @field_serializer("training")
    def _say_training(self, training: Training) -> dict[str, Any]:
        """Write what a training says of itself: one that an earlier version began goes on."""
        return training.say()


def load_training_recipe(name: str | Path) -> TrainingRecipe:
    """Load a recipe by its name, or one from a file.

    Raises
    ------
    PhotonDenoiseError
        If there is none, or it is not understood.
    """
    path = FOLDER / f"{name}.json" if str(name) in recipe_names() else local_path(name)
    if path.suffix.lower() != ".json" or not path.is_file():
        raise PhotonDenoiseError(
            f"There is no training recipe '{name}': name one of {', '.join(recipe_names())}, or a "
            ".json file."
        )
    try:
        recipe = TrainingRecipe.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        raise PhotonDenoiseError(one_sentence(error, path.name)) from error
    except (OSError, ValueError) as error:
        raise PhotonDenoiseError(f"{path} is no training recipe ({error}).") from error
    if recipe.held_out.scenes >= recipe.library.count:
        raise PhotonDenoiseError(
            f"{path.name}: {recipe.held_out.scenes} scenes to hold out of {recipe.library.count} "
            "leave none to train on."
        )
    return recipe


def changed(recipe: TrainingRecipe, steps: int | None, seed: int | None) -> TrainingRecipe:
    """Return a recipe with another length or seed, where one is given.

    Raises
    ------
    PhotonDenoiseError
        If there are no steps.
    """
    if steps is not None and steps < 1:
        raise PhotonDenoiseError(f"A training has at least 1 step, not {steps}.")
    training = recipe.training
    if steps is not None:
        training = replace(training, steps=steps)
    if seed is not None:
        training = replace(training, seed=seed)
    return recipe.model_copy(update={"training": training})
