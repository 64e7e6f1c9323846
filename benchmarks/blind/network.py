"""What it costs, in decibels, that nobody tells the camera: RESUNET told nothing, and the truth."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Denoised:
    """PSNR of an image, dB, each after the best straight line to the truth.

    Parameters
    ----------
    raw : float
    blind : float or None
        Denoised with what the image told; None if it was refused.
    told : float
        Denoised with the truth.
    notes : tuple of str
        What was said beside the image that was told nothing.
    """

    raw: float
    blind: float | None
    told: float
    notes: tuple[str, ...] = ()

    @property
    def loss(self) -> float | None:
        """What it costs to be told nothing."""
        return None if self.blind is None else self.told - self.blind
