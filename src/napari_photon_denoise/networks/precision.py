"""Which precision a network's convolutions run in: decided by the processor, not by a stopwatch.

A busy computer measures another time, and each precision gives other digits: the same recipe
must not. Photons stay float32; only a body's inner arithmetic is halved (see `photon_network`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import torch

Precision = Literal["float32", "bfloat16"]
# Instructions that multiply bfloat16; a CPU without any emulates it, slower than float32.
BFLOAT16 = ("amx_bf16", "avx512_bf16")


@contextmanager
def autocast(device: str, precision: Precision) -> Iterator[None]:
    """Run convolutions in a precision; MPS keeps float32."""
    if precision == "float32" or device == "mps":
        yield
        return
    with torch.autocast(device, dtype=torch.bfloat16):
        yield


def choose_precision(device: str) -> Precision:
    """Return bfloat16 where the device has instructions for it, else float32.

    Parameters
    ----------
    device : {"cpu", "cuda", "mps"}
    """
    if device == "cpu":
        return "bfloat16" if _multiplies_bfloat16() else "float32"
    return "bfloat16" if device == "cuda" and torch.cuda.is_bf16_supported() else "float32"


def _multiplies_bfloat16() -> bool:
    """Tell if the CPU multiplies bfloat16 itself; a torch that can't say is taken for a no."""
    ask = getattr(torch.cpu, "get_capabilities", None)
    return ask is not None and any(ask().get(name, False) for name in BFLOAT16)
