"""How well a network does on patches that it never trained on."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from napari_photon_denoise.networks.architecture import Network
from napari_photon_denoise.networks.batch import Batch
from napari_photon_denoise.networks.device import memory_errors
from napari_photon_denoise.networks.learning.training import to_device

SMALLEST = 1e-9  # e-²; keeps the logarithm finite


def psnr(network: Network | None, batches: Sequence[Batch], device: str) -> float:
    """Peak signal-to-noise ratio, dB, averaged over patches; each one's peak is its own.

    Parameters
    ----------
    network : PhotonNetwork or BlindNetwork or None
        On the device. None scores the noisy patches themselves.
    batches : sequence of Batch
    device : {"cpu", "cuda", "mps"}
    """
    found = []
    if network is not None:
        network.eval()
    with torch.inference_mode(), memory_errors():
        for batch in batches:
            there = to_device(batch, device)
            if network is None:
                middle = there.photons.shape[1] // 2
                image = there.photons[:, middle : middle + 1]
            else:
                image = network(there.photons, there.read_noise, there.lengths, there.present)
            found.append(_of_patches(image, there.target))
    return float(torch.cat(found).mean())


def _of_patches(image: Tensor, target: Tensor) -> Tensor:
    """Return (B,) dB."""
    error = (image - target).square().flatten(1).mean(1)
    flat = target.flatten(1)
    peak = flat.amax(1) - flat.amin(1)
    return 10 * torch.log10(peak.square().clamp(min=SMALLEST) / error.clamp(min=SMALLEST))
