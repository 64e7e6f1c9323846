"""Some pixels of some planes of each channel: what clusters are found from."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import numpy as np

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.metrics.clusters import ClusterSettings, features_of
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.tiles import frames

MOST_PLANES = 32  # of a channel that are looked at

Index = tuple[slice, ...]


def planes_of(photons: Photons) -> Iterator[tuple[int, Index]]:
    """Every plane of an image with its channel, channel by channel."""
    sizes = photons.sizes
    every = [{**frame, "Z": z} for frame in frames(sizes) for z in range(sizes.get("Z", 1))]
    for place in sorted(every, key=lambda one: one.get("C", 0)):
        yield (
            place.get("C", 0),
            tuple(
                slice(None) if axis in "YX" else slice(place[axis], place[axis] + 1)
                for axis in photons.axes
            ),
        )


def plane_features(photons: Photons, index: Index, settings: ClusterSettings) -> Float32:
    """Read a plane, and return what each of its pixels is known by, (Y, X, F) float32."""
    plane = photons.read(index)
    return features_of(plane.reshape(plane.shape[-2:]), photons.read_noise(index), settings)


def sample_job(photons: Photons, settings: ClusterSettings) -> Job[dict[int, Float32]]:
    """Look at some pixels of each channel.

    Parameters
    ----------
    photons : Photons
    settings : ClusterSettings
        Of which `pixels` says how many, at most.

    Returns
    -------
    dict of channel to (N, F) float32, SD
        Through the generator's return value.

    Raises
    ------
    PhotonDenoiseError
        If a plane that is looked at holds NaN.
    """
    chosen = [
        (channel, index, share)
        for channel, planes in groupby(planes_of(photons), key=lambda one: one[0])
        for index, share in _some([index for _, index in planes], settings.pixels)
    ]
    found: dict[int, list[Float32]] = {}
    for number, (channel, index, share) in enumerate(chosen):
        yield Progress("Looking at pixels", number, len(chosen))
        features = plane_features(photons, index, settings)
        flat = features.reshape(-1, features.shape[-1])
        if len(flat) > share:
            rng = np.random.default_rng([settings.seed, number])
            flat = flat[np.sort(rng.choice(len(flat), share, replace=False))]
        found.setdefault(channel, []).append(flat)
    return {channel: np.concatenate(parts) for channel, parts in found.items()}


def _some(planes: list[Index], pixels: int) -> list[tuple[Index, int]]:
    """Choose planes at equal distances, and how many pixels of each."""
    count = min(MOST_PLANES, len(planes))
    places = np.linspace(0, len(planes) - 1, count).round().astype(int)
    return [(planes[place], -(-pixels // count)) for place in places]
