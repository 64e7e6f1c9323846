"""The machine's best convolution, and the work that a network does; see `network_speed`."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

from benchmarks.markdown import head, print_row
from benchmarks.timing import median_seconds

CHANNELS = (32, 64, 96, 128)
EDGES = (128, 256, 512, 1024)  # px
REPEATS = 5
LARGEST = 64e6  # values; larger only takes time


@dataclass(frozen=True)
class Rates:
    """Convolutions of a device.

    Parameters
    ----------
    table : list of dict
        Channels, edge (px), precision and GFLOP/s of each.
    """

    table: list[dict[str, Any]]

    @property
    def best(self) -> float:
        """GFLOP/s of the fastest."""
        return max(float(row["gflops"]) for row in self.table)


def devices() -> list[str]:
    """Name the devices that torch finds, the CPU first."""
    import torch

    there = ["cpu"]
    if torch.cuda.is_available():
        there.append("cuda")
    if torch.backends.mps.is_available():
        there.append("mps")
    return there


def best_rate(device: str, *, quick: bool) -> Rates:
    """Measure 3×3 convolutions of many shapes, medians of five, and print them."""
    import torch

    from napari_photon_denoise.networks.device import kept_memory

    precisions = {"bfloat16": torch.bfloat16, "float32": torch.float32}
    edges = EDGES[:2] if quick else EDGES
    table = []
    with kept_memory(), torch.inference_mode():
        for (name, dtype), channels, edge in product(precisions.items(), CHANNELS, edges):
            if channels * edge**2 > LARGEST:
                continue
            taken = _convolution(device, dtype, channels, edge)
            work = 2 * 9 * channels**2 * edge**2
            table.append(
                {
                    "channels": channels,
                    "edge": edge,
                    "precision": name,
                    "gflops": work / taken / 1e9,
                }
            )
    rates = Rates(table)
    _print(device, rates, edges)
    return rates


def work_per_pixel(network: Any) -> float:
    """Floating-point operations of a network's convolution layers for a pixel of its output."""
    import torch
    from torch import Tensor, nn

    operations = 0

    def count(layer: nn.Module, given: tuple[Tensor, ...], got: Tensor) -> None:
        nonlocal operations
        # Each weight meets each pixel of the output once, in a transposed layer of the input.
        transposed = isinstance(layer, nn.ConvTranspose2d | nn.ConvTranspose3d)
        places = (given[0] if transposed else got)[0, 0].numel()
        weight: Tensor = layer.get_parameter("weight")
        operations += 2 * places * weight.numel()

    kinds = (nn.Conv2d, nn.Conv3d, nn.ConvTranspose2d, nn.ConvTranspose3d)
    hooks = [
        layer.register_forward_hook(count)
        for layer in network.modules()
        if isinstance(layer, kinds)
    ]
    edge, deep = 128, 8 if network.body.dimensions == 3 else 0
    shape = (1, network.planes, *((deep,) if deep else ()), edge, edge)
    with torch.inference_mode():
        network(torch.ones(shape), torch.ones(1, 1, *shape[2:]), torch.zeros(1, 2))
    for hook in hooks:
        hook.remove()
    return operations / (edge * edge * (deep or 1))


def _convolution(device: str, dtype: Any, channels: int, edge: int) -> float:
    """Median seconds of a convolution."""
    import torch
    import torch.nn.functional as F

    layout = torch.channels_last
    image = torch.randn(1, channels, edge, edge, device=device).to(dtype)
    image = image.contiguous(memory_format=layout)
    weight = torch.randn(channels, channels, 3, 3, device=device).to(dtype)
    weight = weight.contiguous(memory_format=layout)

    def wait() -> None:
        if device != "cpu":
            getattr(torch, device).synchronize()

    # Short ones several times, or the clock and the launch would count.
    repeats = max(1, int(3e9 / (18 * channels**2 * edge**2)))

    def work() -> None:
        for _ in range(repeats):
            F.conv2d(image, weight, padding=1)
        wait()

    wait()
    return median_seconds(work, REPEATS) / repeats


def _print(device: str, rates: Rates, edges: tuple[int, ...]) -> None:
    print(f"\n3×3 convolutions on {device}, GFLOP/s; the best is {rates.best:.0f}\n")
    print(head("precision, channels", *(f"{edge} px" for edge in edges)))
    found = {
        (f"{row['precision']}, {row['channels']}", row["edge"]): f"{row['gflops']:.0f}"
        for row in rates.table
    }
    for name in dict.fromkeys(name for name, _ in found):
        print_row(name, *(found.get((name, edge), "") for edge in edges))
