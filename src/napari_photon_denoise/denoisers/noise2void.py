"""Noise2Void: a network learns to guess pixels of the noisy image from their surroundings.

Krull et al. 2019, doi:10.1109/CVPR.2019.00223; N2V2, Höck et al. 2022,
doi:10.48550/arXiv.2211.08512; structN2V, Broaddus et al. 2020,
doi:10.1109/ISBIWorkshops50223.2020.9153336. See `networks.learning.blind_spot`.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from napari_photon_denoise.denoisers.blind_learning import BlindLearning
from napari_photon_denoise.networks.learning.blind_spot.settings import LOSSES, BlindSettings
from napari_photon_denoise.parameters import choice


class Noise2Void(BlindLearning):
    """Noise2Void, in photons."""

    title: ClassVar[str] = "Noise2Void (learns from the image)"
    method: Literal["n2v"] = "n2v"
    variant: str = choice(
        "n2v2",
        "The network, and what it sees in place of a hidden pixel.",
        options={
            "n2v2": "Blurred pooling: no chequerboard. Any pixel around stands in for it.",
            "n2v2-median": "The same, and the median of the pixels around, as first published.",
            "n2v": "Plain pooling, and any pixel around, as first published.",
        },
    )
    loss: str = choice(
        "poisson",
        "What is minimised.",
        options=LOSSES,
    )

    def settings(self) -> BlindSettings:
        """Return what the training is told."""
        return (
            super()
            .settings()
            .model_copy(
                update={
                    "body": "n2v" if self.variant == "n2v" else "n2v2",
                    "replacement": "median" if self.variant == "n2v2-median" else "uniform",
                    "loss": self.loss,
                }
            )
        )
