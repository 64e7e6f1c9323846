"""Noise2Void: a network learns to guess pixels of the noisy image from their surroundings.

Krull et al. 2019, doi:10.1109/CVPR.2019.00223; N2V2, Höck et al. 2022,
doi:10.48550/arXiv.2211.08512; structN2V, Broaddus et al. 2020,
doi:10.1109/ISBIWorkshops50223.2020.9153336. See `networks.learning.blind_spot`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal, cast

from napari_photon_denoise.denoisers.blind_learning import BlindLearning
from napari_photon_denoise.parameters import choice

if TYPE_CHECKING:
    from napari_photon_denoise.networks.learning.blind_spot.settings import BlindSettings, Loss


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
        options={
            "poisson": "The Poisson likelihood of the photons, with the camera's read noise.",
            "gaussian": "Squares in units of the noise that is expected in each pixel.",
            "mse": "Plain squares: bright pixels count most.",
        },
    )

    def settings(self) -> BlindSettings:
        """Return what the training is told."""
        return replace(
            super().settings(),
            body="n2v" if self.variant == "n2v" else "n2v2",
            replacement="median" if self.variant == "n2v2-median" else "uniform",
            loss=cast("Loss", self.loss),
        )
