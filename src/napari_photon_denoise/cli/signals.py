"""The signals that end a program: each stops it as Ctrl-C does, so that it cleans up.

A cluster ends a job with SIGTERM, a terminal that closes with SIGHUP. This is imported first, and
imports nothing that takes time: libraries are loaded for seconds, in which one stops as well.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
# A terminal that closes sends several, and an impatient user too: while what is half done is
# removed, one more must not stop that.
_TOGETHER = 2.0  # s

Handler = Callable[[int, FrameType | None], None]

_came: list[int] = []


@contextmanager
def handled(handler: Handler) -> Iterator[None]:
    """Have a function called for each signal that ends a program, unless it is to be ignored.

    What was so before is so again afterwards. Other threads than the main one get no signals.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    known = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    # nohup, and shells that put a program in the background, have them ignored.
    before = {one: signal.getsignal(one) for one in known}
    mine = {one: old for one, old in before.items() if old is not signal.SIG_IGN}
    for one in mine:
        signal.signal(one, handler)
    try:
        yield
    finally:
        for one, old in mine.items():
            signal.signal(one, signal.SIG_DFL if old is None else old)


@contextmanager
def stoppable() -> Iterator[None]:
    """Stop what runs inside by KeyboardInterrupt, whichever signal came."""
    first = [0.0]
    _came.clear()

    def stop(number: int, frame: FrameType | None) -> None:
        if _came and time.monotonic() - first[0] < _TOGETHER:
            return
        first[0] = time.monotonic()
        _came.append(number)
        raise KeyboardInterrupt

    with handled(stop):
        yield


def stop_if_asked() -> None:
    """Stop after a signal whose KeyboardInterrupt some library kept for itself.

    Raises
    ------
    KeyboardInterrupt
    """
    if _came:
        raise KeyboardInterrupt


def was_asked() -> bool:
    """Tell whether a signal to stop came."""
    return bool(_came)


def exit_code() -> int:
    """Return what a shell expects of a program that a signal has ended."""
    return 128 + (_came[0] if _came else signal.SIGINT)
