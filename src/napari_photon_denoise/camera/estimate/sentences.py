"""What the user should know of an estimate, a sentence each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from napari_photon_denoise.camera.estimate.fit import Fit
from napari_photon_denoise.camera.estimate.measured import Measured
from napari_photon_denoise.camera.estimate.result import NoiseEstimate

CHANNELS_DIFFER = 1.3  # gain of one channel over that of another
CHECK_DIFFERS = 1.4  # the check's gain over the estimate's, or the inverse
CLIPPED = 0.02  # of the pixels at zero or below
QUIET = 0.02  # of the tiles without noise
HIDDEN = 100.0  # times the variance that the finest detail shows
LEAK = 0.02  # of the power outside the band that is structure's
RELATIVE = "The noise is right at every brightness, photon numbers are relative."


def say(estimate: NoiseEstimate, measured: Measured, fit: Fit) -> NoiseEstimate:
    """Give an estimate its sentences.

    Parameters
    ----------
    estimate : NoiseEstimate
    measured : Measured
    fit : Fit
    """
    sentences = [
        *_rung(estimate, measured),
        *_correlation(estimate),
        *_check(estimate, measured),
        *_channels(estimate, measured),
        *_parts(measured, fit),
    ]
    return replace(estimate, sentences=tuple(sentences))


def _rung(estimate: NoiseEstimate, measured: Measured) -> list[str]:
    low, high = estimate.gain_interval
    what = "differences of successive frames" if estimate.source == "movie" else "the image"
    gain = f"gain {estimate.gain:.3g} e-/ADU ({low:.3g} to {high:.3g})"
    first = f"Estimated from {what}, not measured: {gain}."
    if measured.few:
        return [
            f"Estimated from the finest detail of {what}: one level of noise everywhere, since too "
            "little of it (small, saturated or empty) shows how noise grows with brightness. "
            f"{RELATIVE}"
        ]
    if estimate.rung == "level":
        return [
            f"Estimated from {what}: one level of noise everywhere, which does not grow with "
            f"brightness as that of photons does. {RELATIVE}"
        ]
    if estimate.rung == "slope":
        return [
            first,
            "The image has no parts dark and bright enough to tell the camera's offset. "
            f"{RELATIVE}",
        ]
    if estimate.rung == "counted":
        return [first, "Most pixels are empty: photons were counted, and the offset is zero."]
    smooth = "in its smoothest parts" if estimate.rung == "regions" else ""
    return [
        first.replace("not measured", f"{smooth}, not measured") if smooth else first,
        "Offset and read noise can't be told apart in an image: all noise is laid to photons, as "
        f"if the offset were {estimate.offset_eff:.4g} ADU.",
    ]


def _correlation(estimate: NoiseEstimate) -> list[str]:
    if not estimate.correlated:
        return []
    return [
        "Neighbouring pixels share their noise (as if blurred by "
        f"{estimate.length_x:.1f} px along x and {estimate.length_y:.1f} px along y): the image "
        "was resampled, smoothed, averaged, taken with a colour camera or scanned in lines"
        f"{_hidden(estimate.inflation)}."
    ]


def _hidden(inflation: float) -> str:
    """Say how much of the noise the finest detail hides; less than none, and it is structure's."""
    if inflation < 1:
        return ""
    if inflation > HIDDEN:
        return "; nothing of it shows in the finest detail, which rounding hides"
    return f"; its true variance is {inflation:.1f} times what its finest detail shows"


def _check(estimate: NoiseEstimate, measured: Measured) -> list[str]:
    """Say if the check sees other noise: it misses some only where structure is everywhere."""
    if estimate.correlated or estimate.rung != "line" or measured.check_slope is None:
        return []
    if 1 / CHECK_DIFFERS < measured.check_slope * estimate.gain < CHECK_DIFFERS:
        return []
    return [
        f"An independent check (median of second differences) gives {1 / measured.check_slope:.3g} "
        "e-/ADU: structure fills the image, or its noise is not that of photons alone (hot "
        "pixels are not)."
    ]


def _channels(estimate: NoiseEstimate, measured: Measured) -> list[str]:
    """Say if channels were not taken by one camera in one mode."""
    tiles, slopes = measured.tiles, {}
    if measured.few:
        return []
    for channel in np.unique(tiles.channel):
        part = tiles.of(tiles.channel == channel)
        signal = float((part.mean - estimate.offset_eff).sum())
        if signal > 0:
            slopes[int(channel)] = estimate.inflation * float(part.bands[:, 0].sum()) / signal
    if len(slopes) < 2 or max(slopes.values()) < CHANNELS_DIFFER * min(slopes.values()):
        return []
    gains = ", ".join(f"{1 / slope:.3g} in channel {at}" for at, slope in slopes.items())
    return [
        f"The channels differ in gain ({gains} e-/ADU): they come from different cameras or "
        "modes; split them, and estimate each by itself."
    ]


def _parts(measured: Measured, fit: Fit) -> list[str]:
    sentences = []
    if fit.leak > LEAK:
        sentences.append(
            f"Structure is as sharp as the pixels: {100 * fit.leak:.0f} % of the finest detail was "
            "taken off as structure, so that the gain is less sure."
        )
    if measured.quiet > QUIET:
        sentences.append(
            f"{100 * measured.quiet:.0f} % of the image has no noise at all (empty, cut off or "
            "masked): the noise is that of the rest."
        )
    if measured.zeros > CLIPPED:
        share = f"{100 * measured.zeros:.0f} % of the pixels are 0 or below"
        sentences.append(
            f"{share}: noise was cut off there, and is reckoned as it was before."
            if measured.cut_off
            else f"{share}: noise that was cut off there makes the dark parts seem quieter than "
            "they are."
        )
    return sentences
