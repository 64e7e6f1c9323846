"""What a pretrained network has to say of an image: untrained light, a camera that does not fit.

The network is run on a piece of the image, and the residual is looked at: in units of the noise
that the camera should have, it must have variance 1 and no memory from pixel to pixel. A network
that sees each pixel keeps a little of its noise: of the simulated samples, 1 to 100 photons a
pixel, the residual has a variance of 0.73 to 1.0 and a correlation of -0.16 to 0.0. On two-photon
images whose noise is shared along x (correlation 0.4 to 0.7) the correlation is 0.27 to 0.44.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import exp, log, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_photon_denoise.calibration import Calibration, Float32
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.tiles import DepthAxis

if TYPE_CHECKING:
    from napari_photon_denoise.metrics.consistency import Consistency

Denoise = Callable[[Float32, "float | Float32"], Float32]  # photons and read noise, to photons

LIT, LOOKED_AT = 512, 256  # px; edge of the middle whose light is taken, and of what is denoised
FEWEST = 64**2  # pixels; fewer can't tell
SHARED = 0.12  # correlation of neighbours in the residual, beyond what the camera says
SMOOTH, SURE = 0.95, 0.25  # correlation of the noise that is kept, and of all noise to be sure
MOST, LEAST = 1.25, 0.6  # variance of the residual over that of the camera's noise
GONE = 0.1  # likewise: less is left of the noise by whoever has smoothed or denoised the image
OUTLIER, FEW = 6, 0.01  # of the noise, of the pixels: hot pixels must not speak for all
MAPS = ", take a calibration with maps if some pixels are noisier than others"
NO_NOISE = (
    "Hardly any noise is in the image, far less than the camera makes: it was smoothed or denoised "
    "before, and there is nothing to gain by doing so again."
)
ERRORS = 4  # standard errors that must be exceeded as well


def find_hints(
    photons: Photons,
    function: Denoise,
    trained: Any,
    around: tuple[DepthAxis, int] = ("Z", 0),
    *,
    told: bool = True,
) -> Iterator[str]:
    """Say what the user should know, a sentence each.

    Parameters
    ----------
    photons : Photons
        The image, of whose middle a piece is read.
    function : (photons, read_noise) -> photons
        The network at work.
    trained : dict
        Noise that the network was trained on, as its file says; anything else says nothing.
    around : (axis, planes)
        How many planes on both sides of one the network can't do without.
    told : bool
        Whether the network is told how far neighbours share noise.
    """
    if isinstance(trained, dict):
        yield from _untrained(photons, trained)
    camera = photons.calibration
    if camera.correlated and told:
        yield f"The network was told that neighbours share noise, over {_over(camera)}."
    found = _look(photons, function, around)
    if found is None:
        return
    if _holds_structure(found):
        maps = "" if isinstance(camera.read_noise, np.ndarray) else MAPS
        yield _wrong_numbers(found.variance, camera, maps)
        return
    if found.variance < GONE - ERRORS * found.variance_error:
        yield NO_NOISE
        return
    shared = shared_lengths(found, camera)
    if shared is not None:
        yield _shared_noise(*shared, camera)
    elif found.variance < LEAST - ERRORS * found.variance_error:
        yield _wrong_numbers(found.variance, camera, "")


def shares_noise(photons: Photons, function: Denoise, around: tuple[DepthAxis, int]) -> bool:
    """Whether neighbours share noise, by what a pretrained network takes out of an image.

    Parameters
    ----------
    photons, function, around
        As in `find_hints`.
    """
    found = _look(photons, function, around)
    if found is None or _holds_structure(found):
        return False
    return shared_lengths(found, photons.calibration) is not None


def _untrained(photons: Photons, trained: dict[str, Any]) -> Iterator[str]:
    """Light, read noise and correlation outside of what the network has seen."""
    compare = "compare with another method before you rely on it."
    mean = float(photons.read(find_middle(photons, LIT)[0]).mean())
    low, high = trained.get("photons", (0, np.inf))
    if photons.calibration.relative:
        yield from _untrained_relative(photons, mean, trained, compare)
    elif not low <= mean <= high:
        yield (
            f"The image has {mean:.3g} photons a pixel in its middle, and the network was trained "
            f"on {low:g} to {high:g}: {compare}"
        )
    camera = photons.calibration
    read_noise = float(np.median(np.asarray(camera.read_noise)))
    most = trained.get("additive_read_noise", (0, np.inf))[1]
    if read_noise > most and not camera.relative:
        yield (
            f"The read noise is {read_noise:.3g} e-, and the network was trained on up to "
            f"{most:g} e-: {compare}"
        )
    longest = max(camera.length_y, camera.length_x)
    most = trained.get("lengths", (0, np.inf))[1]
    if longest > most:
        yield (
            f"The noise is correlated over {longest:.1f} px, and the network was trained on up to "
            f"{most:g} px: bin the image by 2, or compare with another method."
        )


def _untrained_relative(
    photons: Photons, mean: float, trained: dict[str, Any], compare: str
) -> Iterator[str]:
    """Say the same where photon numbers are a convention, without them."""
    low, high = trained.get("photons", (0, np.inf))
    most = trained.get("additive_read_noise", (0, np.inf))[1]
    noise = float(np.median(np.asarray(photons.calibration.read_noise)))
    if low <= mean <= high and noise <= most:
        return
    light = "less" if mean < low else "more"
    yield (
        f"The image has {light} light for its noise than what the network was trained on: {compare}"
    )


def _look(photons: Photons, function: Denoise, around: tuple[DepthAxis, int]) -> Consistency | None:
    """Compare what a network takes out of the middle with noise; None if that can't tell."""
    piece, middle = find_middle(photons, LOOKED_AT, *around)
    noisy = photons.read(piece).reshape(-1, *(side.stop - side.start for side in piece[-2:]))
    if noisy[middle].size < FEWEST or noisy[middle].min() == noisy[middle].max():
        return None
    read_noise = photons.read_noise(piece)
    clean = function(noisy, read_noise)[middle]
    if not clean.any():
        return None
    return compare_residual(noisy[middle], clean, read_noise)


