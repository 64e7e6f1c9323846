"""How many CPUs torch computes with."""

from __future__ import annotations

import torch


def use_threads(count: int) -> None:
    """Have torch compute with so many threads for the thread that calls this.

    OpenMP counts for each of its callers, so each that computes says it.
    """
    if torch.get_num_threads() != count:
        torch.set_num_threads(count)
