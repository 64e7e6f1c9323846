"""All that a training on noisy images needs, whatever it teaches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from napari_photon_denoise.networks.architecture import Architecture, Network
from napari_photon_denoise.networks.learning.training import Lesson, Trainer, Training

Settle = Callable[[str], tuple[str, ...]]


@dataclass(frozen=True, eq=False)
class LearningPlan:
    """A network, what it is taught, and for how long.

    Parameters
    ----------
    architecture : Architecture
    network : Network
        Is trained in place.
    lesson : Lesson
    training : Training
    facts : dict
        What is noted in the model.
    seen : tuple of Tensor, e-
        Photons of the held-out patches, which tell one image from another.
    settle : function of a device, optional
        Called when the training has ended; may give the network back the weights that it began
        with, and returns what the user should know, a sentence each.
    """

    architecture: Architecture
    network: Network
    lesson: Lesson[Any]
    training: Training
    facts: dict[str, Any]
    seen: tuple[Tensor, ...]
    settle: Settle | None = None

    def trainer(self, checkpoint: Path | None, device: str) -> Trainer[Any]:
        """Return what trains the network."""
        return Trainer(
            self.network, self.lesson, self.training, checkpoint=checkpoint, device=device
        )

    def end(self, device: str) -> tuple[str, ...]:
        """Decide what is kept of a training that has ended; return sentences for the user."""
        return () if self.settle is None else self.settle(device)
