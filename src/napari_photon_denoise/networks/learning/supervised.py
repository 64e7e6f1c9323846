"""What pairs and recipes teach: noisy patches, and what they should be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from napari_photon_denoise.networks.architecture import Architecture, Network
from napari_photon_denoise.networks.batch import Batch
from napari_photon_denoise.networks.device import memory_errors
from napari_photon_denoise.networks.learning.laplace import LaplaceObjective
from napari_photon_denoise.networks.learning.objective import Objective
from napari_photon_denoise.networks.learning.plan import Judgement, Plan
from napari_photon_denoise.networks.learning.training import Training
from napari_photon_denoise.networks.precision import Precision, autocast

SMALLEST = 1e-9  # e-²; keeps the logarithm finite

Source = Callable[[np.random.Generator], Batch]


@dataclass(frozen=True, eq=False)
class Supervised:
    """Pairs of noisy and clean patches.

    Parameters
    ----------
    source : function of a random generator
        Returns the next batch.
    held_out : sequence of Batch
        Never trained on.
    objective : Objective or LaplaceObjective
    """

    source: Source
    held_out: Sequence[Batch]
    objective: Objective | LaplaceObjective

    def draw(self, rng: np.random.Generator) -> Batch:
        """Return the next batch."""
        return self.source(rng)

    def loss(self, network: nn.Module, batch: Batch, device: str, precision: Precision) -> Tensor:
        """Return the objective of a batch."""
        batch = batch.to(device)
        with autocast(device, precision):
            output = answer(network, batch)
        return self.objective(output, batch)

    def score(self, network: nn.Module, device: str, precision: Precision) -> float:
        """Mean over patches of the squared error over the noise variance, dB."""
        scores = []
        with torch.inference_mode(), autocast(device, precision):
            for batch in self.held_out:
                there = batch.to(device)
                output = answer(network, there)[:, :1]
                inner = tuple(range(1, output.ndim))
                error = (output - there.target).square().mean(inner)
                variance = (there.target + there.read_noise.square()).mean(inner).clamp(min=1e-2)
                scores.append(10 * torch.log10(error / variance + 1e-4))
        return float(torch.cat(scores).mean())

    def describe(self, score: float) -> str:
        """Say a score."""
        side = "below" if score < 0 else "above"
        return f"held-out error {abs(score):.2f} dB {side} the noise of the images"


@dataclass(eq=False)
class SupervisedJudge:
    """Compares held-out patches as they are, denoised before the training, and after.

    Parameters
    ----------
    network : PhotonNetwork or BlindNetwork
        The one that learns.
    held_out : sequence of Batch
    noisy, start : float, dB
        PSNR of the patches as they are, and denoised before the training.
    """

    network: Network
    held_out: Sequence[Batch]
    noisy: float = 0.0
    start: float = 0.0

    def before(self, device: str) -> None:
        """Look at the network before it learns."""
        self.noisy = psnr(None, self.held_out, device)
        self.start = psnr(self.network, self.held_out, device)

    def after(self, device: str) -> Judgement:
        """Compare."""
        trained = psnr(self.network, self.held_out, device)
        patches = sum(len(batch.photons) for batch in self.held_out)
        # It helped neither the images nor the weights that it started from.
        is_worse = trained < max(self.noisy, self.start)
        return Judgement(
            {
                "held_out": {
                    "patches": patches,
                    "psnr_noisy": self.noisy,
                    "psnr_start": self.start,
                    "psnr_trained": trained,
                }
            },
            f"PSNR of {patches} held-out patches: {self.noisy:.2f} dB noisy, {self.start:.2f} dB "
            f"before the training, {trained:.2f} dB after",
            (
                "The network does worse on held-out patches than what was there before: do not use "
                "it. Give more pairs, fewer steps or a lower learning rate, and check that the two "
                "images of a pair lie exactly over each other.",
            )
            if is_worse
            else (),
        )


def plan_supervised(
    architecture: Architecture,
    network: Network,
    lesson: Supervised,
    training: Training,
    facts: dict[str, Any],
    notes: Sequence[str] = (),
) -> Plan:
    """Plan a training whose network is judged before and after; see `Plan`."""
    return Plan(
        architecture,
        network,
        lesson,
        training,
        {"objective": asdict(lesson.objective), **facts},
        judge=SupervisedJudge(network, lesson.held_out),
        notes=tuple(notes),
    )


def answer(network: nn.Module, batch: Batch) -> Tensor:
    """Return all that a network says of a batch; both are on one device."""
    more = () if batch.limits is None else (batch.limits,)
    said: Tensor = network(batch.photons, batch.read_noise, batch.lengths, batch.present, *more)
    return said


def psnr(network: Network | None, batches: Sequence[Batch], device: str) -> float:
    """Peak signal-to-noise ratio, dB, averaged over patches; each one's peak is its own.

    Parameters
    ----------
    network : PhotonNetwork or BlindNetwork or None
        On the device. None scores the noisy patches themselves.
    batches : sequence of Batch
    device : {"cpu", "cuda", "mps"}
    """
    found = []
    if network is not None:
        network.eval()
    with torch.inference_mode(), memory_errors():
        for batch in batches:
            there = batch.to(device)
            if network is None:
                middle = there.photons.shape[1] // 2
                image = there.photons[:, middle : middle + 1]
            else:
                image = answer(network, there)[:, :1]
            found.append(_of_patches(image, there.target))
    return float(torch.cat(found).mean())


def _of_patches(image: Tensor, target: Tensor) -> Tensor:
    """Return (B,) dB."""
    error = (image - target).square().flatten(1).mean(1)
    flat = target.flatten(1)
    peak = flat.amax(1) - flat.amin(1)
    return 10 * torch.log10(peak.square().clamp(min=SMALLEST) / error.clamp(min=SMALLEST))
