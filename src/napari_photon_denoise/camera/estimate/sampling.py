"""Which part of an image is read: windows spread over it, some tens of Mpx at most.

An image may be larger than memory. A window is one region of one plane; of a movie it
is the same region of two successive frames, whose difference holds the noise without
the scene.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.camera.estimate.outliers import without_hot
from napari_photon_denoise.counts import LazyArray, read_counts
from napari_photon_denoise.errors import PhotonDenoiseError

Index = tuple[slice, ...]

BUDGET = 3.5e6  # px that are read: below two seconds on two cores
WINDOW = 1024  # px, largest edge of a window; some 100 MB while it is measured
LEAST = 1e-15  # ADU, of the range of an image, whose squares single precision must hold
FILLED = 0.005  # of the pixels at one lowest value that may be filled in
FAR = 0.5  # how far below the rest, in units of what the dark half of the rest spans
SCATTERED = 0.2  # of the borders that filled pixels would have if they were scattered
PLATEAU = 10  # pixels at the highest value that make it a ceiling


@dataclass(frozen=True, eq=False)
class Window:
    """A region that was read.

    Parameters
    ----------
    noise : (Y, X) float32, ADU
        What the noise is measured in: the counts, or for a movie the difference of two
        frames divided by √2, so that its variance is that of one frame.
    mean : (Y, X) float32, ADU
        The counts; for a movie the mean of the two frames.
    full : (Y, X) bool
        Pixels at the top of the range, whose noise is cut off, and those that were filled in.
    channel : int
    corner : tuple of int, px
        Row and column of the first pixel.
    whole : bool
        True if the counts are whole numbers, as a camera writes them.
    """

    noise: Float32
    mean: Float32
    full: NDArray[np.bool_]
    channel: int
    corner: tuple[int, int]
    whole: bool

    def every_second(self) -> Window:
        """Leave every second pixel out, of an image whose pixels are repeated."""
        y, x = (slice(at % 2, None, 2) for at in self.corner)
        corner = (-(-self.corner[0] // 2), -(-self.corner[1] // 2))
        return replace(
            self,
            noise=np.ascontiguousarray(self.noise[y, x]),
            mean=np.ascontiguousarray(self.mean[y, x]),
            full=self.full[y, x],
            corner=corner,
        )


def plan_windows(shape: tuple[int, ...], axes: str, budget: float = BUDGET) -> list[Index]:
    """Choose regions evenly over planes, channels and the plane's area.

    Parameters
    ----------
    shape : tuple of int
    axes : str
        A letter of "TCZYX" a dimension.
    budget : float
        Pixels to read at most, give or take one window.

    Returns
    -------
    list of tuples of slices, one slice an axis; two frames long in T for a movie
    """
    sizes = dict(zip(axes, shape, strict=True))
    frames = 2 if sizes.get("T", 1) > 1 else 1
    starts: list[Sequence[int]] = []
    lengths = []
    for axis, size in sizes.items():
        if axis in "YX":
            parts, length = -(-size // WINDOW), min(size, WINDOW)
            starts.append(np.linspace(0, size - length, parts).astype(int).tolist())
        else:
            length = frames if axis == "T" else 1
            starts.append(range(0, size - length + 1, length))
        lengths.append(length)
    room = max(1, int(budget // prod(lengths)))
    counts = [len(one) for one in starts]
    total = prod(counts)  # millions, of a long movie: they are not listed
    chosen: Sequence[int] = range(total)
    if total > room:
        # A step of the golden ratio meets every axis evenly, whatever the order of the axes.
        steps = (np.arange(room) * 0.6180339887498949) % 1
        chosen = sorted(set((steps * total).astype(int).tolist()))
    return [
        tuple(
            slice(one[at], one[at] + length)
            for one, at, length in zip(starts, place, lengths, strict=True)
        )
        for place in zip(*(at.tolist() for at in np.unravel_index(chosen, counts)), strict=True)
    ]


class Remembered:
    """An image of which each region is read once, as long as this lives; a `LazyArray`.

    The windows are some Mpx, and are looked at several times: for the noise, and then by it.

    Parameters
    ----------
    data : array, any real dtype, ADU
    """

    def __init__(self, data: LazyArray) -> None:
        self._data, self._read = data, dict[tuple[tuple[int, int], ...], Any]()
        self.shape, self.dtype = data.shape, data.dtype

    def __getitem__(self, index: Index) -> Any:
        """Read a region, or return it as it was read."""
        place = tuple((side.start, side.stop) for side in index)
        if place not in self._read:
            found = self._data[index]
            # A mask would be lost on the way to a NumPy array.
            self._read[place] = found.compute() if hasattr(found, "compute") else found
        return self._read[place]


def read_windows(data: LazyArray, axes: str, plan: list[Index]) -> Iterator[Window]:
    """Read the windows one by one.

    Raises
    ------
    PhotonDenoiseError
        If a window holds NaN, infinite or masked values, or is far from all cameras' range.
    """
    for index in plan:
        block = read_counts(data, index)
        _check_range(block)
        channel = index[axes.index("C")].start if "C" in axes else 0
        frames = block.reshape(-1, *block.shape[-2:])
        yield as_window(frames, channel, (index[-2].start, index[-1].start))


def _filled(frames: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell what no camera wrote: one value where the image was turned, shifted or cut out.

    It lies far below all else, and in one piece: pixels without a photon lie scattered.
    """
    blank: NDArray[np.bool_] = frames == frames.min()
    share = float(blank.mean())
    nothing = np.zeros_like(blank)
    if not FILLED < share < 1:
        return nothing
    low, middle = np.quantile(frames[~blank], [0.01, 0.5])
    # One border a pair of pixels, of which a plane of one column has none.
    borders = float((blank[..., :-1] & ~blank[..., 1:]).sum()) / blank.size
    far = low - float(frames.min()) > FAR * (middle - low)
    return blank if far and borders < SCATTERED * share * (1 - share) else nothing


