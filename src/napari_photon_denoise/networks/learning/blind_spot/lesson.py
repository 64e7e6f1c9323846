"""What a blind-spot network is taught: pixels that it can't see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from napari_photon_denoise.networks.architecture import Network
from napari_photon_denoise.networks.blind_network import BlindNetwork, Expected
from napari_photon_denoise.networks.learning.blind_spot.masks import BlindSpot
from napari_photon_denoise.networks.learning.blind_spot.patches import Patches
from napari_photon_denoise.networks.learning.blind_spot.settings import Loss
from napari_photon_denoise.networks.photon_network import FLOOR
from napari_photon_denoise.networks.posterior import log_likelihood, surprise
from napari_photon_denoise.networks.precision import Precision, autocast


@dataclass(frozen=True)
class Masked:
    """Patches with blind spots.

    Parameters
    ----------
    photons : (B, planes, [Z,] Y, X) float32, e-
        What the network sees: replaced where it is blind.
    read_noise : (B, 1, [1,] Y, X) float32, e- rms
    present : (B, planes) bool
    target : (B, 1, [Z,] Y, X) float32, e-
        What was counted.
    mask : (B, 1, [Z,] Y, X) bool
        Pixels to learn from.
    """

    photons: Tensor
    read_noise: Tensor
    present: Tensor
    target: Tensor
    mask: Tensor

    def to(self, device: str) -> Masked:
        """Bring everything onto a device."""
        return Masked(*(getattr(self, one.name).to(device) for one in fields(self)))


@dataclass(frozen=True)
class Positivity:
    """What it costs that a deconvolved image is darker than the background.

    Parameters
    ----------
    weight : float
    background : float, e-
    unit : float, e-
        Standard deviation of the noisy images.
    """

    weight: float
    background: float
    unit: float

    def __call__(self, sharp: Tensor) -> Tensor:
        """Weight times the mean of what lacks, in units, () float32; (B, 1, [Z,] Y, X) in e-."""
        return self.weight * F.relu(self.background - sharp).mean() / self.unit


@dataclass(frozen=True, eq=False)
class BlindLesson:
    """Guess the pixels that are hidden.

    Parameters
    ----------
    patches : function of a random generator
    blind_spot : BlindSpot
    loss : {"poisson", "gaussian", "mse"}
    held_out : tuple of Masked
        Fixed patches; their masks hold pixels that are never trained on.
    positivity : Positivity, optional
        Of what is blurred by a point spread function.
    """

    patches: Callable[[np.random.Generator], Patches]
    blind_spot: BlindSpot
    loss_name: Loss
    held_out: tuple[Masked, ...]
    positivity: Positivity | None = None

    def draw(self, rng: np.random.Generator) -> Masked:
        """Return patches with blind spots, none of them on a pixel that is held out."""
        patches = self.patches(rng)
        return hide(patches, self.blind_spot, rng, held_out=False)

    def loss(self, network: Network, batch: Masked, device: str, precision: Precision) -> Tensor:
        """Mean over the hidden pixels."""
        batch = batch.to(device)
        expected = _expect(network, batch, device, precision)
        found = masked_loss(self.loss_name, expected, batch)
        if self.positivity is None or expected.sharp is None:
            return found
        return found + self.positivity(expected.sharp)

    def score(self, network: nn.Module, device: str, precision: Precision) -> float:
        """Poisson deviance of the counted photons, a pixel, of what is never trained on."""
        total, count = 0.0, 0
        with torch.inference_mode():
            for one in self.held_out:
                batch = one.to(device)
                found = deviance(_expect(network, batch, device, precision), batch)
                total, count = total + float(found.sum()), count + found.numel()
        return total / max(count, 1)

    def describe(self, score: float) -> str:
        """Say a score."""
        return f"held-out deviance {score:.4f} a pixel"


def hide(
    patches: Patches, blind_spot: BlindSpot, rng: np.random.Generator, *, held_out: bool
) -> Masked:
    """Put blind spots into the middle plane of patches, or into all planes of 3-D ones.

    Parameters
    ----------
    patches : Patches
    blind_spot : BlindSpot
    rng : numpy.random.Generator
    held_out : bool
        True hides the pixels that are held out, False only others.
    """
    source = torch.Generator().manual_seed(int(rng.integers(2**63)))
    middle = patches.photons.shape[1] // 2
    target = patches.photons[:, middle : middle + 1]
    volume = (len(target), -1, *target.shape[-2:])
    kept = patches.held_out.reshape(volume)
    mask = kept if held_out else blind_spot.draw(kept.shape, source) & ~kept
    hidden = blind_spot.hide(target.reshape(volume), mask, source).reshape(target.shape)
    photons = patches.photons.clone()
    photons[:, middle : middle + 1] = hidden
    return Masked(photons, patches.read_noise, patches.present, target, mask.reshape(target.shape))


def masked_loss(loss: Loss, expected: Expected, batch: Masked) -> Tensor:
    """Loss of the hidden pixels, and of no other.

    Parameters
    ----------
    loss : {"poisson", "gaussian", "mse"}
        Of networks that guess the mean; those that guess a spread too have one of their own.
    expected : Expected
    batch : Masked

    Returns
    -------
    () float32
    """
    mean, counted, noise = _hidden(expected.image, batch)
    if expected.spread is not None:
        return surprise(mean, expected.spread[batch.mask], counted, noise).mean()
    if loss == "mse":
        return (mean - counted).square().mean() / (
            counted.mean().clamp(min=0) + noise.mean() + FLOOR
        )
    if loss == "poisson":
        return -log_likelihood(mean, counted, noise).mean()
    # "gaussian": squares in units of the noise that is expected, which is not learnt from.
    return ((mean - counted).square() / (mean.detach() + noise + FLOOR)).mean()


def deviance(expected: Expected, batch: Masked) -> Tensor:
    """Poisson deviance of each hidden pixel, (pixels,) float32; about 1 for perfect guesses."""
    mean, counted, noise = _hidden(expected.image, batch)
    best = log_likelihood(counted.clamp(min=0), counted, noise)
    return 2 * (best - log_likelihood(mean, counted, noise))


def _hidden(image: Tensor, batch: Masked) -> tuple[Tensor, Tensor, Tensor]:
    """Of the hidden pixels: an image, counted photons, variance of the read noise."""
    variance = batch.read_noise.square().expand_as(batch.target)
    return image[batch.mask], batch.target[batch.mask], variance[batch.mask]


def _expect(network: nn.Module, batch: Masked, device: str, precision: Precision) -> Expected:
    """Return what the network expects of pixels that it can't see."""
    assert isinstance(network, BlindNetwork)
    with autocast(device, precision):
        return network.expect(batch.photons, batch.read_noise, batch.present, batch.mask)
