"""What a training minimises: losses of a batch, brought together."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from napari_photon_denoise.networks.batch import Batch
from napari_photon_denoise.networks.learning.losses import Loss

POISSON = ("symmetric-kl", "poisson-deviance", "poisson-nll")
BOXES = (16, 48)  # px; edges of the boxes whose photons are to be conserved
DARKEST = 0.05  # e-²; no box counts as quieter than this a pixel
FINEST_BOX = 0.05  # of the noise of a box's mean; what is better than that gains nothing
FINEST = 2e-4  # of the input's loss; what is better than that (37 dB) gains nothing


@dataclass(frozen=True)
class Objective:
    """Losses and how they are weighed.

    Parameters
    ----------
    losses : tuple of (Loss, float)
        Each with its share.
    decibels : bool
        True takes the logarithm of each patch's loss, relative to that of its noisy input: to
        halve the error of a dim patch is then worth as much as to halve that of a bright one.
    shifted : bool
        True lets Poisson losses see photons plus the variance of the read noise, whose Poisson
        law has the variance that the noise really has.
    conservation : float
        Share of the error of the mean of small boxes. An error of 0.05 photons, the same
        everywhere in a dark background, is nothing to the losses of pixels, and everything to
        whoever measures that background.
    """

    losses: tuple[tuple[Loss, float], ...]
    decibels: bool = True
    shifted: bool = True
    conservation: float = 0.0

    def __call__(self, output: Tensor, batch: Batch) -> Tensor:
        """Return the objective, a float32 scalar."""
        total = torch.zeros((), device=output.device)
        for loss, share in self.losses:
            value = self.of_patches(loss, output, batch)
            total = total + share * (torch.log(value + FINEST) if self.decibels else value).mean()
        if self.conservation > 0:
            for edge in BOXES:
                boxes = of_boxes(output, batch, edge)
                value = torch.log(boxes + FINEST_BOX) if self.decibels else boxes
                total = total + self.conservation / len(BOXES) * value.mean()
        return total

    def of_patches(self, loss: Loss, output: Tensor, batch: Batch) -> Tensor:
        """Loss of each patch over that of its noisy input, (B,) float32."""
        variance = batch.read_noise.square()
        shift = torch.zeros_like(variance)
        if self.shifted and loss.name in POISSON:
            shift = variance
        pixels = loss.per_pixel(output + shift, batch.target + shift)
        inner = tuple(range(1, output.ndim))
        middle = batch.photons.shape[1] // 2
        # Of what the network is shown, not of the target: see `losses`.
        mean = batch.photons[:, middle : middle + 1].mean(inner, keepdim=True) + shift.mean(
            inner, keepdim=True
        )
        rest = (variance - shift).mean(inner, keepdim=True).sqrt()
        weight = loss.weight(mean, rest)
        return (pixels.mean(inner, keepdim=True) * weight).reshape(-1)


def of_boxes(output: Tensor, batch: Batch, edge: int) -> Tensor:
    """Squared error of the means of boxes over the variance of those of the input, (B,) float32."""
    middle = batch.photons.shape[1] // 2
    seen = batch.photons[:, middle : middle + 1].clamp(min=0) + batch.read_noise.square()
    error, variance = _boxed(output - batch.target, edge), _boxed(seen, edge)
    relative = error.square() * edge**2 / (variance + DARKEST)
    return relative.mean(tuple(range(1, relative.ndim)))


def _boxed(images: Tensor, edge: int) -> Tensor:
    """Mean of each box of each plane; of what there is in planes smaller than a box."""
    planes = images.reshape(len(images), -1, *images.shape[-2:])
    return F.avg_pool2d(planes, min(edge, *planes.shape[-2:]))
