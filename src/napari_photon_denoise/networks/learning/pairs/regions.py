"""Which part of the pairs is trained on, and which is kept aside to judge by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.networks.learning.pairs.images import Pair

SHARE = 0.1  # of the pairs to keep aside, at least one
STRIP = 0.2  # of a lone pair to keep aside


@dataclass(frozen=True)
class Region:
    """Part of every plane of a pair.

    Parameters
    ----------
    pair : int
        Its number.
    y, x : (int, int)
        First and one past the last, px.
    """

    pair: int
    y: tuple[int, int]
    x: tuple[int, int]

    @property
    def area(self) -> int:
        """Pixels of a plane."""
        return (self.y[1] - self.y[0]) * (self.x[1] - self.x[0])


def split(pairs: Sequence[Pair], patch: int, seed: int) -> tuple[list[Region], list[Region]]:
    """Keep some pairs aside as a whole, or a strip of a lone one.

    Planes, channels and times of a file stay together: they show the same scene.

    Parameters
    ----------
    pairs : sequence of Pair
    patch : int
        Edge of the patches, px.
    seed : int

    Returns
    -------
    training, held_out : list of Region

    Raises
    ------
    PhotonDenoiseError
        If an image is smaller than a patch, or a lone one too small to be split.
    """
    for pair in pairs:
        if min(pair.shape_yx) < patch:
            height, width = pair.shape_yx
            raise PhotonDenoiseError(
                f"{pair.name} is {height} × {width} px, smaller than a patch of {patch} px: choose "
                "a smaller patch."
            )
    if len(pairs) == 1:
        return _split_one(pairs[0], patch)
    count = max(1, round(SHARE * len(pairs)))
    aside = set(np.random.default_rng(seed).permutation(len(pairs))[:count].tolist())
    whole = [
        Region(i, (0, pair.shape_yx[0]), (0, pair.shape_yx[1])) for i, pair in enumerate(pairs)
    ]
    return (
        [region for region in whole if region.pair not in aside],
        [region for region in whole if region.pair in aside],
    )


def _split_one(pair: Pair, patch: int) -> tuple[list[Region], list[Region]]:
    height, width = pair.shape_yx
    longest = max(height, width)
    if longest < 2 * patch:
        raise PhotonDenoiseError(
            f"{pair.name} is {height} × {width} px, too small to train on one part and judge by "
            f"another: choose a patch of {longest // 2 // 8 * 8} px or less, or give more "
            "pairs."
        )
    cut = longest - max(patch, round(STRIP * longest))
    if width >= height:
        return [Region(0, (0, height), (0, cut))], [Region(0, (0, height), (cut, width))]
    return [Region(0, (0, cut), (0, width))], [Region(0, (cut, height), (0, width))]
