"""How long work still takes, told by the pace of its last minutes; the same on every face."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from time import monotonic

from napari_photon_denoise.job import Progress

RECENT = 120.0  # s, from whose pace the time left is told
LEAST = 5  # steps that are looked at, where each takes long
_APART = 1.0  # s: steps that follow each other faster are taken together


class Pace:
    """When so many of so many steps were done; of the present stage, in the last minutes.

    Parameters
    ----------
    clock : callable
        Returns seconds.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._steps: deque[tuple[float, int, int]] = deque()

    def clear(self) -> None:
        """Begin with another piece of work."""
        self._steps.clear()

    def left(self, step: Progress) -> float | None:
        """Take note of a step, and return the seconds that are left; None if nobody knows yet."""
        self.note(step)
        return self.still()

    def note(self, step: Progress) -> None:
        """Take note of a step."""
        steps, now = self._steps, self._clock()
        # A job's next stage counts from the beginning, or to another end.
        if steps and (step.done < steps[-1][1] or step.total != steps[-1][2]):
            steps.clear()
        if len(steps) > 1 and now - steps[-2][0] < _APART:
            steps.pop()
        steps.append((now, step.done, step.total))
        while len(steps) > LEAST + 1 and now - steps[1][0] > RECENT:
            steps.popleft()

    def still(self) -> float | None:
        """Return the seconds that are left from now on, in the middle of a step as well.

        A step that takes longer than those before slows the pace, so that work that hangs is not
        said to be done soon.
        """
        if not self._steps:
            return None
        (begin, first, _), (last, done, total) = self._steps[0], self._steps[-1]
        if not first < done < total:
            return None
        now = self._clock()
        each = max((last - begin) / (done - first), (now - begin) / (done - first + 1))
        return each * (total - done) - min(now - last, each)


def in_words(seconds: float) -> str:
    """Say a time, such as "12 s", "3 min" or "2.5 h"."""
    if seconds < 100:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 100 * 60 else f"{seconds / 3600:.1f} h"
