"""Clusters as masks, one for each and one for pixels that belong to none."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.metrics.clusters.fit import OUTLIER

FIRST = 1  # number of the darkest cluster in an image of labels: napari shows 0 as nothing


def masks_of(labels: NDArray[np.int32], count: int) -> NDArray[np.bool_]:
    """Return a mask for each cluster, whose sum is 1 everywhere.

    Parameters
    ----------
    labels : (...) int32
        Clusters from 0; -1 for none.
    count : int
        Clusters.

    Returns
    -------
    (count, ...) bool, or (count + 1, ...) if there are pixels that belong to none: the last
        mask is theirs.
    """
    names = [*range(count), *([OUTLIER] if (labels == OUTLIER).any() else [])]
    return np.stack([labels == name for name in names])


def numbered(labels: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return labels for an image: clusters from 1, dark to bright; -1 for none.

    Parameters
    ----------
    labels : (...) int32
        Clusters from 0; -1 for none.
    """
    return np.where(labels == OUTLIER, OUTLIER, labels + FIRST).astype(np.int32)
