"""Blocks of an image spread over the CPUs that the process may use."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Block = TypeVar("Block")

_share: list[int] = []  # of the CPUs, where this process was given one


def use_cpus(count: int) -> None:
    """Have this process use so many CPUs from here on: others work beside it.

    Parameters
    ----------
    count : int
        1 or more; never more than there are.
    """
    _share[:] = [count]


def usable_cpus() -> int:
    """CPUs that the process may use, which a container or a batch system may have limited."""
    return min([_cpus(), *_share])


def _cpus() -> int:
    if hasattr(os, "process_cpu_count"):
        return os.process_cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def each(work: Callable[[Block], object], blocks: Iterable[Block]) -> None:
    """Call `work` once for every block, several at a time.

    The pool lives for one call: it costs less than a millisecond, survives a fork, and calls
    from several Python threads share nothing.

    Raises
    ------
    Exception
        Whatever `work` raises first.
    """
    todo = list(blocks)
    workers = min(usable_cpus(), len(todo))
    if workers <= 1:
        for block in todo:
            work(block)
        return
    with ThreadPoolExecutor(workers, thread_name_prefix="photon-denoise") as pool:
        for _ in pool.map(work, todo):
            pass