def _check_range(block: NDArray[Any]) -> None:
    """Refuse a range whose square single precision can't hold."""
    low, high = float(block.min()), float(block.max())
    if 0 < high - low < LEAST:
        raise PhotonDenoiseError(
            f"The image's values differ by {high - low:.2g} at most: multiply them all by one "
            "number, so that they are of the size of grey values."
        )


def as_window(frames: NDArray[Any], channel: int = 0, corner: tuple[int, int] = (0, 0)) -> Window:
    """Make a window of one frame, or of two successive ones.

    Parameters
    ----------
    frames : (1 or 2, Y, X) any real dtype, ADU
    channel : int
    corner : tuple of int
        Row and column of the first pixel.
    """
    frames = without_hot(frames)
    top = frames.max()
    ceiling = np.iinfo(frames.dtype).max if frames.dtype.kind in "iu" else None
    full = frames == top
    if top != ceiling and np.count_nonzero(full) < PLATEAU:
        full = np.zeros_like(full)
    full |= _filled(frames)
    counts = frames.astype(np.float32)
    whole = frames.dtype.kind in "iu" or bool((counts == np.rint(counts)).all())
    if len(frames) == 1:
        return Window(counts[0], counts[0], full[0], channel, corner, whole)
    mean = (counts[0] + counts[1]) / 2
    difference = _steady((counts[1] - counts[0]) / np.float32(np.sqrt(2)), mean)
    if any(frame.min() == frame.max() for frame in counts):
        difference[:] = 0  # a blank frame: the difference is the other frame, scene and all
    return Window(difference, mean, full.any(axis=0), channel, corner, whole)


def _steady(difference: Float32, mean: Float32) -> Float32:
    """Take bleaching and flicker out: what of the difference is proportional to the scene."""
    centred = mean - mean.mean()
    power = float((centred * centred).sum())
    slope = float((centred * difference).sum()) / power if power > 0 else 0.0
    return np.asarray(difference - difference.mean() - np.float32(slope) * centred, np.float32)