def compare_residual(noisy: Float32, clean: Float32, read_noise: float | Float32) -> Consistency:
    """Compare what was taken out with noise, but for a few hot pixels: (Y, X) float32, e-."""
    # SciPy takes half a second to import.
    from napari_photon_denoise.metrics.consistency import measure_consistency, z_map

    hot = np.abs(z_map(noisy, clean, read_noise)) > OUTLIER
    seen = np.where(hot, clean, noisy) if hot.mean() < FEW else noisy
    return measure_consistency(seen, clean, read_noise)


def _holds_structure(found: Consistency) -> bool:
    """Whether structure may have been taken for noise: neighbours share structure."""
    return found.variance > MOST + ERRORS * found.variance_error


def _wrong_numbers(variance: float, camera: Calibration, maps: str) -> str:
    guessed = camera.source == "estimated"
    advice = (
        "give the camera's own numbers, or measure them"
        if guessed
        else f"check the camera, its mode and its EM gain{maps}, or have it estimated from the "
        "image"
    )
    return (
        f"The noise of the image has {variance:.2g} times the variance that the camera should "
        f"have, so gain or read noise do not fit: {advice}."
    )


def shared_lengths(found: Consistency, camera: Calibration) -> tuple[float, float] | None:
    """Return how far neighbours share noise in y and x, px; None if no further than is known."""
    told = camera.length_y, camera.length_x
    seen, errors = found.autocorrelation, found.autocorrelation_error
    if not any(
        rho > SHARED + correlation_of(length) + ERRORS * error
        for rho, length, error in zip(seen, told, errors, strict=True)
    ):
        return None
    # The noise is what was taken out and what was kept, which is smooth.
    out = min(1.0, found.variance)
    whole = (out * rho + (1 - out) * SMOOTH for rho in seen)
    y, x = (
        _length(rho) if rho > max(SURE, correlation_of(length)) else length
        for rho, length in zip(whole, told, strict=True)
    )
    return y, x


def _shared_noise(length_y: float, length_x: float, camera: Calibration) -> str:
    advice = ", or have the camera estimated from the image"
    return (
        "Neighbouring pixels share noise that the camera does not tell of, and the network may "
        f"take it for texture: enter the shared noise of the camera, y {length_y:.2f} px and x "
        f"{length_x:.2f} px{'' if camera.source == 'estimated' else advice}."
    )


def correlation_of(length: float) -> float:
    """Of neighbours in white noise blurred by a Gaussian."""
    return exp(-1 / (4 * length**2)) if length > 0 else 0.0


def _length(correlation: float) -> float:
    """Of the Gaussian that blurs white noise to this correlation of neighbours, px."""
    return sqrt(-1 / (4 * log(min(correlation, 0.95))))


def _over(camera: Calibration) -> str:
    """Where noise is shared, in words."""
    lengths = (("y", camera.length_y), ("x", camera.length_x))
    return " and ".join(f"{length:.2g} px along {axis}" for axis, length in lengths if length > 0)


def find_middle(
    photons: Photons, edge: int, depth: DepthAxis = "Z", reach: int = 0
) -> tuple[tuple[slice, ...], int]:
    """Index of the middle of an image with planes on both sides, and which of them is it."""
    index, middle = [], 0
    for axis, size in photons.sizes.items():
        if axis in "YX":
            index.append(slice(max(0, size // 2 - edge // 2), min(size, size // 2 + edge // 2)))
            continue
        far = reach if axis == depth else 0
        index.append(slice(max(0, size // 2 - far), min(size, size // 2 + far + 1)))
        middle = size // 2 - index[-1].start if axis == depth else middle
    return tuple(index), middle
