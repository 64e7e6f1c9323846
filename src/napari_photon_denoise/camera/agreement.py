"""Whether a camera's numbers fit the noise that an image itself shows."""

from __future__ import annotations

from math import prod

import numpy as np

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.estimate import NoiseEstimate
from napari_photon_denoise.counts import LazyArray

CONTRADICTS = 1.5  # times; presets differ by some percent, modes of one camera by 2 to 30 times
SURE = ("line", "regions", "counted")  # rungs of the estimate with a gain and a zero
WIDEST = 1.5  # upper end of the gain's interval over its lower; a wider one contradicts nobody
FRAMES = 4  # that are looked at, evenly spaced
EDGE = 4096  # px; of larger frames the middle is
SAMPLED = 2**18  # px of a frame that are sorted


def noise_variance(camera: Calibration, counts: float) -> float:
    """Variance that a camera gives a pixel, ADU².

    Parameters
    ----------
    camera : Calibration
        Of maps, the medians count.
    counts : float
        Expected in the pixel, ADU.
    """
    gain, offset, read_noise = (
        float(np.median(value)) for value in (camera.gain, camera.offset, camera.read_noise)
    )
    return (max(0.0, (counts - offset) * gain) + read_noise**2) / gain**2


def contradiction(camera: Calibration, estimate: NoiseEstimate, counts: float) -> float | None:
    """By how much a camera contradicts the noise of an image.

    Only an estimate that is sure contradicts: one that has the gain and the zero of the line
    (`SURE`), whose photons are not relative, and whose gain is known within `WIDEST`.

    Parameters
    ----------
    camera : Calibration
        That is said to have taken the image.
    estimate : NoiseEstimate
        From the image.
    counts : float
        Median brightness of the image, ADU.

    Returns
    -------
    float or None
        Variance of the noise that the camera should have there, over that of the estimate, if
        one is more than `CONTRADICTS` times the other. 1 if they agree; None if nobody can tell.
    """
    low, high = estimate.gain_interval
    if estimate.rung not in SURE or estimate.relative or high > WIDEST * low:
        return None
    shown = noise_variance(estimate.calibration(), counts)
    if not shown > 0:
        return None
    ratio = noise_variance(camera, counts) / shown
    return ratio if not 1 / CONTRADICTS <= ratio <= CONTRADICTS else 1.0


def typical_counts(data: LazyArray) -> float:
    """Median brightness of an image, ADU, from a few of its frames.

    Parameters
    ----------
    data : (..., Y, X) array, ADU
        numpy, dask, zarr or h5py; up to `FRAMES` frames are read.

    Returns
    -------
    float
        NaN if there is no number.
    """
    *loops, height, width = data.shape
    number = int(np.prod(loops, dtype=np.int64))
    edge = _edge(data)
    window = (_middle(height, edge), _middle(width, edge))
    step = max(1, int((min(height, edge) * min(width, edge) / SAMPLED) ** 0.5))
    medians = []
    for at in np.unique(np.linspace(0, number - 1, min(number, FRAMES) + 2)[1:-1].astype(int)):
        place = np.unravel_index(at, loops) if loops else ()
        frame = np.asarray(data[(*(slice(int(i), int(i) + 1) for i in place), *window)])
        frame = frame[..., ::step, ::step]
        good = frame[np.isfinite(frame)]
        if good.size:
            medians.append(float(np.median(good)))
    return float(np.median(medians)) if medians else float("nan")


def _edge(data: LazyArray) -> int:
    """Return how much of a frame is looked at; less where it is stored many planes deep."""
    blocks = getattr(data, "chunks", ())[:-2] if hasattr(data, "dask") else ()
    return int(EDGE / prod(max(sizes) for sizes in blocks) ** 0.5)


def _middle(size: int, edge: int) -> slice:
    start = max(0, (size - edge) // 2)
    return slice(start, start + min(size, edge))
