"""The loss of a network that says how far it may be off."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import torch
from torch import Tensor

from napari_photon_denoise.networks.batch import Batch

DARKEST = 1e-2  # e-²; no patch counts as quieter


def laplace(mean: Tensor, scale: Tensor, target: Tensor) -> Tensor:
    """Minus the logarithm of a Laplace law's density, after Weigert et al. 2018.

    Smallest where the scale is the mean absolute error; there it is 1 + log(2 scale).
    doi:10.1038/s41592-018-0216-7.

    Parameters
    ----------
    mean, target : float32, e-
    scale : float32, e-
        Above zero. All of one shape.

    Returns
    -------
    float32, of each pixel
    """
    return (mean - target).abs() / scale + scale.log() + log(2)


@dataclass(frozen=True)
class LaplaceObjective:
    """`laplace` of what a network says, with photons in units of each patch's noise.

    The unit adds a number to the loss and moves no minimum: dim and bright patches count alike,
    whatever their unit.

    Parameters
    ----------
    name : str
        For the model's facts.
    """

    name: str = "laplace"

    def __call__(self, output: Tensor, batch: Batch) -> Tensor:
        """Return the objective, a float32 scalar.

        Parameters
        ----------
        output : (B, 2 or more, [Z,] Y, X) float32, e-
            Mean and scale.
        batch : Batch
        """
        pixels = laplace(output[:, :1], output[:, 1:2], batch.target)
        inner = tuple(range(1, output.ndim))
        middle = batch.photons.shape[1] // 2
        seen = batch.photons[:, middle : middle + 1].mean(inner).clamp(min=0)
        variance = seen + batch.read_noise.square().mean(inner)
        return (pixels.mean(inner) - torch.log(variance.clamp(min=DARKEST)) / 2).mean()
