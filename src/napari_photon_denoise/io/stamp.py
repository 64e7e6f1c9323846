"""Whether a file was written to while it was read: the result would be made of two images."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from math import inf
from pathlib import Path

from napari_photon_denoise.errors import UnreadableFile

MOST = 10_000  # files of a folder that are looked at
SHARE = 0.02  # of the time that `Seldom` takes

Stamp = tuple[int, int, int]


def stamp_of(paths: Sequence[Path], most: int | None = MOST) -> Stamp | None:
    """Return number, bytes and last change of files, those in folders too; None if all are gone.

    Parameters
    ----------
    paths : sequence of Path
    most : int or None
        How many files are looked at; None for all.
    """
    facts = []
    for file in islice(_files(paths), most):
        try:
            facts.append(os.stat(file))
        except OSError:  # gone meanwhile: the number tells
            continue
    if not facts:
        return None
    return len(facts), sum(one.st_size for one in facts), max(one.st_mtime_ns for one in facts)


def check_unchanged(name: str, paths: Sequence[Path], before: Stamp) -> None:
    """Refuse what was read of files that are others now.

    One that is gone was read to its end: reading fails where it is not there any more.

    Parameters
    ----------
    name : str
        What the error calls the image.
    paths : sequence of Path
    before : Stamp

    Raises
    ------
    UnreadableFile
    """
    if stamp_of(paths) not in (before, None):
        raise UnreadableFile(
            f"{name} was changed while it was being read, so that the result would be made of two "
            "images: try again once it is written."
        )


class Seldom:
    """A question that is asked so seldom that it takes little of the time, however slow it is.

    To look at the thousands of files of an image before each of thousands of parts would keep a
    cluster's disk from all else.

    Parameters
    ----------
    ask : function
        Without parameters; raises if the answer is bad.
    """

    def __init__(self, ask: Callable[[], None]) -> None:
        self._ask = ask
        self._next = -inf

    def __call__(self) -> None:
        """Ask, unless that was done just now."""
        start = time.monotonic()
        if start < self._next:
            return
        self._ask()
        now = time.monotonic()
        self._next = now + (now - start) / SHARE


def _files(paths: Sequence[Path]) -> Iterator[str | Path]:
    for path in paths:
        if not path.is_dir():
            yield path
        for folder, _, names in os.walk(path):
            yield from (os.path.join(folder, name) for name in names)
