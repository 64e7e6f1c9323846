"""How long work still takes, told by the pace of its last steps; without Qt."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from time import monotonic

from napari_photon_denoise.job import Progress

RECENT = 60  # steps from whose pace the time left is told


class Pace:
    """When so many of so many steps were done; of the present stage, the last ones.

    Parameters
    ----------
    clock : callable
        Returns seconds.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._steps: deque[tuple[float, int, int]] = deque(maxlen=RECENT)

    def clear(self) -> None:
        """Begin with another piece of work."""
        self._steps.clear()

    def left(self, step: Progress) -> float | None:
        """Take note of a step, and return the seconds that are left; None if nobody knows yet."""
        # A job's next stage counts from the beginning, or to another end.
        if self._steps and (step.done < self._steps[-1][1] or step.total != self._steps[-1][2]):
            self._steps.clear()
        self._steps.append((self._clock(), step.done, step.total))
        (begin, first, _), (now, done, total) = self._steps[0], self._steps[-1]
        if not first < done < total:
            return None
        return (now - begin) / (done - first) * (total - done)


def in_words(seconds: float) -> str:
    """Say a time, such as "12 s", "3 min" or "2.5 h"."""
    if seconds < 100:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 100 * 60 else f"{seconds / 3600:.1f} h"
