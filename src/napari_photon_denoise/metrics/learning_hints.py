"""What is wrong with the result of a network that learnt from noise: blurred, chequered, striped.

Three figures of one plane, each of which is near zero for a good result. Blur: the residual then
holds the fine contrast that the result lacks. Chequers: power at the corner of the spectrum, where
images have least. Stripes: fine structure of the result that goes on along one axis and not the
other, as a scanner's or an amplifier's noise does.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.metrics.hints import Denoise, find_middle
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.tiles import DepthAxis

LOOKED_AT = 256  # px; edge of the middle that is looked at, no more than learning had room for
FEWEST = 64  # px; the edge of a smaller piece can't tell
SIGMA = 1.0  # px; what is finer than this is fine contrast
LACKING = 0.25  # of the fine contrast, that may lie in the residual
CORNER, BESIDE = 0.44, (0.30, 0.38)  # cycles a pixel, along both axes
CHEQUERED = 3.0  # times the power that lies beside the corner
STRIPED = 0.15  # correlation along one axis more than along the other
LAGS = (4, 8)  # px; nothing that is sharp along an axis is correlated over them
FAINT = 0.03  # of the noise; what is fainter than this nobody sees
ERRORS = 4  # standard errors that must be exceeded as well


def look_back(photons: Photons, function: Denoise, around: tuple[DepthAxis, int]) -> Iterator[str]:
    """Denoise the middle of an image, and say what is wrong with the result.

    Parameters
    ----------
    photons : Photons
    function : (photons, read_noise) -> photons
        The network that has learnt, at work.
    around : (axis, planes)
        How many planes on both sides of one the network looks at.
    """
    piece, middle = find_middle(photons, LOOKED_AT, *around)
    noisy = photons.read(piece).reshape(-1, *(side.stop - side.start for side in piece[-2:]))
    read_noise = photons.read_noise(piece)
    yield from find_learning_hints(noisy[middle], function(noisy, read_noise)[middle], read_noise)


def find_learning_hints(
    noisy: Float32, clean: Float32, read_noise: float | Float32
) -> Iterator[str]:
    """Say what is wrong with a result and what may help, a sentence each; nothing of a good one.

    Parameters
    ----------
    noisy, clean : (..., Y, X) float32, e-
        A region, before and after.
    read_noise : float or (Y, X) float32, e- rms
    """
    noisy, clean = (part.reshape(-1, *part.shape[-2:]) for part in (noisy, clean))
    if min(clean.shape[-2:]) < FEWEST or clean.min() == clean.max():
        return
    variance = np.maximum(clean, 0.01) + np.square(np.float32(read_noise))
    noise = float(np.sqrt(variance.mean()))
    lacking, error = find_blur(noisy, clean, variance)
    if lacking > LACKING + ERRORS * error:
        yield (
            f"The result looks blurred: {100 * lacking / (1 + lacking):.0f} % of its fine contrast "
            "is in what was removed; give it more epochs or more images, or a smaller blind spot."
        )
    power, amplitude = find_chequers(clean)
    if power > CHEQUERED and amplitude > FAINT * noise:
        yield (
            f"The result looks chequered: its finest pattern has {power:.1f} times the power of "
            "its surroundings in the spectrum; choose the variant n2v2, or more epochs."
        )
    along, amplitude = find_stripes(clean)
    if abs(along) > STRIPED and amplitude > FAINT * noise:
        axis = "x" if along > 0 else "y"
        yield (
            f"The result looks striped: its fine pattern is {abs(along):.2f} more alike along "
            f"{axis} than across, as noise is that pixels of a line share; choose the blind spot "
            f"line-{axis}."
        )


def find_blur(noisy: Float32, clean: Float32, variance: Float32) -> tuple[float, float]:
    """Contrast finer than a pixel or two that the residual holds, over that of the result.

    Parameters
    ----------
    noisy, clean, variance : (N, Y, X) float32, e- and e-²

    Returns
    -------
    share, error : float
        0 where nothing is lacking, and its standard error.
    """
    from scipy.ndimage import gaussian_filter

    fine = clean - gaussian_filter(clean, (0, SIGMA, SIGMA))
    weight = float(np.sum(fine * fine / variance, dtype=np.float64))
    if weight == 0:
        return 0.0, np.inf
    product = float(np.sum((noisy - clean) * fine / variance, dtype=np.float64))
    return product / weight, weight**-0.5


def find_chequers(clean: Float32) -> tuple[float, float]:
    """Power at the corner of the spectrum, over that beside it.

    Parameters
    ----------
    clean : (N, Y, X) float32, e-

    Returns
    -------
    ratio, amplitude : float
        At most 1 for an image, about 1 for white noise; and the pattern's size, e- rms.
    """
    window = np.outer(*(np.hanning(size) for size in clean.shape[-2:]))
    spectrum = np.abs(np.fft.rfft2((clean - clean.mean()) * window)) ** 2
    y, x = np.abs(np.fft.fftfreq(clean.shape[-2])), np.fft.rfftfreq(clean.shape[-1])
    lowest, highest = np.minimum.outer(y, x), np.maximum.outer(y, x)
    corner = lowest > CORNER
    beside = (lowest > BESIDE[0]) & (highest < BESIDE[1])
    at, near = float(spectrum[:, corner].mean()), float(spectrum[:, beside].mean())
    energy = 2 * at * np.count_nonzero(corner) / clean[0].size / np.sum(window**2)
    return at / near if near > 0 else 0.0, float(np.sqrt(energy))


def find_stripes(clean: Float32) -> tuple[float, float]:
    """How much more alike fine structure is along x than along y.

    Parameters
    ----------
    clean : (N, Y, X) float32, e-

    Returns
    -------
    difference, amplitude : float
        Of correlations: above 0 for stripes along x, below for stripes along y; and the size of
        the fine structure that is striped, e- rms.
    """
    along_x, size_x = _alike(clean)
    along_y, size_y = _alike(clean.swapaxes(-1, -2))
    difference = along_x - along_y
    return difference, size_x if difference > 0 else size_y


def _alike(clean: Float32) -> tuple[float, float]:
    """Correlation along x, over some pixels, of what is fine along y; and its size, e- rms."""
    fine = (2 * clean[:, 1:-1] - clean[:, :-2] - clean[:, 2:]) / np.float32(6**0.5)
    # Bright places have more noise, and edges must not speak for all.
    spread = 4 * float(np.median(np.abs(fine))) + 1e-6
    fine = np.clip(fine, -spread, spread)
    power = float(np.mean(fine * fine, dtype=np.float64))
    if power == 0:
        return 0.0, 0.0
    found = [
        float(np.mean(fine[..., lag:] * fine[..., :-lag], dtype=np.float64))
        for lag in range(LAGS[0], LAGS[1] + 1)
    ]
    alike = float(np.mean(found)) / power
    return alike, float(np.sqrt(power * max(0.0, alike)))
