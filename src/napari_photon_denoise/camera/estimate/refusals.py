"""When an image has no noise that could be told: one sentence each, and what to do."""

from __future__ import annotations

from napari_photon_denoise.camera.estimate.correlation import Correlation
from napari_photon_denoise.camera.estimate.fit import Fit
from napari_photon_denoise.camera.estimate.measured import Measured
from napari_photon_denoise.camera.estimate.regions import ALIKE, Steps
from napari_photon_denoise.camera.estimate.result import NoiseEstimate
from napari_photon_denoise.errors import PhotonDenoiseError

LEFT = 1e-3  # of the power outside the band that must be noise
QUIET = 0.98  # of the tiles that may be without noise
SMOOTHED = 1.15  # px; cameras and scanners correlate noise less
INSTEAD = (
    "take the raw image, name its camera, or denoise it all the same as if there were one level of "
    "noise"
)
CONSTANT = "take another image"


class NoEstimate(PhotonDenoiseError):
    """The image has no noise that could be told.

    Parameters
    ----------
    sentence : str
    plainest : NoiseEstimate, optional
        One level of noise, for who wants the image denoised all the same; None where there is
        nothing to denoise.
    """

    def __init__(self, sentence: str, plainest: NoiseEstimate | None = None) -> None:
        super().__init__(sentence)
        self.plainest = plainest


def check_steps(steps: Steps) -> None:
    """Refuse constant images, masks and labels."""
    if steps.constant:
        raise NoEstimate(f"The image has no noise: all its pixels are {steps.low:g}; {CONSTANT}.")
    if steps.labels:
        raise NoEstimate(
            "The image has parts of one value each, as masks and labels have: they hold no noise; "
            f"{INSTEAD}."
        )


def check_quiet(quiet: float) -> None:
    """Refuse images that hardly show noise."""
    if quiet > QUIET:
        raise NoEstimate(f"The image has no noise: it is empty or was denoised already; {INSTEAD}.")


def shows_noise(fit: Fit, measured: Measured) -> bool:
    """Tell if anything of the finest detail is not structure."""
    tiles = measured.tiles
    return float(fit.floor.at(tiles.mean).mean()) > LEFT * float(tiles.bands[:, 0].mean())


def check_computed(steps: Steps) -> None:
    """Refuse images without noise most of whose neighbours are alike."""
    if steps.alike >= ALIKE * steps.all:
        raise NoEstimate(
            "The image has no noise: all its fine detail is structure, as of computed images, "
            f"labels and what was denoised already; {INSTEAD}."
        )


def no_detail(shape: str) -> NoEstimate:
    """Refuse an image without any detail that is neither saturated nor too small."""
    return NoEstimate(
        f"No part of the image ({shape}) shows noise: it is too small, or saturated nearly "
        "everywhere; take a larger region, or an image of a shorter exposure."
    )


def check_smoothing(correlation: Correlation) -> None:
    """Refuse noise that is shared further than any camera's."""
    length = max(correlation.length_y, correlation.length_x)
    if length > SMOOTHED:
        raise NoEstimate(
            f"Neighbouring pixels share what noise there is over {length:.1f} px: the image was "
            f"smoothed or denoised already; {INSTEAD}."
        )
