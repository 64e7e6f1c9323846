"""What a network is shown, and what it should say."""

from __future__ import annotations

from collections.abc import Callable
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
    limits : (B, 2) float32, e-, optional
        Percentiles of the images that the patches are of, for a network that is told those.
    """

    photons: Tensor
    read_noise: Tensor
    lengths: Tensor
    target: Tensor
    present: Tensor
    limits: Tensor | None = None

    def to(self, device: str) -> Batch:
        """Bring everything onto a device."""
        return self._changed(lambda part: part.to(device, non_blocking=True))

    def split(self, count: int) -> list[Batch]:
        """Return as many batches, of equally many patches; the number of patches is a multiple."""
        each = len(self.photons) // count

        def share(number: int) -> Batch:
            return self._changed(lambda part: part[number * each : (number + 1) * each])

        return [share(number) for number in range(count)]

    def _changed(self, change: Callable[[Tensor], Tensor]) -> Batch:
        parts = (self.photons, self.read_noise, self.lengths, self.target, self.present)
        photons, read_noise, lengths, target, present = map(change, parts)
        limits = None if self.limits is None else change(self.limits)
        return Batch(photons, read_noise, lengths, target, present, limits)
