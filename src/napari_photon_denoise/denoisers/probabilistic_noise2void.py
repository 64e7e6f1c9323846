"""Probabilistic Noise2Void: what a pixel's surroundings say, and what its own photons add.

Krull et al. 2020, doi:10.3389/fcomp.2020.00005. The noise model is the calibration: nothing has
to be recorded. See `networks.posterior`.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from napari_photon_denoise.denoisers.blind_learning import BlindLearning
from napari_photon_denoise.networks.learning.blind_spot.settings import BlindSettings


class ProbabilisticNoise2Void(BlindLearning):
    """Noise2Void that also uses the pixel itself, and says how sure it is."""

    title: ClassVar[str] = "Probabilistic Noise2Void (learns from the image)"
    method: Literal["pn2v"] = "pn2v"

    def settings(self) -> BlindSettings:
        """Return what the training is told."""
        return super().settings().model_copy(update={"samples": 2})
