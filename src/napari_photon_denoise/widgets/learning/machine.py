"""What a network learns on, and how much room there is."""

from __future__ import annotations

from typing import Any

import psutil


def describe_machine(network: Any, device: str) -> str:
    """Say in a line what a network learns on; torch is imported by then.

    Parameters
    ----------
    network : nn.Module
    device : {"cpu", "cuda", "mps"}
    """
    weights = sum(part.numel() for part in network.parameters())
    return f"Learns on {_place(device)}; the network has {weights / 1e6:.2f} million weights."


def describe_memory() -> str:
    """Say how much of the computer's memory is free."""
    memory = psutil.virtual_memory()
    return f"{memory.available / 1e9:.1f} of {memory.total / 1e9:.1f} GB of memory are free"


def _place(device: str) -> str:
    if device != "cuda":
        name = "the Apple GPU" if device == "mps" else "the CPU"
        return f"{name} ({describe_memory()})"
    import torch

    free, total = torch.cuda.mem_get_info()
    name = torch.cuda.get_device_name()
    return f"{name} ({free / 1e9:.1f} of {total / 1e9:.1f} GB of its memory are free)"
