"""When an image has no noise that could be told: one sentence each, and what to do."""

from __future__ import annotations

from napari_photon_denoise.camera.estimate.correlation import Correlation
from napari_photon_denoise.camera.estimate.out_of_band import Tiles
from napari_photon_denoise.camera.estimate.regions import Steps
from napari_photon_denoise.camera.estimate.result import NoiseEstimate
from napari_photon_denoise.errors import PhotonDenoiseError

FEWEST_TILES = 12
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


def check_tiles(tiles: Tiles, quiet: float) -> None:
    """Refuse images with too few tiles that show noise."""
    if quiet > QUIET:
        raise NoEstimate(f"The image has no noise: it is empty or was denoised already; {INSTEAD}.")
    if len(tiles) < FEWEST_TILES:
        raise NoEstimate(
            f"Only {len(tiles)} parts of the image show noise (others are saturated, or all pixels "
            f"alike), too few to estimate it: {INSTEAD}."
        )


def check_smoothing(correlation: Correlation) -> None:
    """Refuse noise that is shared further than any camera's."""
    length = max(correlation.length_y, correlation.length_x)
    if length > SMOOTHED:
        raise NoEstimate(
            f"Neighbouring pixels share what noise there is over {length:.1f} px: the image was "
            f"smoothed or denoised already; {INSTEAD}."
        )
