"""Exact sums over the frames of one stack, of any length, in memory that does not grow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.kernels.threads import each, usable_cpus

Counts = NDArray[np.uint16]
Float64 = NDArray[np.float64]
CODES = 65536


@dataclass(eq=False)
class StackSums:
    """Whole-number sums of a stack, so that chunks and files merge to the last bit.

    64-bit sums of squares hold 4 thousand million frames of the largest 16-bit count.

    Parameters
    ----------
    total : (Y, X) uint32, ADU
        Sum of the counts over frames; uint64 beyond 65,537 frames, where 32 bits may not do.
    square, step : (Y, X) uint64, ADU²
        Sums of the squared counts, and of the squared steps from each frame to the next.
    lowest, highest : (Y, X) uint16, ADU
    first, last : (Y, X) uint16, ADU
        The outermost frames: the step across a seam needs them.
    frame_totals : list of int, ADU
        Sum of each frame.
    codes : (65536,) int64
        How often each code came, in all pixels and frames.
    """

    total: NDArray[np.uint32] | NDArray[np.uint64]
    square: NDArray[np.uint64]
    step: NDArray[np.uint64]
    lowest: Counts
    highest: Counts
    first: Counts
    last: Counts
    frame_totals: list[int]
    codes: NDArray[np.int64]

    @classmethod
    def empty(cls, shape: tuple[int, int]) -> StackSums:
        """Make sums of no frame, of a camera of `shape` ``(Y, X)``."""
        return cls(
            total=np.zeros(shape, np.uint32),
            square=np.zeros(shape, np.uint64),
            step=np.zeros(shape, np.uint64),
            lowest=np.full(shape, CODES - 1, np.uint16),
            highest=np.zeros(shape, np.uint16),
            first=np.zeros(shape, np.uint16),
            last=np.zeros(shape, np.uint16),
            frame_totals=[],
            codes=np.zeros(CODES, np.int64),
        )

    @property
    def frames(self) -> int:
        """Number of frames."""
        return len(self.frame_totals)

    @property
    def shape(self) -> tuple[int, int]:
        """``(Y, X)``."""
        return self.total.shape[0], self.total.shape[1]

    @property
    def frame_means(self) -> Float64:
        """Mean of each frame: (N,) float64, ADU."""
        return np.array(self.frame_totals, np.float64) / self.total.size

    def add(self, block: Counts) -> None:
        """Add frames that follow those already there: (F, Y, X) uint16, ADU."""
        from napari_photon_denoise.kernels.sums import add_frames, bands

        if self.frames == 0:
            self.first[...] = block[0]
            self.last[...] = block[0]
        if self.total.dtype != _total_type(self.frames + len(block)):
            self.total = self.total.astype(np.uint64)
        parts = bands(self.shape[0], usable_cpus())
        frame_totals = np.zeros((len(parts), len(block)), np.int64)
        codes = np.zeros((len(parts), CODES), np.int64)

        def add_band(part: int) -> None:
            add_frames(
                block, self.last, *parts[part], self.total, self.square, self.step,
                self.lowest, self.highest, frame_totals[part], codes[part],
            )  # fmt: skip

        each(add_band, range(len(parts)))
        self.frame_totals += frame_totals.sum(axis=0).tolist()
        self.codes += codes.sum(axis=0)
        self.last[...] = block[-1]

    def merge(self, after: StackSums) -> StackSums:
        """Return the sums of these frames and then those of `after`; associative, to the bit.

        Raises
        ------
        PhotonDenoiseError
            If the frames differ in shape.
        """
        if self.shape != after.shape:
            raise PhotonDenoiseError(
                f"Frames of {self.shape} and {after.shape} pixels can't be summed: take frames "
                "of one camera, region and binning."
            )
        if self.frames == 0 or after.frames == 0:
            return after if self.frames == 0 else self
        seam = after.first.astype(np.int64) - self.last
        return StackSums(
            total=np.add(self.total, after.total, dtype=_total_type(self.frames + after.frames)),
            square=self.square + after.square,
            step=self.step + after.step + (seam * seam).astype(np.uint64),
            lowest=np.minimum(self.lowest, after.lowest),
            highest=np.maximum(self.highest, after.highest),
            first=self.first,
            last=after.last,
            frame_totals=self.frame_totals + after.frame_totals,
            codes=self.codes + after.codes,
        )

    def mean(self) -> Float32:
        """Mean of each pixel: (Y, X) float32, ADU."""
        out = np.empty(self.shape, np.float32)
        np.divide(self.total, self.frames, out=out, casting="unsafe", dtype=np.float64)
        return out

    def variance(self) -> Float32:
        """Unbiased temporal variance of each pixel: (Y, X) float32, ADU².

        Exact but for the last division. Two frames at least.
        """
        out = np.empty(self.shape, np.float32)
        for rows in row_bands(self.shape):
            out[rows] = self._variance(rows)
        return out

    def _variance(self, rows: slice) -> Float64:
        count, total = np.uint64(self.frames), self.total[rows].astype(np.uint64)
        # Squares about the whole part of the mean. Intermediate values may pass 2**64 and
        # wrap, as whole numbers may: the result is small.
        whole = total // count
        rest = (total - whole * count).astype(np.float64)
        about = self.square[rows] - np.uint64(2) * whole * total + count * whole * whole
        return np.asarray((about - rest * rest / self.frames) / (self.frames - 1))

    def step_variance(self) -> Float32:
        """Half the mean squared step between frames: (Y, X) float32, ADU².

        The temporal variance where frames drift slowly (von Neumann 1941,
        doi:10.1214/aoms/1177731677).
        """
        out = np.empty(self.shape, np.float32)
        np.divide(self.step, 2 * (self.frames - 1), out=out, casting="unsafe", dtype=np.float64)
        return out

    def mean_variances(self, of: NDArray[np.bool_]) -> tuple[float, float]:
        """Temporal variance of some pixels, ADU²: about the mean, and by steps.

        Parameters
        ----------
        of : (Y, X) bool
        """
        if not of.any():
            return 0.0, 0.0
        about = sum(float(self._variance(rows)[of[rows]].sum()) for rows in row_bands(self.shape))
        steps = int(self.step.sum(dtype=np.uint64, where=of)) / (2 * (self.frames - 1))
        return about / int(of.sum()), steps / int(of.sum())

    def pair_variance(self) -> float:
        """Temporal variance by EMVA 1288, ADU²: of differences of frames less their mean."""
        steps = self.frames - 1
        squares = int(self.step.sum(dtype=np.uint64)) / self.total.size
        shifts = np.diff(self.frame_means)
        return float(squares - (shifts**2).sum()) / (2 * steps)


def _total_type(frames: int) -> type[np.uint32] | type[np.uint64]:
    """Type that holds the sum of so many 16-bit counts."""
    return np.uint32 if frames <= (2**32 - 1) // (CODES - 1) else np.uint64


def row_bands(shape: tuple[int, ...]) -> list[slice]:
    """Cut rows into bands of about a quarter million pixels, to compute on little memory."""
    step = max(1, 2**18 // shape[1])
    return [slice(top, top + step) for top in range(0, shape[0], step)]
