"""How long a network learns, and from how much at a time: each parameter declared once.

What needs it, methods and settings, says its own default. Nothing here needs torch.
"""

from __future__ import annotations

from typing import Any

from napari_photon_denoise.parameters import parameter


def epochs(default: int) -> Any:
    """Declare for how many rounds of 50 steps it learns."""
    text = "How long it learns at most; an epoch is 50 steps."
    return parameter(default, text, unit="epochs", ge=1, le=10_000)


def patience(default: int) -> Any:
    """Declare after how many epochs without a better score it stops."""
    text = (
        "It stops when the held-out score has not improved for so long, and keeps its best; 0 "
        "never stops."
    )
    return parameter(default, text, unit="epochs", ge=0, le=1000)


def patch(default: int | None, chosen: str = "") -> Any:
    """Declare the size of the patches; `chosen` says what None is."""
    text = "Edge of the patches it learns from."
    return parameter(default, text, unit="px", ge=16, le=1024, step=16, chosen=chosen)


def batch(default: int | None, chosen: str = "") -> Any:
    """Declare the number of patches a step; `chosen` says what None is."""
    return parameter(default, "Patches a step.", unit="", ge=1, le=1024, chosen=chosen)


def learning_rate(default: float | None, chosen: str = "") -> Any:
    """Declare the highest learning rate; `chosen` says what None is."""
    text = "Step size of the optimiser, at its highest."
    return parameter(default, text, unit="", ge=1e-6, le=1, step=1e-4, chosen=chosen)


def seed() -> Any:
    """Declare what all chance depends on."""
    return parameter(0, "Same seed, same result.", unit="", ge=0, le=2**31 - 1)
