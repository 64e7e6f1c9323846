"""Bytes of a file that are other than they were."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

TYPED = 0.7  # share of the damages of a text that a person could have made
TOKEN = re.compile(rb'"[^"\n]*"|[\w.+-]+')
VALUES = (
    *(b"null", b"true", b"-1", b"0", b"1e999", b"NaN", b"9" * 5000, b'"x"', b"''", b"[]", b"{}"),
    *(b"[1, 2]", b'{"a": 1}', b"[" * 5000, b"2020-01-01", b"&a [*a]", b"0.5", b"1e-300", b"\xb5"),
)
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
        return range(self.at, self.at + len(self.was))

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
    if not words:
        return (
            _typed(whole, rng) if rng.random() < TYPED else _flipped(whole, range(len(whole)), rng)
        )
    if rng.random() < 0.5:
        sizes = np.array([len(one) for one in words], float)
        part = words[rng.choice(len(words), p=sizes / sizes.sum())]
    else:
        part = range(len(whole))
    return _flipped(whole, part, rng)


def _typed(text: bytes, rng: np.random.Generator) -> Flip:
    """Choose a value or a letter of a text, and put another one there, as people do."""
    parts = list(TOKEN.finditer(text))
    part = parts[rng.integers(len(parts))]
    if rng.random() < 0.5:
        return Flip(part.start(), part.group(), VALUES[rng.integers(len(VALUES))])
    at = int(rng.integers(part.start(), part.end()))
    letters = b"0123456789" if text[at : at + 1].isdigit() else b'aeinrstx_-. "'
    return Flip(at, text[at : at + 1], letters[(k := int(rng.integers(len(letters)))) : k + 1])


def _flipped(whole: bytes, part: range, rng: np.random.Generator) -> Flip:
    """Choose a place in a part of a file, and put other bytes there, as disks do."""
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
    return whole[: damage.at] + damage.now + whole[damage.at + len(damage.was) :]


def gaps(size: int, taken: Sequence[range]) -> list[range]:
    """Return what lies between some parts of a file."""
    found, end = [], 0
    for part in sorted(taken, key=lambda one: one.start):
        if part.start > end:
            found.append(range(end, part.start))
        end = max(end, part.stop)
    return [*found, range(end, size)] if end < size else found
