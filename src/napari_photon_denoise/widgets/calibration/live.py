"""A calibration that can be watched: points of the curve while the stacks are still read.

They are provisional, from a part of the pixels; the job itself finds the final ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.camera.transfer import (
    CalibrationSettings,
    CameraReport,
    calibrate_job,
)
from napari_photon_denoise.camera.transfer.stacks import Stack, open_stack
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import Job, Progress, relabelled
from napari_photon_denoise.widgets.calibration.guess import parse_level
from napari_photon_denoise.widgets.calibration.sources import StackSource

SAMPLE = 20_000  # pixels of a frame that are watched


@dataclass(frozen=True)
class CalibrationProgress(Progress):
    """Progress with the points so far: ``(signal ADU, variance ADU²)`` above the dark."""

    points: tuple[tuple[float, float], ...] = ()


class Tap:
    """Mean and variance of the frames that pass by.

    Parameters
    ----------
    stack : Stack
        `watched` is the same stack, seen through the tap.
    """

    def __init__(self, stack: Stack) -> None:
        self._step = max(1, ceil((prod(stack.shape) / SAMPLE) ** 0.5))
        self._frames, self._sum, self._squares = 0, 0.0, 0.0
        self._last: NDArray[np.float32] | None = None
        self._source = stack.frames
        self.watched = replace(stack, frames=self._pass)

    def moments(self) -> tuple[float, float] | None:
        """Mean (ADU) and temporal variance (ADU²); None before the second frame."""
        if self._frames < 2:
            return None
        return self._sum / self._frames, self._squares / (self._frames - 1) / 2

    def _pass(self) -> Iterator[Any]:
        for part in self._source():
            array = np.asarray(part)
            planes = array if array.ndim == 3 else array[np.newaxis]
            for plane in planes[:, :: self._step, :: self._step]:
                self._see(plane.astype(np.float32))
            yield array

    def _see(self, plane: NDArray[np.float32]) -> None:
        self._sum += float(plane.mean())
        self._frames += 1
        if self._last is not None and self._last.shape == plane.shape:
            # The variance about the mean: a flickering lamp shifts whole frames.
            self._squares += float((plane - self._last).var())
        self._last = plane


def watched_calibration(
    sources: Sequence[StackSource], settings: CalibrationSettings
) -> Job[CameraReport]:
    """Return a calibration of the rows of the table; no file is opened before it starts.

    Parameters
    ----------
    sources : sequence of StackSource
    settings : CalibrationSettings
        All but the exposures, which the table tells.

    Raises
    ------
    PhotonDenoiseError
        If there is no dark, no flat, or what `calibrate_job` refuses.
    """
    darks = [source for source in sources if source.role == "dark"]
    flats = [source for source in sources if source.role == "flat"]
    _check(darks, flats)
    told = CalibrationSettings(**dict(settings) | {"exposures": exposures_of(flats)})
    return _watched_job(darks, flats, told)


def exposures_of(flats: Sequence[StackSource]) -> list[float] | None:
    """Light of each flat in one unit; None unless all are known and differ."""
    levels = [parse_level(flat.level) for flat in flats]
    known = [level for level in levels if level is not None]
    values = {level.value for level in known}
    one_unit = len({level.unit for level in known}) == 1
    usable = len(known) == len(flats) == len(values) and one_unit and min(values) > 0
    return [level.value for level in known] if usable else None


def _watched_job(
    darks: Sequence[StackSource], flats: Sequence[StackSource], settings: CalibrationSettings
) -> Job[CameraReport]:
    yield Progress("Opening the stacks", 0, 1)
    taps = {
        role: [Tap(open_stack(one.stack, _name(role, at, one))) for at, one in enumerate(group)]
        for role, group in (("dark", darks), ("flat", flats))
    }
    job = calibrate_job(
        [tap.watched for tap in taps["dark"]], [tap.watched for tap in taps["flat"]], settings
    )
    return (yield from _watch(job, taps["dark"], taps["flat"]))


def _check(darks: Sequence[StackSource], flats: Sequence[StackSource]) -> None:
    if not darks and not flats:
        raise PhotonDenoiseError(
            "Add frames first: a dark (no light) and at least one flat (steady light)."
        )
    if not darks:
        raise PhotonDenoiseError(
            "There is no dark: add frames taken without light, or choose Dark as the role of a row."
        )
    if not flats:
        raise PhotonDenoiseError(
            "There is no flat: add frames of steady light, or choose Flat as the role of a row."
        )
    if len(darks) not in (1, len(flats)):
        raise PhotonDenoiseError(
            f"The table has {len(darks)} darks and {_count(flats, 'flat')}: give one dark for "
            "all, or one for each flat, and check the roles."
        )


def _count(sources: Sequence[StackSource], role: str) -> str:
    return f"{len(sources)} {role}{'s'[: len(sources) != 1]}"


def _name(role: str, number: int, source: StackSource) -> str:
    return f"{role} {number + 1} ({source.name})"


def _watch(job: Job[CameraReport], darks: Sequence[Tap], flats: Sequence[Tap]) -> Job[CameraReport]:
    def seen(step: Progress) -> Progress:
        return CalibrationProgress(step.text, step.done, step.total, tuple(_points(darks, flats)))

    return relabelled(job, seen)


def _points(darks: Sequence[Tap], flats: Sequence[Tap]) -> Iterator[tuple[float, float]]:
    several = len(darks) == len(flats)
    for number, flat in enumerate(flats):
        dark, light = (darks[number] if several else darks[0]).moments(), flat.moments()
        if dark and light and light[0] > dark[0] and light[1] > dark[1]:
            yield light[0] - dark[0], light[1] - dark[1]
