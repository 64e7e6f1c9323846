"""What a network is taught: the contract that the trainer holds every lesson to."""

from __future__ import annotations

from typing import Protocol, TypeVar

import numpy as np
from torch import Tensor, nn

from napari_photon_denoise.networks.architecture import Network
from napari_photon_denoise.networks.precision import Precision

HELD_OUT_SEED = 10**6

B = TypeVar("B")


class Lesson(Protocol[B]):
    """What a network is taught, and how it is examined."""

    def draw(self, rng: np.random.Generator) -> B:
        """Return the next batch; what it holds depends on the generator alone."""

    def loss(self, network: Network, batch: B, device: str, precision: Precision) -> Tensor:
        """Return what is minimised, a float32 scalar."""

    def score(self, network: nn.Module, device: str, precision: Precision) -> float:
        """Return the error on what is never trained on; lower is better."""

    def describe(self, score: float) -> str:
        """Say a score in a few words, for the progress."""


def held_out_rngs(batches: int) -> list[np.random.Generator]:
    """Return what draws the batches that are never trained on: the same ones every time."""
    return [np.random.default_rng(HELD_OUT_SEED + number) for number in range(batches)]
