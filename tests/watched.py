"""A clock that is set, and what happens to a folder by it."""

from __future__ import annotations

from collections.abc import Callable


class Time:
    """Seconds that pass by sleeping; what is planned happens on the way."""

    def __init__(self) -> None:
        self.now = 0.0
        self._planned: list[tuple[float, Callable[[], object]]] = []

    def __call__(self) -> float:
        return self.now

    def at(self, when: float, action: Callable[[], object]) -> None:
        """Have something happen."""
        self._planned.append((when, action))
        self._planned.sort(key=lambda one: one[0])

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        while self._planned and self._planned[0][0] <= self.now:
            self._planned.pop(0)[1]()
