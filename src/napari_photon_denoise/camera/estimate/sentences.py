"""What the user should know of an estimate, a sentence each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from napari_photon_denoise.camera.estimate.line import Line
from napari_photon_denoise.camera.estimate.out_of_band import Tiles
from napari_photon_denoise.camera.estimate.result import NoiseEstimate

CHANNELS_DIFFER = 1.3  # gain of one channel over that of another
CHECK_DIFFERS = 1.4  # the check's gain over the estimate's, or the inverse
CLIPPED = 0.02  # of the pixels at zero or below


def say(
    estimate: NoiseEstimate, tiles: Tiles, line: Line, dark_share: float, notes: list[str]
) -> NoiseEstimate:
    """Give an estimate its sentences.

    Parameters
    ----------
    estimate : NoiseEstimate
    tiles : Tiles
    line : Line
        Of the true variance.
    dark_share : float
        Pixels at zero counts or below.
    notes : list of str
        Sentences that are known already.
    """
    low, high = estimate.gain_interval
    what = "differences of successive frames" if estimate.source == "movie" else "the image"
    sentences = [
        f"Estimated from {what}, not measured: gain {estimate.gain:.3g} e-/ADU "
        f"({low:.3g} to {high:.3g}).",
        "Offset and read noise can't be told apart in an image: the noise would vanish at "
        f"{estimate.offset_eff:.4g} ADU, which is the offset minus read noise² / gain; give one "
        "of them, or calibrate the camera.",
        *_correlation(estimate),
        *_check(estimate),
        *_channels(tiles, line, estimate.inflation),
        *notes,
    ]
    if dark_share > CLIPPED:
        sentences.append(
            f"{100 * dark_share:.0f} % of the pixels are 0 or below: noise that was cut off there "
            "makes the gain too high in dark parts."
        )
    return replace(estimate, sentences=tuple(sentences))


def _correlation(estimate: NoiseEstimate) -> list[str]:
    if not estimate.correlated:
        return []
    return [
        "Neighbouring pixels share their noise (as if blurred by "
        f"{estimate.length_x:.1f} px along x and {estimate.length_y:.1f} px along y): the image "
        "was resampled, smoothed, averaged or scanned in lines; its true variance is "
        f"{estimate.inflation:.1f} times what its finest detail shows, and photons are effective "
        "ones, whose number gives the variance of a pixel. The calibration holds these lengths, "
        "for methods that allow for shared noise."
    ]


def _check(estimate: NoiseEstimate) -> list[str]:
    if estimate.check_gain is None:
        return []
    ratio = estimate.check_gain / estimate.gain
    # The check misses noise only where structure is everywhere, and it then says a gain that
    # is too low; a gain that is too high it says of nothing else than of noise.
    if 1 / CHECK_DIFFERS < ratio < CHECK_DIFFERS:
        return []
    return [
        f"An independent check (median of second differences) gives {estimate.check_gain:.3g} "
        "e-/ADU: structure fills the image, or its noise is not that of photons alone."
    ]


def _channels(tiles: Tiles, line: Line, inflation: float) -> list[str]:
    """Say if channels were not taken by one camera in one mode."""
    slopes = {}
    for channel in np.unique(tiles.channel):
        part = tiles.of(tiles.channel == channel)
        signal = float((part.mean - line.zero).sum())
        if signal > 0:
            slopes[int(channel)] = inflation * float(part.bands[:, 0].sum()) / signal
    if len(slopes) < 2 or max(slopes.values()) < CHANNELS_DIFFER * min(slopes.values()):
        return []
    gains = ", ".join(f"{1 / slope:.3g} in channel {at}" for at, slope in slopes.items())
    return [
        f"The channels differ in gain ({gains} e-/ADU): they come from different cameras or "
        "modes; estimate each by itself."
    ]
