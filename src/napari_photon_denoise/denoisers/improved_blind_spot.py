"""Improved blind spot (DecoNoising): a sharp image is learnt that, blurred, predicts the pixels.

Goncharova et al. 2020, doi:10.48550/arXiv.2008.08414. Noise is sharper than the microscope's
point spread function, so that what can't come through the optics can't be learnt. See
`networks.learning.blind_spot.psf`.
"""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from napari_photon_denoise.denoisers.blind_learning import BlindLearning
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.networks.learning.blind_spot import deconvolving
from napari_photon_denoise.networks.learning.blind_spot.deconvolving import LARGEST
from napari_photon_denoise.networks.learning.blind_spot.settings import BlindSettings
from napari_photon_denoise.parameters import choice, parameter
from napari_photon_denoise.photons import Photons

GAUSSIAN, MEASURED = "gaussian", ".tif"
SMALLEST = 0.1  # px, sigma


class ImprovedBlindSpot(BlindLearning):
    """Noise2Void that knows the microscope's point spread function."""

    title: ClassVar[str] = "Improved blind spot (learns, with PSF)"
    method: Literal["improved-blind-spot"] = "improved-blind-spot"
    psf: str = choice(
        GAUSSIAN,
        "The point spread function (PSF): the image of a point.",
        options={GAUSSIAN: "A Gaussian of the sigma below."},
        suffix=MEASURED,
    )
    psf_sigma: float = deconvolving.psf_sigma(1.0, smallest=SMALLEST)
    psf_sigma_um: float = parameter(
        0.0,
        "The same in µm, for images that know their pixel size; 0 takes the sigma in px.",
        unit="µm",
        ge=0,
        le=10,
        step=0.01,
    )
    psf_sigma_z: float = deconvolving.psf_sigma_z()
    positivity: float = deconvolving.positivity(1.0)
    background: float = deconvolving.background()

    def resolved(self, photons: Photons) -> Self:
        """Return this method with every "auto" decided for an image, and sigma in px.

        Raises
        ------
        PhotonDenoiseError
            If sigma is in µm and the image does not know its pixel size.
        """
        decided = super().resolved(photons)
        if not self.psf_sigma_um:
            return decided
        size = photons.pixel_size.get("X")
        if not size:
            raise PhotonDenoiseError(
                "The image does not know its pixel size, so a PSF in µm can't be used: give its "
                "sigma in px."
            )
        sigma = self.psf_sigma_um / size
        if not SMALLEST <= sigma <= LARGEST:
            raise PhotonDenoiseError(
                f"A PSF of {self.psf_sigma_um:g} µm is {sigma:.3g} px of this image, and its sigma "
                f"must be {SMALLEST:g} to {LARGEST:g} px: check it and the pixel size."
            )
        return decided.model_copy(update={"psf_sigma": sigma, "psf_sigma_um": 0.0})

    def settings(self) -> BlindSettings:
        """Return what the training is told."""
        return (
            super()
            .settings()
            .model_copy(
                update={
                    "psf_sigma": self.psf_sigma,
                    "psf_sigma_z": self.psf_sigma_z if self.dimensions == "3-D" else 0.0,
                    "psf_file": "" if self.psf == GAUSSIAN else self.psf,
                    "positivity": self.positivity,
                    "background": self.background,
                }
            )
        )
