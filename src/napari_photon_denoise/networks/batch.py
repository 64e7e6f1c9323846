"""What a network is shown, and what it should say."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """What a network is shown and what it should say.

    Parameters
    ----------
    photons : (B, planes, [Z,] Y, X) float32, e-
    read_noise : (B, 1, [1,] Y, X) float32, e- rms
    lengths : (B, 2) float32, px
    target : (B, 1, [Z,] Y, X) float32, e-
        Expected photons, as the (perhaps miscalibrated) camera would state them.
    present : (B, planes) bool
    """

    photons: Tensor
    read_noise: Tensor
    lengths: Tensor
    target: Tensor
    present: Tensor

    def to(self, device: str) -> Batch:
        """Bring everything onto a device."""
        parts = (self.photons, self.read_noise, self.lengths, self.target, self.present)
        return Batch(*(part.to(device, non_blocking=True) for part in parts))
