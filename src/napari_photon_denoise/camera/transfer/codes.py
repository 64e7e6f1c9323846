"""Which codes a camera uses: gaps betray shifted, rescaled and compressed frames."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def code_step(codes: NDArray[np.int64]) -> int:
    """Greatest common divisor of the distances between used codes, ADU."""
    used = np.flatnonzero(codes)
    return int(np.gcd.reduce(np.diff(used))) if len(used) > 1 else 1


def missing_codes(codes: NDArray[np.int64], step: int) -> float:
    """Share of codes that never came though their neighbours did often."""
    used = np.flatnonzero(codes)
    steps = codes[used[0] : used[-1] + 1 : step]
    share = steps.cumsum() / steps.sum()
    middle = steps[(share > 0.01) & (share < 0.99)]
    if len(middle) < 8 or middle.mean() < 50:
        return 0.0
    return float((middle == 0).mean())
