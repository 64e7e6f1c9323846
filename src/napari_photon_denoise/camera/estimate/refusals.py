"""When an image can't tell its camera's noise: one sentence each, and what to do."""

from __future__ import annotations

import numpy as np

from napari_photon_denoise.camera.estimate.correlation import Correlation
from napari_photon_denoise.camera.estimate.line import Line
from napari_photon_denoise.camera.estimate.out_of_band import Tiles
from napari_photon_denoise.errors import PhotonDenoiseError

FEWEST_TILES = 12
QUIET = 0.02  # of the tiles that may be without noise
SPAN = 2.0  # brightest over darkest tile, in signal
WARN, REFUSE = 1.15, 1.5  # of the undersampling guard
SMOOTHED = 1.3  # px; cameras and scanners correlate noise less
UNCERTAIN = 0.4  # relative standard deviation of the slope that says nothing any more
INSTEAD = "calibrate the camera, choose a preset, or type its numbers in"


class NoEstimate(PhotonDenoiseError):
    """The image can't tell its camera's noise."""


def check_tiles(tiles: Tiles) -> None:
    """Refuse images with too few tiles, or without noise."""
    if len(tiles) < FEWEST_TILES:
        raise NoEstimate(
            f"Only {len(tiles)} parts of the image show noise (others are saturated, or all pixels "
            f"alike), too few to estimate it: {INSTEAD}."
        )
    # Float images of any scale: what counts is the noise relative to the signal.
    scale = float(np.abs(tiles.mean).max()) + 1e-30
    quiet = float((tiles.bands[:, 0] <= (1e-7 * scale) ** 2).mean())
    if quiet > 0.5:
        raise NoEstimate(
            "The image has no noise outside the microscope's band: it is empty, constant or was "
            f"denoised already; take the raw image, or {INSTEAD}."
        )
    if quiet > QUIET:
        raise NoEstimate(
            f"{100 * quiet:.0f} % of the image has no noise at all: its dark parts were cut off or "
            f"it was processed; take the raw image, or {INSTEAD}."
        )


def check_sampling(ratio: float) -> str | None:
    """Refuse undersampled images; return a sentence for those in doubt.

    Parameters
    ----------
    ratio : float
        Power at the edge of the band over that in the corners, of white noise.
    """
    if ratio > REFUSE:
        raise NoEstimate(
            "The image's structure is as sharp as its pixels (undersampled: "
            f"{ratio:.1f} times more power at the edge of the spectrum than in its corners, where "
            f"white noise has 1.0), so that noise can't be told from it: {INSTEAD}."
        )
    if ratio > WARN:
        return (
            "The image may be undersampled (power at the edge of the spectrum over that in its "
            f"corners is {ratio:.2f}, white noise has 1.0): the gain may be too low."
        )
    return None


def check_line(line: Line, spread: float) -> None:
    """Refuse a variance that does not grow with the mean."""
    if not line.slope > 0 or spread > UNCERTAIN:
        raise NoEstimate(
            "The noise does not grow with brightness as photons' noise does: the image is evenly "
            "bright, or was processed (normalised, averaged, gamma, denoised); take the raw "
            f"image, or {INSTEAD}."
        )


def check_span(tiles: Tiles, line: Line) -> None:
    """Refuse images without dark and bright parts, whose line has no reliable zero."""
    darkest, brightest = (float(value) - line.zero for value in _ends(tiles))
    if darkest > 0 and brightest < SPAN * darkest:
        raise NoEstimate(
            f"The image's brightest part is only {brightest / darkest:.1f} times its darkest, too "
            f"little to find the offset ({SPAN:g} times are needed): give the camera's offset, or "
            f"{INSTEAD}."
        )


def check_smoothing(correlation: Correlation) -> None:
    """Refuse noise that is correlated further than any camera's."""
    length = max(correlation.length_y, correlation.length_x)
    if length > SMOOTHED:
        raise NoEstimate(
            f"Neighbouring pixels share their noise over {length:.1f} px: the image was smoothed "
            f"or denoised, or has structure everywhere; take the raw image, or {INSTEAD}."
        )


def _ends(tiles: Tiles) -> tuple[float, float]:
    low, high = (
        np.quantile(tiles.mean, [0.02, 0.98])
        if len(tiles) > 100
        else (
            tiles.mean.min(),
            tiles.mean.max(),
        )
    )
    return float(low), float(high)
