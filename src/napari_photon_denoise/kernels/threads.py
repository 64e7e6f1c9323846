"""Blocks of an image spread over the CPUs that the process may use."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Block = TypeVar("Block")


def usable_cpus() -> int:
    """CPUs that the process may use, which a container or a batch system may have limited."""
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
