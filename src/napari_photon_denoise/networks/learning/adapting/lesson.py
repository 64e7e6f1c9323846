"""What a pretrained network is taught by a noisy image: where it errs, seen from around a pixel.

The network as it was, s, denoises the whole image. A copy of it, g, that learns is shown blind
spots, and s is shown the same. What they differ by there, c = g - s, knows nothing of the hidden
pixel, so its noise can't be learnt: if noise is not shared across the blind spot, the mean of

    (y - s - c)²  over hidden pixels y, where s is of the whole image,

is least where s + c comes nearest to the truth, and differs from (y - s)² by just as much as the
squared error of s + c from that of s. That holds whatever the noise's law is, and if the gain is
wrong: both would deceive a score that sorts photons at random (Batson & Royer 2019,
doi:10.48550/arXiv.1901.11365, on functions that don't see a pixel). When g is put to use it sees
every pixel, and weighs a pixel's own photons nearly as s did: only how it reads those around was
taught.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from napari_photon_denoise.networks.learning.blind_spot.lesson import Masked, hide
from napari_photon_denoise.networks.learning.blind_spot.masks import BlindSpot
from napari_photon_denoise.networks.learning.blind_spot.patches import Patches
from napari_photon_denoise.networks.photon_network import FLOOR, PhotonNetwork
from napari_photon_denoise.networks.precision import Precision, autocast


@dataclass(frozen=True, eq=False)
class AdaptingLesson:
    """Guess what the network as it was gets wrong.

    Parameters
    ----------
    patches : function of a random generator
    blind_spot : BlindSpot
    before : PhotonNetwork
        As it was; is never trained.
    held_out : tuple of Masked
        Fixed patches; their masks hold pixels that are never trained on.
    """

    patches: Callable[[np.random.Generator], Patches]
    blind_spot: BlindSpot
    before: PhotonNetwork
    held_out: tuple[Masked, ...]

    def draw(self, rng: np.random.Generator) -> Masked:
        """Return patches with blind spots, none of them on a pixel that is held out."""
        return hide(self.patches(rng), self.blind_spot, rng, held_out=False)

    def loss(self, network: nn.Module, batch: Masked, device: str, precision: Precision) -> Tensor:
        """Squares of what is still wrong, in units of the noise's variance."""
        batch = batch.to(device)
        wrong, change, variance = self._look(network, batch, device, precision)
        return (wrong - change).square().mean() / variance.mean()

    def score(self, network: nn.Module, device: str, precision: Precision) -> float:
        """By how much held-out pixels err more than they did before, %; below 0 if less."""
        before, after = self.errors(network, device, precision)
        return 100 * (float(after.mean() / before.mean()) - 1)

    def errors(
        self, network: nn.Module, device: str, precision: Precision
    ) -> tuple[Tensor, Tensor]:
        """Squared errors of the held-out pixels, before and now, (pixels,) float32, e-²."""
        before, after = [], []
        with torch.inference_mode():
            for one in self.held_out:
                wrong, change, _ = self._look(network, one.to(device), device, precision)
                before.append(wrong.square().cpu())
                after.append((wrong - change).square().cpu())
        return torch.cat(before), torch.cat(after)

    def describe(self, score: float) -> str:
        """Say a score."""
        side = "above" if score > 0 else "below"
        return f"held-out error {abs(score):.2f} % {side} that of the network as it was"

    def _look(
        self, network: nn.Module, batch: Masked, device: str, precision: Precision
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return what the network before got wrong at hidden pixels, its change, the variance."""
        middle = batch.photons.shape[1] // 2
        whole = batch.photons.clone()
        whole[:, middle : middle + 1] = batch.target
        before = self.before.to(device)
        lengths = torch.zeros(len(whole), 2, device=device)
        told = (batch.read_noise, lengths, batch.present)
        with autocast(device, precision):
            with torch.no_grad():
                seen, blind = (before(one, *told)[:, :1] for one in (whole, batch.photons))
            change = network(batch.photons, *told)[:, :1] - blind
        variance = seen.clamp(min=0) + batch.read_noise.square() + FLOOR
        at = batch.mask
        return (batch.target - seen)[at], change[at], variance[at]
