"""What a network costs: parameters, and multiply-adds of a pixel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from napari_photon_denoise.networks.architecture import Architecture

TRIED = 64  # px; edge of the image that multiply-adds are counted on
Convolution = (nn.Conv2d, nn.ConvTranspose2d)


def parameters(network: nn.Module) -> int:
    """Count the trained numbers."""
    return sum(weight.numel() for weight in network.parameters())


def multiply_adds(architecture: Architecture) -> float:
    """Count the multiply-adds of the convolutions, for one pixel of a 2-D image."""
    network = architecture.build().eval()
    photons = torch.ones(1, architecture.planes, TRIED, TRIED)
    with _counted(network) as found, torch.inference_mode():
        network(photons, torch.zeros(1, 1, 1, 1), torch.zeros(1, 2))
    return sum(found) / TRIED**2


@contextmanager
def _counted(network: nn.Module) -> Iterator[list[float]]:
    found: list[float] = []

    def note(layer: nn.Module, given: tuple[Tensor, ...], returned: Tensor) -> None:
        # Each weight of a channel meets each pixel of what comes out; of a transposed
        # convolution, of what goes in.
        image = given[0] if isinstance(layer, nn.ConvTranspose2d) else returned
        weights = layer.get_parameter("weight").numel()
        found.append(weights * image.shape[-1] * image.shape[-2])

    handles = [
        layer.register_forward_hook(note)
        for layer in network.modules()
        if isinstance(layer, Convolution)
    ]
    try:
        yield found
    finally:
        for handle in handles:
            handle.remove()
