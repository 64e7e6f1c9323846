"""The centres of a network's cluster masks, found in what it will learn from."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from napari_photon_denoise.metrics.clusters import ClusterSettings, find_clusters
from napari_photon_denoise.networks.architecture import Network
from napari_photon_denoise.networks.cluster_masks import brightness
from napari_photon_denoise.networks.committee import Committee

BATCHES = 8  # of patches that are looked at


def find_centres(network: Network, batches: Iterable[tuple[Tensor, Tensor]], seed: int) -> None:
    """Give a network the clusters of some patches; one without masks is left as it is.

    Parameters
    ----------
    network : PhotonNetwork or BlindNetwork
        Its masks are changed.
    batches : iterable of photons and read noise
        As for its `forward`; looked at only if it has masks.
    seed : int

    Raises
    ------
    PhotonDenoiseError
        If the patches are constant, or have fewer different values than clusters.
    """
    # Several networks of CARE have none.
    if isinstance(network, Committee) or network.masks is None:
        return
    masks = network.masks
    with torch.inference_mode():
        looked = [(network.smoothed(photons, noise), noise) for photons, noise in batches]
        masks.variance.copy_(torch.cat([noise.flatten() for _, noise in looked]).median() ** 2)
        means = torch.cat([mean.flatten() for mean, _ in looked])
        sample = brightness(means, masks.variance)[:, None].numpy()
    settings = ClusterSettings(clusters=len(masks.centres), seed=seed)
    step = max(1, len(sample) // settings.pixels)
    found = find_clusters(sample[::step], settings)
    masks.centres.copy_(torch.from_numpy(found.centres[:, 0]))
