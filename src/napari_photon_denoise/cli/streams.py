"""The standard streams as they may be: closed, full, or of few letters; nothing fails with them."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from typing import TextIO, cast


class _Stream:
    """Where a standard stream leads now, by its name; what can't be written is dropped.

    That a reader has gone, or a disk with a log is full, must not cost the work itself.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def encoding(self) -> str:
        return getattr(self._now, "encoding", None) or "utf-8"

    def write(self, text: str) -> int:
        stream = self._now
        if stream is not None:
            try:
                stream.write(text)
            except (OSError, ValueError) as error:  # of a stream that is closed, ValueError
                _let_go(stream, error)
        return len(text)

    def flush(self) -> None:
        stream = self._now
        if stream is not None:
            try:
                stream.flush()
            except (OSError, ValueError) as error:
                _let_go(stream, error)

    def isatty(self) -> bool:
        with suppress(ValueError):
            return self._now is not None and self._now.isatty()
        return False

    def fileno(self) -> int:
        if self._now is None:
            raise OSError(errno.EBADF, "there is no such stream")
        return self._now.fileno()

    @property
    def _now(self) -> TextIO | None:
        stream = getattr(sys, self._name)
        # While a bar is drawn, rich puts itself before it.
        return cast("TextIO | None", getattr(stream, "rich_proxied_file", stream))


STDOUT = cast("TextIO", _Stream("stdout"))
STDERR = cast("TextIO", _Stream("stderr"))


def be_lenient() -> None:
    """Have letters that a stream does not know written as their codes, not refused."""
    for stream in (sys.stdout, sys.stderr):
        # Others than Python's own may not be told.
        with suppress(AttributeError, OSError, ValueError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def _let_go(stream: TextIO, error: Exception) -> None:
    """Lead a stream to nowhere, so that Python does not fail with it in the end."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    if stream is sys.stdout and getattr(error, "errno", None) == errno.ENOSPC:
        STDERR.write("error: The disk is full where this is printed to; the work goes on.\n")
