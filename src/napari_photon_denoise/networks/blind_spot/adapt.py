"""A pretrained network learns a little more, from the user's own noisy image.

Each patch's photons are sorted at random into two: the network denoises the one, and is judged
by the other, which it has not seen (see `metrics.thinning`). Unlike a blind spot this lets it see
every pixel, as it does when it denoises; but photons must be counted one by one, so noise that
neighbours share can't be learnt from in this way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor, nn

from napari_photon_denoise.metrics.thinning import thin
from napari_photon_denoise.networks.architecture import Network
from napari_photon_denoise.networks.blind_spot.patches import Patches
from napari_photon_denoise.networks.degrade import Batch
from napari_photon_denoise.networks.precision import Precision, autocast

SHARES = (0.5, 0.9)  # of the photons that the network is shown while it learns
JUDGED = 0.8  # of those in the held-out score
FLOOR = 1e-2  # e-; keeps logarithms finite
POISSON_SHARE = 0.5  # beside the squares


@dataclass(frozen=True)
class Sorted:
    """Patches whose photons were sorted into those shown and those held back.

    Parameters
    ----------
    photons : (B, planes, [Z,] Y, X) float32, e-
        Shown.
    read_noise : (B, 1, [1,] Y, X) float32, e- rms
        Of those.
    present : (B, planes) bool
    held : (B, 1, [Z,] Y, X) float32, e-
        Held back, of the plane that is denoised; as good as Poisson.
    extra : (B, 1, [Z or 1,] Y, X) float32, e-
        What read noise adds to their mean.
    ratio : (B, 1, [1,] 1, 1) float32
        Photons held back over photons shown.
    mask : (B, 1, [Z,] Y, X) bool
        Pixels to learn from, or to be judged by.
    """

    photons: Tensor
    read_noise: Tensor
    present: Tensor
    held: Tensor
    extra: Tensor
    ratio: Tensor
    mask: Tensor

    def to(self, device: str) -> Sorted:
        """Bring everything onto a device."""
        return Sorted(*(getattr(self, one.name).to(device) for one in fields(self)))


@dataclass(frozen=True, eq=False)
class ThinningLesson:
    """Guess the photons that are held back.

    Parameters
    ----------
    patches : function of a random generator
    held_out : tuple of Sorted
        Fixed patches; their masks hold pixels that are never trained on.
    """

    patches: Callable[[np.random.Generator], Patches]
    held_out: tuple[Sorted, ...]

    def draw(self, rng: np.random.Generator) -> Sorted:
        """Return patches, sorted anew each time; pixels that are held out don't count."""
        return sort(self.patches(rng), rng, SHARES, held_out=False)

    def loss(self, network: Network, batch: Sorted, device: str, precision: Precision) -> Tensor:
        """Squares and half of the Poisson deviance, as the shipped networks were trained."""
        batch = batch.to(device)
        expected, held = guess(network, batch, device, precision)
        squares = (expected - held).square().mean() / (held.mean() + FLOOR)
        return squares + POISSON_SHARE * deviance(expected, held).mean()

    def score(self, network: nn.Module, device: str, precision: Precision) -> float:
        """Squared error of photons held back over their mean, of what is never trained on."""
        return float(self.errors(network, device, precision).mean())

    def errors(self, network: nn.Module, device: str, precision: Precision) -> Tensor:
        """Squared error of each held-out pixel over the mean of all, always the same pixels."""
        errors, total = [], 0.0
        with torch.inference_mode():
            for one in self.held_out:
                expected, held = guess(network, one.to(device), device, precision)
                errors.append((expected - held).square().cpu())
                total += float(held.sum())
        found = torch.cat(errors)
        return found * len(found) / max(total, FLOOR)

    def sample(self) -> Batch:
        """Return what the network is shown."""
        batch = self.draw(np.random.default_rng(0))
        lengths = torch.zeros(len(batch.photons), 2)
        return Batch(batch.photons, batch.read_noise, lengths, batch.held, batch.present)

    def describe(self, score: float) -> str:
        """Say a score."""
        return f"held-out error {score:.4f} of the noise"


def sort(
    patches: Patches, rng: np.random.Generator, shares: tuple[float, float], *, held_out: bool
) -> Sorted:
    """Sort the photons of patches into those shown and those held back.

    Parameters
    ----------
    patches : Patches
    rng : numpy.random.Generator
    shares : (float, float)
        Least and most of the photons that are shown.
    held_out : bool
        Whether the pixels that are held out count, or all others.
    """
    share = float(rng.uniform(*shares))
    noise = patches.read_noise.numpy()
    parts = thin(patches.photons.numpy(), noise, share=share, rng=rng)
    middle = patches.photons.shape[1] // 2
    flat = (len(noise), *(1,) * (patches.photons.ndim - 1))
    told, extra = (
        torch.from_numpy(np.broadcast_to(np.float32(one), noise.shape).copy())
        for one in (parts.read_noise, parts.extra)
    )
    return Sorted(
        torch.from_numpy(parts.kept),
        told,
        patches.present,
        torch.from_numpy(parts.held[:, middle : middle + 1]),
        extra,
        torch.full(flat, (1 - share) / share),
        patches.held_out if held_out else ~patches.held_out,
    )


def guess(
    network: nn.Module, batch: Sorted, device: str, precision: Precision
) -> tuple[Tensor, Tensor]:
    """Return photons held back, expected and counted, of the mask's pixels, (pixels,) float32."""
    lengths = torch.zeros(len(batch.photons), 2, device=device)
    with autocast(device, precision):
        clean = network(batch.photons, batch.read_noise, lengths, batch.present)
    expected = clean[:, :1] * batch.ratio + batch.extra
    return expected[batch.mask], batch.held[batch.mask]


def deviance(expected: Tensor, held: Tensor) -> Tensor:
    """Poisson deviance of each pixel."""
    # x log x is 0 at 0.
    best = torch.xlogy(held, held) - held
    return 2 * (best - (held * (expected + FLOOR).log() - expected))
