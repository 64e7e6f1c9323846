"""What a committee is taught: each member the same, from patches of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from napari_photon_denoise.networks.architecture import Network
from napari_photon_denoise.networks.batch import Batch
from napari_photon_denoise.networks.committee import Committee
from napari_photon_denoise.networks.learning.supervised import Supervised
from napari_photon_denoise.networks.precision import Precision


@dataclass(frozen=True, eq=False)
class Apart:
    """Members that share nothing: neither weights at the start, nor patches.

    They learn side by side, so that one training can be stopped, taken up again and written.

    Parameters
    ----------
    lesson : Supervised
        Draws as many patches as all members together learn from in a step.
    members : int
    """

    lesson: Supervised
    members: int

    def draw(self, rng: np.random.Generator) -> Batch:
        """Return the next batch, of all members."""
        return self.lesson.draw(rng)

    def loss(self, network: Network, batch: Batch, device: str, precision: Precision) -> Tensor:
        """Sum of the members' objectives: what one learns does not depend on the others."""
        if not isinstance(network, Committee):
            raise TypeError("a committee is taught")
        parts = zip(network.each, batch.split(self.members), strict=True)
        losses = [self.lesson.loss(member, part, device, precision) for member, part in parts]
        return torch.stack(losses).sum()

    def score(self, network: nn.Module, device: str, precision: Precision) -> float:
        """Return the error of what they say together on what is never trained on."""
        return self.lesson.score(network, device, precision)

    def describe(self, score: float) -> str:
        """Say a score."""
        return self.lesson.describe(score)
