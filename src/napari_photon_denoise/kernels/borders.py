"""Half-sample symmetric reflection, for axes of any length."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def reflected(length: int, start: int, stop: int) -> NDArray[np.int64]:
    """Where positions outside an axis find their value.

    The border pixel is repeated (d c b a | a b c d | d c b a), as in
    `scipy.ndimage`'s "reflect" and `numpy.pad`'s "symmetric", as often as needed when the
    axis is shorter than the reach.

    Parameters
    ----------
    length : int
        Pixels on the axis, at least one.
    start, stop : int
        First position and one past the last; may lie outside the axis.

    Returns
    -------
    `(stop - start,)` int64
        Positions within `[0, length)`.
    """
    position = np.arange(start, stop, dtype=np.int64) % (2 * length)
    return np.minimum(position, 2 * length - 1 - position)
