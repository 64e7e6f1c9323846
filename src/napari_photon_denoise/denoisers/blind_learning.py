"""What all blind-spot methods share: what is hidden, and how many planes are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

from napari_photon_denoise.denoisers.learning import Learning
from napari_photon_denoise.denoisers.neighbours import AUTO, decided
from napari_photon_denoise.denoisers.networked import load_torch
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import Job
from napari_photon_denoise.networks.learning.blind_spot.extents import EXTENTS
from napari_photon_denoise.networks.learning.blind_spot.settings import BlindSettings
from napari_photon_denoise.parameters import choice
from napari_photon_denoise.photons import Photons

if TYPE_CHECKING:
    from napari_photon_denoise.networks.learning.plan import Plan

NEIGHBOURS = 5  # planes that a network in 2.5-D sees
WORSE = 2.0  # deviance a pixel: half of it is the pixel's own noise, so the guess errs by as much


class BlindLearning(Learning):
    """Base of the methods that guess a pixel from the others."""

    blind_spot: str = choice(
        "pixel", "What the network may not see, so that it can't learn the noise.", options=EXTENTS
    )
    dimensions: str = choice(
        AUTO,
        "How many planes are looked at together.",
        options={
            AUTO: "2.5-D where there are neighbours, else 2-D.",
            "2-D": "Each plane by itself.",
            "2.5-D": f"{NEIGHBOURS} neighbouring planes or frames for each plane.",
            "3-D": "Convolutions across planes: several times slower.",
        },
    )

    @property
    def halo(self) -> tuple[int, int, int]:
        """How far a pixel sees in z, y and x, px; before it is resolved, at most."""
        if self.dimensions == AUTO:
            return self.model_copy(update={"dimensions": "2.5-D"}).halo
        from napari_photon_denoise.networks.learning.blind_spot.plan_blind import make_architecture
        from napari_photon_denoise.networks.predict import needed_halo

        return needed_halo(make_architecture(self.settings()).build())

    @property
    def extras(self) -> tuple[str, ...]:
        """What a result has beside the denoised image."""
        load_torch(self.title)
        from napari_photon_denoise.networks.learning.blind_spot.plan_blind import make_architecture

        results: tuple[str, ...] = make_architecture(self.settings()).build().results
        return results

    def settings(self) -> BlindSettings:
        """Return what the training is told; of a method that is resolved."""
        return (
            super()
            .settings()
            .model_copy(
                update={
                    "dimensions": 3 if self.dimensions == "3-D" else 2,
                    "planes": NEIGHBOURS if self.dimensions == "2.5-D" else 1,
                    "extent": self.blind_spot,
                }
            )
        )

    def resolved(self, photons: Photons) -> Self:
        """Return this method with every "auto" decided for an image.

        Raises
        ------
        PhotonDenoiseError
            If the image has no planes where some are wanted.
        """
        axis, count = decided(self.neighbours, photons)
        dimensions = self.dimensions
        if dimensions == AUTO:
            dimensions = "2.5-D" if count > 1 else "2-D"
        if dimensions != "2-D" and count == 1:
            raise PhotonDenoiseError(
                f"The image has one plane along {axis}: choose the dimensions 2-D, or name "
                "the axes if it is a stack."
            )
        return self.model_copy(update={"neighbours": axis, "dimensions": dimensions})

    def plan_job(self, images: Sequence[Photons]) -> Job[Plan]:
        """Read what fits into memory, and plan the training; of a method that is resolved.

        Raises
        ------
        PhotonDenoiseError
            If the images can't be learnt from, or PyTorch is too old.
        """
        from napari_photon_denoise.networks.learning.blind_spot.plan_blind import plan_blind_job
        from napari_photon_denoise.networks.learning.optimiser import check_torch

        check_torch()
        return (yield from plan_blind_job(images, self.settings()))

    def notes(self, scores: list[float]) -> list[str]:
        """Say what the user should know of a training, a sentence each."""
        notes = super().notes(scores)
        # Two guesses are weighed against what was counted.
        if scores and min(scores) > WORSE and self.settings().samples == 1:
            notes.append(
                "Pixels that were kept aside are guessed worse than their own noise would have "
                "them. Where photons are many, use probabilistic Noise2Void (pn2v), RESUNET, or "
                "the raw image; else check the camera's gain."
            )
        return notes
