"""Which precision a network's convolutions run in, measured rather than guessed.

Photons stay float32; only a body's inner arithmetic is halved (see `photon_network`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import torch
from torch import Tensor

from napari_photon_denoise.networks.architecture import Network
from napari_photon_denoise.networks.batch import Batch

Precision = Literal["float32", "bfloat16"]
REPEATS, CLEARLY = 3, 0.85


@contextmanager
def autocast(device: str, precision: Precision) -> Iterator[None]:
    """Run convolutions in a precision; MPS keeps float32."""
    if precision == "float32" or device == "mps":
        yield
        return
    with torch.autocast(device, dtype=torch.bfloat16):
        yield


def choose_precision(network: Network, batch: Batch, device: str) -> Precision:
    """Return what is faster on this device; a CPU without bfloat16 emulates it slowly."""
    if device == "mps":
        return "float32"
    if device == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
    few = (batch.photons[:2], batch.read_noise[:2], batch.lengths[:2], batch.present[:2])
    seconds: dict[Precision, float] = {}
    with torch.inference_mode():
        for precision in ("float32", "bfloat16"):
            with autocast(device, precision):
                network(*few)  # the first call chooses kernels
                seconds[precision] = min(_seconds(network, few) for _ in range(REPEATS))
    # Only what is clearly faster: the choice must not differ from run to run.
    return "bfloat16" if seconds["bfloat16"] < CLEARLY * seconds["float32"] else "float32"


def _seconds(network: Network, batch: tuple[Tensor, Tensor, Tensor, Tensor]) -> float:
    """Time of the processor that a run takes, whatever else the computer does."""
    start = time.process_time()
    network(*batch)
    return time.process_time() - start
