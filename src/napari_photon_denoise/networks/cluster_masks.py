"""Which cluster each pixel belongs to, as channels that a network is shown beside the image.

Clusters are of brightness: that of the smoothed image, so that noise does not get into the masks,
stabilised, as in `metrics.clusters`. Their centres are found before a training and belong to the
model, as its weights do: a tile gives what the whole image gives.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ClusterMasks(nn.Module):
    """Makes a mask of each cluster: 1 where a pixel is nearest to its centre, else 0.

    Parameters
    ----------
    count : int
        Clusters, two or more.

    Attributes
    ----------
    centres : (count,) float32, SD of a pixel's noise
        From dark to bright; a buffer.
    variance : () float32, e-²
        Of the read noise that all pixels are taken to have, so that one that is noisier than
        others is no brighter; a buffer.
    """

    centres: Tensor
    variance: Tensor

    def __init__(self, count: int) -> None:
        super().__init__()
        self.register_buffer("centres", torch.arange(float(count)))
        self.register_buffer("variance", torch.tensor(0.0))

    def forward(self, mean: Tensor) -> Tensor:
        """Return the masks, of sum 1.

        Parameters
        ----------
        mean : (B, 1, [Z,] Y, X) float32, e-
            Of the smoothed image.

        Returns
        -------
        (B, count, [Z,] Y, X) float32
        """
        far = (brightness(mean, self.variance)[:, 0, ..., None] - self.centres).abs()
        return F.one_hot(far.argmin(-1), len(self.centres)).movedim(-1, 1).to(mean.dtype)


def brightness(mean: Tensor, variance: Tensor) -> Tensor:
    """Stabilise photons, as `camera.anscombe` does, for tensors; a test compares the two."""
    return 2 * (mean + 0.375 + variance).clamp(min=0).sqrt()


def count_masks(clusters: int) -> int:
    """Return how many channels the masks of clusters are: of one cluster, none."""
    return clusters if clusters > 1 else 0
