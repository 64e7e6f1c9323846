"""Bytes of a file that are other than they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RUN = 4  # bytes of a damage that is longer than one


@dataclass(frozen=True)
class Flip:
    """Bytes at a place that are other than in the whole file.

    Parameters
    ----------
    at : int
        Offset of the first.
    was, now : bytes
    """

    at: int
    was: bytes
    now: bytes

    @property
    def places(self) -> range:
        """Offsets of the bytes."""
        return range(self.at, self.at + len(self.now))

    def __str__(self) -> str:
        """Say what was done."""
        return f"bytes {self.at}: {self.was!r} -> {self.now!r}"


def flip(whole: bytes, words: Sequence[range], rng: np.random.Generator) -> Flip:
    """Choose a damage: half of them anywhere, half of them in what is not pixels.

    Parameters
    ----------
    whole : bytes
        The file.
    words : sequence of range
        Where headers, directories and texts lie.
    rng : Generator
    """
    if words and rng.random() < 0.5:
        sizes = np.array([len(one) for one in words], float)
        part = words[rng.choice(len(words), p=sizes / sizes.sum())]
    else:
        part = range(len(whole))
    at = int(part[rng.integers(len(part))])
    length = min(RUN if rng.random() < 0.25 else 1, part[-1] + 1 - at)
    was = whole[at : at + length]
    fillings = (bytes(length), b"\xff" * length, rng.bytes(length))
    # One bit is what disks and memory lose; zeros and ones are what is never written.
    one_bit = bytes([was[0] ^ (1 << int(rng.integers(8)))]) + was[1:]
    now = one_bit if rng.random() < 0.5 else fillings[rng.integers(3)]
    return Flip(at, was, now if now != was else one_bit)


def apply(whole: bytes, damage: Flip) -> bytes:
    """Return the damaged file."""
    return whole[: damage.at] + damage.now + whole[damage.at + len(damage.now) :]


def gaps(size: int, taken: Sequence[range]) -> list[range]:
    """Return what lies between some parts of a file."""
    found, end = [], 0
    for part in sorted(taken, key=lambda one: one.start):
        if part.start > end:
            found.append(range(end, part.start))
        end = max(end, part.stop)
    return [*found, range(end, size)] if end < size else found
