"""What the page asks of rows: means of some of them, and paired differences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
from benchmarks.study.series import scene_of

from napari_photon_denoise.evaluation.study import MethodSummary, Study, StudyRow, summarise

CONFIDENCE = 0.95
NOTHING = MethodSummary("", dict.fromkeys(("mse", "ssim", "ks"), nan), None, 0, nan)


def lines(rows: Iterable[StudyRow]) -> dict[str, MethodSummary]:
    """Return a line a method over some rows, in their order."""
    return {line.method: line for line in summarise(Study(tuple(rows)))}


def line(rows: Iterable[StudyRow], method: str) -> MethodSummary:
    """Return the line of a method; NaN where it has no rows."""
    return lines(row for row in rows if row.method == method).get(method, NOTHING)


def by_exposure(rows: Sequence[StudyRow]) -> dict[str, list[StudyRow]]:
    """Part rows by their exposures, ascending."""
    levels = sorted({row.exposure or 0 for row in rows})
    return {f"{level:g}": [row for row in rows if row.exposure == level] for level in levels}


def ceiling(rows: Iterable[StudyRow]) -> str:
    """Say which slope the truth behind a noisy truth would have: J counts in shot noise."""
    cells = list({row.image: row.cell for row in rows}.values())
    floor = np.array([cell.truth_noise / cell.mean for cell in cells])
    before = np.array([np.mean(cell.j_in) for cell in cells])
    return f"{before @ floor / (floor @ floor):.1f}"


@dataclass(frozen=True)
class Paired:
    """How many times larger one method's squared error is than another's on the same images.

    Parameters
    ----------
    factor, low, high : float
        Geometric mean, and its 95 % confidence interval over scenes.
    scenes : int
    """

    factor: float
    low: float
    high: float
    scenes: int

    @property
    def decided(self) -> bool:
        """Whether the interval leaves out 1."""
        return self.low > 1 or self.high < 1


def paired(rows: Sequence[StudyRow], method: str, reference: str) -> Paired | None:
    """Compare two methods; a scene's exposures are averaged first, for they resemble each other.

    Student's t over scenes, of the logarithms; None for fewer than two scenes. An image that is
    nearer to the truth than the truth's own noise lets one see is left out.
    """
    from scipy.stats import t as student

    errors = {(row.image, row.method): row.cell["mse"].value for row in rows}
    logs: dict[str, list[float]] = {}
    for image in dict.fromkeys(row.image for row in rows):
        one, other = (errors.get((image, name), 0.0) for name in (method, reference))
        if min(one, other) > 0:
            logs.setdefault(scene_of(image), []).append(float(np.log(one / other)))
    of_scenes = np.array([np.mean(one) for one in logs.values()])
    count = len(of_scenes)
    if count < 2:
        return None
    middle = float(of_scenes.mean())
    error = float(of_scenes.std(ddof=1) / np.sqrt(count))
    reach = error * float(student.ppf((1 + CONFIDENCE) / 2, count - 1))
    low, factor, high = (float(np.exp(x)) for x in (middle - reach, middle, middle + reach))
    return Paired(factor, low, high, count)
