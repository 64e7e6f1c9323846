"""Axes for values that are log10 already, with numbers that don't run into each other."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, inf, log10
from typing import Any

import pyqtgraph as pg

WIDE = 1.7  # decades; over more of them, only powers of ten have numbers
DECADE, HALF, FINE = 1.0, 0.5, 0.1  # how pyqtgraph tells ticks of one kind from another


class LogAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph comes without types
    """Ticks at 1 to 9 of each decade, numbers at 1, and at 2 and 5 where there is room."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Return ticks between two values, by kind."""
        self._wide = high - low > WIDE
        decades = range(floor(low), ceil(high) + 1)

        def ticks(*digits: int) -> list[float]:
            values = [decade + log10(digit) for decade in decades for digit in digits]
            return [value for value in values if low <= value <= high]

        return [(DECADE, ticks(1)), (HALF, ticks(2, 5)), (FINE, ticks(3, 4, 6, 7, 8, 9))]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Return the numbers of ticks of one kind."""
        if spacing == FINE or (spacing == HALF and self._wide):
            return [""] * len(values)
        return [_number(10**value) for value in values]


class SwitchAxis(LogAxis):
    """An axis for plain values, or for log10 of them."""

    logarithmic = False
    highest = inf
    """No number stands at a tick above this."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Return ticks between two values, by kind."""
        if self.logarithmic:
            return super().tickValues(low, high, size)
        ticks: list[tuple[float, list[float]]] = pg.AxisItem.tickValues(self, low, high, size)
        return ticks

    def tickStrings(self, values: Any, scale: float, spacing: float) -> list[str]:
        """Return the numbers of ticks of one kind."""
        if self.logarithmic:
            numbers = super().tickStrings(values, scale, spacing)
            seen = [10**value <= self.highest * 1.001 for value in values]
            return [text if shown else "" for text, shown in zip(numbers, seen, strict=True)]
        numbers = pg.AxisItem.tickStrings(self, values, scale, spacing)
        return list(numbers)


def _number(value: float) -> str:
    if not 0.01 <= value < 99_999:
        return f"{value:.0e}".replace("e+0", "e").replace("e-0", "e-")
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"
