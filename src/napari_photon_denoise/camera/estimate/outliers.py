"""Hot pixels in an image whose noise is being estimated: they must not be taken for noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.camera.estimate.result import NoiseEstimate
from napari_photon_denoise.counts import LazyArray
from napari_photon_denoise.hot_pixels import Lone, find_lone, mend
from napari_photon_denoise.words import unit_for

ROWS = 4  # every how manieth tells how strong noise is
NOISIEST, SPREAD = 0.99, 3.155  # of the second differences; what it is for noise of variance 1
ALIKE = 0.25  # of the height of hot pixels, beyond which points are of their kind
MANY = 0.005  # of the pixels that may be hot; more are something else


def without_hot(frames: NDArray[Any]) -> NDArray[Any]:
    """Mend pixels so hot that they stand out before the noise is known.

    Parameters
    ----------
    frames : (N, Y, X) any real dtype, ADU
        Not changed.
    """
    counts = frames.astype(np.float32)
    # What noise is, at most: bright structure and its own noise are in it.
    second = np.abs(counts[..., 1:-1] - (counts[..., :-2] + counts[..., 2:]) / 2)[:, ::ROWS]
    noise = float(np.quantile(second, NOISIEST)) / SPREAD if second.size else 0.0
    if noise == 0:
        return frames
    lone = find_lone(counts, 0, noise**2)
    return mend(frames, lone.hot) if _is_few(lone) else frames


def count_hot(
    data: LazyArray, plan: Sequence[tuple[slice, ...]], estimate: NoiseEstimate
) -> NoiseEstimate:
    """Look for hot pixels by the noise that was found; they are then mended before denoising.

    Parameters
    ----------
    data : array, any real dtype, ADU
    plan : sequence of tuples of slices
        Where it is looked at.
    estimate : NoiseEstimate
    """
    hot = 0
    for index in plan:
        signal = np.asarray(data[index]).astype(np.float32) - np.float32(estimate.offset_eff)
        lone = find_lone(signal, 1 / estimate.gain, 0)
        hot += int(np.count_nonzero(lone.hot)) if _is_few(lone) else 0
    if not hot:
        return estimate
    said = (
        f"{hot} hot {unit_for(hot, 'pixels')} (alone far above all around) "
        f"{'was' if hot == 1 else 'were'} met: such pixels are replaced by the median of those "
        "beside them before denoising."
    )
    return replace(estimate, hot=hot, sentences=(*estimate.sentences, said))


def _is_few(lone: Lone) -> bool:
    """Tell hot pixels from photons that are counted one by one, and from very sharp points.

    Such points are of all sharpnesses, and those that look lone are about as bright as others.
    """
    number = len(lone.heights)
    if number == 0:
        return True
    alike = int(np.count_nonzero(lone.sharp > ALIKE * np.median(lone.heights)))
    return alike <= number <= MANY * lone.hot.size
