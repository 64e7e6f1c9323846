"""All that a training needs, whatever it teaches and wherever it is watched."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor

from napari_photon_denoise.models import digest, find_model
from napari_photon_denoise.networks.architecture import Architecture, Network
from napari_photon_denoise.networks.learning.lesson import Lesson
from napari_photon_denoise.networks.learning.training import Training
from napari_photon_denoise.networks.learning.warm_start import grow
from napari_photon_denoise.networks.weights import load_model

# Of the weights, in a checkpoint and the model: weights, average, moments. While a checkpoint is
# written the one before is still there.
COPIES = 2 * 5


@dataclass(frozen=True)
class Judgement:
    """What a comparison with the time before the training came to.

    Parameters
    ----------
    facts : dict
        What is noted in the model.
    said : str
        The figures, in a line for people; empty if the notes say it.
    notes : tuple of str
        What the user should know, a sentence each.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    said: str = ""
    notes: tuple[str, ...] = ()


class Judge(Protocol):
    """Compares a network with what was there before it learnt."""

    def before(self, device: str) -> None:
        """Look at the network before it learns; it is on the device."""

    def after(self, device: str) -> Judgement:
        """Compare; may give the network back the weights that it began with."""


@dataclass(frozen=True, eq=False)
class Plan:
    """A network, what it is taught, for how long, and how it is judged.

    Parameters
    ----------
    architecture : Architecture
    network : PhotonNetwork or BlindNetwork
        Of that architecture; is trained in place.
    lesson : Lesson
    training : Training
    facts : dict
        What is noted in the model beside all that: "content", "noise", "start" and the like.
    judge : Judge, optional
    notes : tuple of str
        What the user should know before it starts, a sentence each.
    seen : tuple of Tensor, e-
        Photons of the held-out patches, which tell one image from another.
    """

    architecture: Architecture
    network: Network
    lesson: Lesson[Any]
    training: Training
    facts: dict[str, Any]
    judge: Judge | None = None
    notes: tuple[str, ...] = ()
    seen: tuple[Tensor, ...] = ()

    def say(self) -> dict[str, Any]:
        """Return all that determines the weights: a training that goes on must have the same."""
        return {
            "architecture": self.architecture.model_dump(mode="json"),
            "training": self.training.say(),
            **self.facts,
        }


def build(
    architecture: Architecture, start: str | Path | None, seed: int
) -> tuple[Network, dict[str, str] | None]:
    """Build a network and give it the weights to start from.

    Parameters
    ----------
    architecture : Architecture
    start : str or path, optional
        A shipped model or a file; None for random weights.
    seed : int
        Of the random weights.

    Returns
    -------
    PhotonNetwork or BlindNetwork
    dict or None
        Name and SHA-256 of the weights that it starts from.

    Raises
    ------
    PhotonDenoiseError
        If there is no such model, or it does not fit.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = architecture.build()
    if start is None:
        return network, None
    grow(network, load_model(start).network)
    path = find_model(start)
    return network, {"model": path.stem, "sha256": digest(path)}


def bytes_needed(architecture: Architecture) -> int:
    """Bytes on disk that checkpoint and model take."""
    weights = sum(weight.numel() for weight in architecture.build().parameters())
    return COPIES * 4 * weights + 2**20
