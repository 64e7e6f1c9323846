"""Medians as networks of comparators: minima and maxima of whole rows, and nothing else.

A network sorts without branches, so that a CPU does sixteen windows at once and a GPU a whole
image. Windows overlap, and so does their work: the pixels of one column are sorted once for
all windows that hold the column, and neighbouring columns are merged once for all windows that
hold the neighbours. A 5 x 5 median takes 90 minima and maxima a pixel so; sorting the 25 pixels
of each window for themselves, with all that the median does not need left out, takes 186.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

MINIMUM, MAXIMUM, BOTH = 0, 1, 2

# A row of values, seen from some columns to its right.
Seen = tuple[int, int]


@dataclass(frozen=True, eq=False)
class MedianNetwork:
    """How to find the median over a window, row by row.

    Parameters
    ----------
    steps : `(N, 7)` int64
        Kind (`MINIMUM`, `MAXIMUM` or `BOTH`); row and column offset of the first operand; row
        and column offset of the second; row for the minimum; row for the maximum. The first
        `inputs` rows are the input and are only read; no step writes to a row that it reads.
    inputs : int
        Input rows: the pixels of one column of the window.
    rows : int
        Input and scratch rows together.
    median : int
        The row that holds the median after the last step.
    """

    steps: NDArray[np.int64]
    inputs: int
    rows: int
    median: int


@lru_cache(maxsize=32)
def median_network(inputs: int, columns: int) -> MedianNetwork:
    """Network for the median of `inputs` rows over a window of `columns` columns.

    Parameters
    ----------
    inputs, columns : int
        Odd.

    Raises
    ------
    ValueError
        If a size is even or less than one.

    References
    ----------
    Batcher 1968, doi:10.1145/1468075.1468121.
    """
    if inputs < 1 or columns < 1 or inputs % 2 == 0 or columns % 2 == 0:
        raise ValueError(f"A median needs an odd window, but it is {inputs} by {columns}.")
    tape = _Tape(inputs)
    column = _sort(tape, [(row, 0) for row in range(inputs)])
    if columns == 1:
        median = column[inputs // 2]
    else:
        # An even number of columns halves into groups that are merged once and seen twice.
        most = _sorted_group(tape, {1: column}, columns - 1)
        last = _moved(column, columns - 1)
        median = _select(tape, most, last, inputs * columns // 2 + 1)
    return _allocate(tape, median[0])


@dataclass
class _Tape:
    """Comparators in the order of their making.

    Comparator n gives the values `inputs + 2 n`, its minimum, and `inputs + 2 n + 1`, its
    maximum. One on the same values at the same relative offset is made only once.
    """

    inputs: int
    comparators: list[tuple[Seen, Seen]] = field(default_factory=list)
    known: dict[tuple[Seen, Seen], int] = field(default_factory=dict)

    def compare(self, a: Seen, b: Seen) -> tuple[Seen, Seen]:
        """Minimum and maximum."""
        left = min(a[1], b[1])
        pair = ((a[0], a[1] - left), (b[0], b[1] - left))
        if pair not in self.known:
            self.known[pair] = self.inputs + 2 * len(self.comparators)
            self.comparators.append(pair)
        low = self.known[pair]
        return (low, left), (low + 1, left)


def _moved(values: list[Seen], columns: int) -> list[Seen]:
    return [(value, offset + columns) for value, offset in values]


def _sorted_group(tape: _Tape, groups: dict[int, list[Seen]], columns: int) -> list[Seen]:
    """All pixels of neighbouring columns, sorted; `groups` remembers what was merged before."""
    if columns not in groups:
        left = (columns + 1) // 2
        right = _moved(_sorted_group(tape, groups, columns - left), left)
        groups[columns] = _merge(tape, _sorted_group(tape, groups, left), right)
    return groups[columns]


def _sort(tape: _Tape, values: list[Seen]) -> list[Seen]:
    """Batcher's merge sort."""
    if len(values) == 1:
        return values
    half = len(values) // 2
    return _merge(tape, _sort(tape, values[:half]), _sort(tape, values[half:]))


def _merge(tape: _Tape, a: list[Seen], b: list[Seen]) -> list[Seen]:
    """Batcher's odd-even merge of two sorted lists, of any lengths."""
    if not a or not b:
        return a or b
    if len(a) == len(b) == 1:
        return list(tape.compare(a[0], b[0]))
    even, odd = _merge(tape, a[::2], b[::2]), _merge(tape, a[1::2], b[1::2])
    merged = even[:1]
    for low, high in zip(odd, even[1:], strict=False):
        merged.extend(tape.compare(low, high))
    return merged + odd[len(even) - 1 :] + even[1 + len(odd) :]


def _select(tape: _Tape, a: list[Seen], b: list[Seen], rank: int) -> Seen:
    """Find the `rank`-th smallest of two sorted lists, counted from one; `a` is the longer.

    It is the least, over all ways to take `rank` values off the two lists' lower ends, of the
    largest value taken.
    """
    least = a[rank - 1]
    for taken in range(1, min(rank - 1, len(b)) + 1):
        largest = tape.compare(a[rank - taken - 1], b[taken - 1])[1]
        least = tape.compare(least, largest)[0]
    return least


def _allocate(tape: _Tape, median: int) -> MedianNetwork:
    """Drop what the median does not need, and give every value a row for its lifetime."""
    last_use = {median: len(tape.comparators)}
    for n in reversed(range(len(tape.comparators))):
        low = tape.inputs + 2 * n
        if low in last_use or low + 1 in last_use:
            for value, _ in tape.comparators[n]:
                last_use.setdefault(value, n)
    row = {value: value for value in range(tape.inputs)}
    free: list[int] = []
    rows = tape.inputs
    steps = []
    for n, ((a, offset_a), (b, offset_b)) in enumerate(tape.comparators):
        low = tape.inputs + 2 * n
        wanted = [value for value in (low, low + 1) if value in last_use]
        if not wanted:
            continue
        for value in wanted:
            if not free:
                free.append(rows)
                rows += 1
            row[value] = free.pop()
        kind = BOTH if len(wanted) == 2 else MINIMUM if low in wanted else MAXIMUM
        unused = -1
        targets = row.get(low, unused), row.get(low + 1, unused)
        steps.append((kind, row[a], offset_a, row[b], offset_b, *targets))
        free.extend({row[v] for v in (a, b) if last_use[v] == n and v >= tape.inputs})
    table = np.array(steps, np.int64).reshape(-1, 7)
    return MedianNetwork(table, tape.inputs, rows, row[median])
