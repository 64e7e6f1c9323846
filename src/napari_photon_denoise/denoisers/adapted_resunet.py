"""RESUNET, adapted: some steps on the user's own image, kept only if they help.

It learns from blind spots what the pretrained network gets wrong: see `networks.learning.adapting`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from napari_photon_denoise.denoisers.learning import Learning
from napari_photon_denoise.denoisers.neighbours import AUTO
from napari_photon_denoise.denoisers.resunet import Resunet
from napari_photon_denoise.job import Job
from napari_photon_denoise.models import shipped_models
from napari_photon_denoise.networks.learning import pace
from napari_photon_denoise.parameters import choice, record
from napari_photon_denoise.photons import Photons

if TYPE_CHECKING:
    from napari_photon_denoise.networks.learning.plan import Plan


class AdaptedResunet(Learning):
    """A pretrained network that learns a little from the image, if that helps."""

    title: ClassVar[str] = "RESUNET, adapted (learns from the image)"
    method: Literal["adapted-resunet"] = "adapted-resunet"
    model: str = choice(
        AUTO,
        "The network to begin with.",
        options={AUTO: "The one for stacks where there are neighbours, else the one for planes."}
        | {name: model.text for name, model in shipped_models().items()},
        suffix=".safetensors",
    )
    epochs: int = pace.epochs(4)
    patience: int = pace.patience(0)
    patch: int = pace.patch(96)
    batch: int = pace.batch(8)
    learning_rate: float = pace.learning_rate(1e-4)
    weights: str = record("SHA-256 of the network's file.")

    @property
    def halo(self) -> tuple[int, int, int]:
        """How far a pixel sees in z, y and x, px; before it is resolved, at most."""
        return self._pretrained().halo

    @property
    def card(self) -> str:
        """Name of the model that it begins with, once it is resolved."""
        return self.model

    @property
    def extras(self) -> tuple[str, ...]:
        """What a result has beside the denoised image: nothing."""
        return ()

    def resolved(self, photons: Photons) -> Self:
        """Return this method with every "auto" decided for an image, and its weights named.

        Raises
        ------
        PhotonDenoiseError
            If there is no such model, or not with these weights.
        """
        begin = self._pretrained().resolved(photons)
        decided = {name: getattr(begin, name) for name in ("model", "neighbours", "weights")}
        return self.model_copy(update=decided)

    def plan_job(self, images: Sequence[Photons]) -> Job[Plan]:
        """Read what fits into memory, and plan the training; of a method that is resolved.

        Raises
        ------
        PhotonDenoiseError
            If the model or the images can't be learnt from, neighbours share noise, or PyTorch is
            too old.
        """
        from napari_photon_denoise.networks.learning.adapting.plan_adapting import plan_adapting_job
        from napari_photon_denoise.networks.learning.optimiser import check_torch
        from napari_photon_denoise.networks.weights import load_model

        check_torch()
        plan = yield from plan_adapting_job(images, load_model(self.model), self.settings())
        # A training that goes on must have begun with the same weights.
        return replace(plan, facts=plan.facts | {"start_sha256": self.weights})

    def notes(self, scores: list[float]) -> list[str]:
        """Say nothing: which network has won says it all."""
        return []

    def _pretrained(self) -> Resunet:
        return Resunet(model=self.model, neighbours=self.neighbours, weights=self.weights)
