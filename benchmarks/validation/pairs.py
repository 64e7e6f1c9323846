"""Noisy images with a mean of 400 frames: widefield, electron-multiplying camera (W2S).

The 8-bit images were stretched each on its own, so each has a camera of its own. The camera's
noise in the dark is small and can't be told from its offset: it is taken as `READ_NOISE`.
A few pixels in a thousand are clipped at the top. Where the mean is clipped nothing is scored;
where only the noisy image is, as in the structure of the dimmest fields, its noise is cut by
some percent, as it would be for a user.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from benchmarks.validation.camera import Float64, match
from benchmarks.validation.case import Case, Entry

READ_NOISE = 0.2  # e- rms, in effective photons
FRAMES = 400
TOP = 255


def entries(data: Path) -> list[Entry]:
    """List the 8-bit pairs, and the raw counts of two of the fields."""
    found = [
        Entry("w2s_8bit", path.stem.removesuffix("_noisy"), partial(stretched, path))
        for path in sorted((data / "pairs/w2s_8bit").glob("*_noisy.png"))
    ]
    for path in sorted((data / "pairs/w2s_counts").glob("*_noisy.tif")):
        for channel in range(3):
            name = f"{path.stem[3:6]}_{channel}"
            found.append(Entry("w2s_counts", name, partial(raw, path, channel)))
    return found


def stretched(path: Path) -> Case:
    """Make a case of an 8-bit pair."""
    from skimage.io import imread

    noisy = imread(path).astype(np.float64)
    return _case("w2s_8bit", path.stem.removesuffix("_noisy"), noisy, _mean(path), TOP)


def raw(path: Path, channel: int) -> Case:
    """Make a case of raw counts; another shot of a field whose mean is among the 8-bit pairs."""
    from tifffile import imread

    name = f"{path.stem[3:6]}_{channel}"
    mean = _mean(path.parent.parent / "w2s_8bit" / f"{name}_noisy.png")
    return _case("w2s_counts", name, imread(path)[channel].astype(np.float64), mean, np.inf)


def _mean(noisy: Path) -> Float64:
    from skimage.io import imread

    mean: Float64 = imread(noisy.with_name(noisy.name.replace("noisy", "mean400")))
    return mean.astype(np.float64)


def _case(set_name: str, name: str, noisy: Float64, mean: Float64, top: float) -> Case:
    """Fit the camera where nothing is clipped, and go to photons."""
    known = mean < TOP
    matched, line = match(mean, noisy, known)
    # Chosen by the mean, not by the noisy value: that would cut the noise on one side.
    unclipped = known & (matched + 3 * np.sqrt(line.variance(matched)) < top)
    matched, line = match(mean, noisy, unclipped)
    offset = line.offset + READ_NOISE**2 * line.slope
    truth = (matched - offset) / line.slope
    step = (np.ptp(matched) / np.ptp(mean)) / line.slope
    return Case(
        set_name,
        name,
        photons=((noisy - offset) / line.slope).astype(np.float32),
        truth=truth.astype(np.float32),
        read_noise=READ_NOISE,
        truth_variance=float(truth.mean() + READ_NOISE**2) / FRAMES + step**2 / 12,
        valid=known,
    )
