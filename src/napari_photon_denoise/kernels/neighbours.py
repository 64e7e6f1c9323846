"""Which pixels non-local means compares, on every device."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

# Where the exponent of a weight is larger, the weight is zero, as in scikit-image: hundreds of
# unlike pixels with a small weight each would otherwise blur the image.
FARTHEST = 5.0


def half_of_shifts(distance: tuple[int, int, int]) -> NDArray[np.int64]:
    """One of each pair of opposite shifts within a search box, without the shift by nothing.

    Parameters
    ----------
    distance : three int
        Search radius along Z, Y, X.

    Returns
    -------
    `(N, 3)` int64
        Along Z, Y, X; in lexical order, so that none leads back along Z.
    """
    dz, dy, dx = distance
    box = itertools.product(range(dz + 1), range(-dy, dy + 1), range(-dx, dx + 1))
    return np.array([shift for shift in box if shift > (0, 0, 0)], np.int64).reshape(-1, 3)
