"""A stack frame by frame, and whether it can be used at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.camera.transfer.differences import DifferenceSums, Whiteness
from napari_photon_denoise.camera.transfer.stacks import Stack
from napari_photon_denoise.camera.transfer.sums import StackSums
from napari_photon_denoise.errors import PhotonDenoiseError

Float64 = NDArray[np.float64]

ODD_FRAME = 5.0  # robust standard deviations of the frame means
FULL = tuple(2**bits - 1 for bits in (8, 10, 11, 12, 13, 14, 15, 16))  # codes of a full pixel, ADU


@dataclass(frozen=True, eq=False)
class Trace:
    """Frames of a stack, one by one.

    Parameters
    ----------
    name : str
    means : (N,) float64, ADU
    odd : tuple of int
        Frames whose mean lies more than 5 robust SD from the others', counted from 0.
    left_out : tuple of int
        Flat frames so dark or bright that they were not used.
    codes : (65536,) int64
        Histogram of the counts, of all pixels and frames.
    whiteness : Whiteness or None
        Of difference frames; None if no frame differs.
    pair_variance : float
        Temporal variance by EMVA 1288, without frame normalisation, ADU².
    mean : float
        Of all pixels and frames, ADU.
    """

    name: str
    means: Float64
    odd: tuple[int, ...]
    left_out: tuple[int, ...]
    codes: NDArray[np.int64]
    whiteness: Whiteness | None
    pair_variance: float
    mean: float

    @property
    def frames(self) -> int:
        """Number of frames read."""
        return len(self.means)

    @property
    def highest(self) -> int:
        """Largest code of all, ADU."""
        return int(np.flatnonzero(self.codes)[-1])


def make_trace(
    stack: Stack, sums: StackSums, differences: DifferenceSums, factors: Float64 | None = None
) -> Trace:
    """Make the trace of a stack that was read; `factors` are those of `LightSums`."""
    means = sums.frame_means
    left_out = () if factors is None else tuple(np.flatnonzero(factors == 0).tolist())
    return Trace(
        name=stack.name,
        means=means,
        odd=odd_frames(means),
        left_out=left_out,
        codes=sums.codes,
        whiteness=differences.result(),
        pair_variance=sums.pair_variance(),
        mean=float(means.mean()),
    )


def odd_frames(means: Float64) -> tuple[int, ...]:
    """Frames whose mean lies far from the others'."""
    away = np.abs(means - np.median(means))
    spread = 1.4826 * float(np.median(away))
    return tuple(np.flatnonzero(away > ODD_FRAME * spread).tolist()) if spread > 0 else ()


def check_stack(stack: Stack, sums: StackSums, *, may_be_full: bool = False) -> None:
    """Refuse stacks that show no noise.

    Raises
    ------
    PhotonDenoiseError
        For one frame only, and frames that are all the same, unless they are full.
    """
    if sums.frames < 2:
        raise PhotonDenoiseError(
            f"The {stack.name} has {sums.frames} frame: noise needs at least two frames taken "
            "alike, better 100."
        )
    used = np.flatnonzero(sums.codes)
    if sums.step.any() or (may_be_full and used[-1] in FULL):
        return
    if len(used) == 1:
        raise PhotonDenoiseError(
            f"The {stack.name} is constant, every pixel of every frame is {used[0]}: check that "
            "the camera was running, and that its offset lies above 0."
        )
    raise PhotonDenoiseError(
        f"The {stack.name} repeats one frame {sums.frames} times, so it shows no noise: take "
        "separate frames."
    )
