"""When a figure without truth would be a number without meaning, and what is given instead.

Every such figure rests on one sentence: the variance of a pixel is its photons plus its read
noise squared, and no pixel shares noise with another. What breaks that sentence makes the
figure wrong without making it look wrong, so a `NotApplicable` with the reason takes its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Calibration, Float32
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.saturation import Highest, find_full, together

UNSURE = 0.1  # relative standard deviation of an estimated gain; more says nothing of noise
SATURATED = 1e-3  # of the pixels
CUT_OFF = 0.02  # of the pixels, at one lowest value where read noise should spread them
LEAST_NOISE = 0.8  # fine noise over that of the camera; photons can't be quieter than that
COARSE = 0.1  # variance of rounding over that of the noise
FRAMES = 8  # that are looked at, evenly spaced
FEWEST = 1000  # pixels that can tell whether an image was processed
ERRORS = 4  # standard errors by which it must be quieter
RELATIVE = (
    "The image tells its noise but not how many photons it holds, and this needs their number: "
    "calibrate the camera, choose a preset, or type its numbers in."
)
INSTEAD = "give the raw image and its camera's own numbers"


@dataclass(frozen=True)
class NotApplicable:
    """Stands in for a figure that can't be given.

    Parameters
    ----------
    reason : str
        A sentence: what stands against it, and what to do.
    """

    reason: str


def find_obstacle(photons: Photons) -> NotApplicable | None:
    """Look for what makes every figure without truth meaningless.

    Noise that neighbours share, a gain that is only a guess, saturated, cut-off or constant
    pixels, grey values too coarse for photons, and noise that is finer than photons can have,
    as smoothing, averaging, denoising or a wrong gain leave it. At most eight frames are read.

    Parameters
    ----------
    photons : Photons
        The raw image and its camera.

    Returns
    -------
    NotApplicable or None
        The first obstacle found.

    Raises
    ------
    PhotonDenoiseError
        If a pixel is NaN or infinite.
    """
    camera = photons.calibration
    reason = _of_camera(camera)
    if reason is None:
        frames = list(_frames(photons))
        counts = np.stack([counts for _, counts in frames])
        reason = _of_full(frames, photons.ceiling) or _of_counts(counts, camera)
    return NotApplicable(reason) if reason else None


def find_truth_obstacle(camera: Calibration, *, counted: bool) -> NotApplicable | None:
    """Say why an image can't be compared with a truth, where its photons are only relative.

    Parameters
    ----------
    camera : Calibration
        Of the image.
    counted : bool
        Whether the truth is in the camera's own counts, and so has the same unknown scale.
    """
    return NotApplicable(RELATIVE) if camera.relative and not counted else None


def fine_noise(photons: Float32, read_noise: float | Float32 = 0.0) -> tuple[float, float]:
    """Finest noise of an image over the noise of photons; below 1 it was smoothed.

    The mean square of the second difference along both axes, scaled to the variance of white
    noise, over the mean of photons plus read noise squared. Structure only adds to it, so it
    can be too large for good reasons, but too small for bad ones only. The filter is that of
    Immerkær 1996, doi:10.1006/cviu.1996.0060.

    Parameters
    ----------
    photons : (..., Y, X) float32, e-
        At least 3 px wide and high.
    read_noise : float or array that fits the image, e- rms

    Returns
    -------
    ratio, error : float
        And its standard error for white noise; NaN where no noise is expected.
    """
    variance = float(np.mean(photons, dtype=np.float64))
    variance += float(np.mean(np.square(read_noise, dtype=np.float64)))
    if variance <= 0 or min(photons.shape[-2:]) < 3:
        return float("nan"), float("nan")
    fine = np.diff(np.diff(photons, 2, axis=-1), 2, axis=-2)
    power = float(np.mean(np.square(fine, dtype=np.float64))) / 36  # squares of the 3 × 3 filter
    # Its own autocorrelation leaves fewer independent values than pixels.
    overlap = ((1 + 16 + 36 + 16 + 1) / 36) ** 2
    return power / variance, float(np.sqrt(overlap * (2 + 1 / variance) / fine.size))


def _of_camera(camera: Calibration) -> str | None:
    if camera.correlated:
        return (
            f"Neighbouring pixels share noise (over {camera.length_y:.2g} px in y and "
            f"{camera.length_x:.2g} px in x), and this needs pixels that do not: take raw frames, "
            "neither resampled nor scanned with a slow detector."
        )
    if camera.relative:
        return RELATIVE
    if camera.source == "estimated":
        gain = float(np.median(camera.gain))
        spread = camera.gain_sd
        if spread is None or spread > UNSURE * gain:
            how = "nobody knows how well" if spread is None else f"to {100 * spread / gain:.0f} %"
            return (
                f"The gain was only estimated from the image, {how}, too roughly to tell noise "
                "from structure: calibrate the camera, choose a preset, or type its numbers in."
            )
    return None


def _frames(photons: Photons) -> Iterator[tuple[int, NDArray[Any]]]:
    """Up to eight planes of counts, evenly spaced, each with its channel."""
    loops = photons.shape[:-2]
    number = int(np.prod(loops, dtype=np.int64))
    for at in np.unique(np.linspace(0, number - 1, min(number, FRAMES)).astype(int)):
        place = np.unravel_index(at, loops) if loops else ()
        index = (*(slice(int(i), int(i) + 1) for i in place), slice(None), slice(None))
        channel = index[photons.axes.index("C")].start if "C" in photons.axes else 0
        yield channel, photons.counts(index).reshape(photons.shape[-2:])


def _of_full(frames: Sequence[tuple[int, NDArray[Any]]], ceiling: float) -> str | None:
    pixels = sum(counts.size for _, counts in frames)
    number = sum(int((counts >= ceiling).sum()) for _, counts in frames)
    channels = [
        together(Highest.of(counts) for at, counts in frames if at == channel)
        for channel in {at for at, _ in frames}
    ]
    share = find_full(ceiling, number, channels).number / pixels
    # An image of one value is none at all, which is said in other words.
    if share <= SATURATED or all(len(one.values) == 1 for one in channels):
        return None
    return (
        f"{100 * share:.2g} % of the raw pixels are saturated, and their photons are unknown: "
        "crop them away, or expose for less."
    )


def _of_counts(counts: NDArray[Any], camera: Calibration) -> str | None:
    low = counts.min()
    if low == counts.max():
        return f"The raw image is constant (all pixels {low:g}): {INSTEAD}."
    gain, noise = float(np.median(camera.gain)), float(np.median(camera.read_noise))
    cut = float((counts == low).mean())
    if counts.size >= FEWEST and noise > gain and cut > CUT_OFF:
        return (
            f"{100 * cut:.2g} % of the raw pixels have one lowest value, {low:g}, where the read "
            f"noise should spread them: dark noise was cut off; {INSTEAD}."
        )
    photons = camera.to_photons(counts)
    rounding = gain**2 / 12
    expected = max(float(photons.mean()), 0.0) + noise**2
    if counts.dtype.kind in "iu" and noise**2 < rounding and rounding > COARSE * expected:
        return (
            f"One grey value is {gain:.2g} photons, so rounding adds noise that the camera's "
            f"numbers do not hold: {INSTEAD}, with more bits."
        )
    ratio, error = fine_noise(photons, camera.read_noise)
    if photons.size >= FEWEST and ratio < LEAST_NOISE - ERRORS * error:
        return (
            f"The finest noise of the raw image is {ratio:.2g} times that of photons, less than "
            "any camera's: it was smoothed, averaged, compressed or denoised, or the gain is too "
            f"low; {INSTEAD}."
        )
    return None
