"""Run every candidate on a region; a row as soon as one is done, a verdict at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import ceil
from time import perf_counter

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.evaluation.figures import Beside
from napari_photon_denoise.evaluation.method_run import unchanged
from napari_photon_denoise.evaluation.methods.rows import (
    RAW,
    Candidate,
    Row,
    failed,
    make_row,
    rank,
)
from napari_photon_denoise.evaluation.methods.scene import HeldBack, Scene
from napari_photon_denoise.evaluation.methods.surroundings import (
    Region,
    check_region,
    cut,
    hull,
    surroundings,
)
from napari_photon_denoise.evaluation.methods.verdict import find_verdict, with_distance
from napari_photon_denoise.evaluation.ranking import SHARE, Comparison, widen_over_folds
from napari_photon_denoise.job import Job, Progress, relabelled
from napari_photon_denoise.metrics.applicable import (
    NotApplicable,
    find_obstacle,
    find_truth_obstacle,
)
from napari_photon_denoise.metrics.checks import truth_range
from napari_photon_denoise.metrics.exposure import note_exposure
from napari_photon_denoise.metrics.held_out import HeldOutScore, differences, score_held_out
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.pipeline import Denoised

ENOUGH = 2**20  # pixels times folds that tell methods apart
MOST_FOLDS = round(1 / (1 - SHARE))
UNKNOWN_METHOD = (
    "This image is finished: its method has seen all photons, and it carries no recipe by which "
    "to run it again on a part of them."
)
NOTHING_COMPUTED = "Nothing was computed: this image was there already."
NO_TRUTH = "There is no truth layer to compare with."


@dataclass(frozen=True)
class RowProgress(Progress):
    """Progress that brings a finished row."""

    row: Row


@dataclass(frozen=True, eq=False)
class Compared:
    """What the job returns.

    Parameters
    ----------
    rows : tuple of Row
        Best first.
    comparison : Comparison or NotApplicable
        Of those that could be judged by photons held back.
    verdict : str
        A sentence or two.
    notes : tuple of str
        What the user should know, a sentence each.
    truth_range : float, e-, or None
        Range of the truth in the region, that PSNR and SSIM were taken with.
    """

    rows: tuple[Row, ...]
    comparison: Comparison | NotApplicable
    verdict: str
    notes: tuple[str, ...]
    truth_range: float | None


def compare_region_job(
    photons: Photons,
    region: Region,
    candidates: Sequence[Candidate],
    *,
    truth: Float32 | None = None,
    truth_exposure: float = 1.0,
    truth_counted: bool = False,
    folds: int | None = None,
    seed: int = 0,
    device: str = "auto",
) -> Job[Compared]:
    """Denoise a region by every candidate, and judge the results; the raw image is one of them.

    A method is given the region and the pixels around it that it needs. One that trains, trains
    on these alone. Of a candidate that fails the row says why; the others go on.

    Parameters
    ----------
    photons : Photons
        The raw image and its camera; only the region and its surroundings are read.
    region : tuple of slice
        One an axis, with start and stop.
    candidates : sequence of Candidate
    truth : array of the region's shape, float32, e-, optional
        Scaled to the exposure of the raw image.
    truth_exposure : float
        How many times as long as the raw image the truth was exposed, before it was scaled.
    truth_counted : bool
        Whether the truth was in counts of the same camera.
    folds : int, optional
        How often methods run on thinned photons; None takes more for smaller regions.
    seed : int
        Of the thinning.
    device : {"auto", "cpu", "cuda", "mps"}

    Yields
    ------
    Progress
        `RowProgress` when a candidate is finished.

    Returns
    -------
    Compared
        Through the generator's return value.

    Raises
    ------
    PhotonDenoiseError
        If there is no candidate, two have one name, the region does not lie in the image, or
        the raw image or the truth can't be used.
    """
    _check(photons, region, candidates, truth)
    yield Progress("Reading the region", 0, len(candidates))
    extent = None if truth is None else truth_range(truth)
    ready = [_decided(candidate, photons) for candidate in candidates]
    wide = hull([region, *(_read_for(photons, region, candidate) for candidate in ready)])
    scene = Scene(photons, region, wide, cut(photons, wide), device)
    raw = scene.raw
    pixels = raw.read([slice(None)] * len(region))
    held_back: HeldBack | NotApplicable | None = find_obstacle(raw)
    if held_back is None:
        held_back = scene.hold_back(folds or min(MOST_FOLDS, ceil(ENOUGH / pixels.size)), seed)
    obstacle = find_truth_obstacle(photons.calibration, counted=truth_counted)
    judge = _Judge(scene, held_back, truth, extent, truth_exposure, obstacle)
    rows = yield from _rows_job(judge, [Candidate(RAW, unchanged, pixels), *ready])
    comparison = judge.comparison()
    ordered = tuple(with_distance(row, comparison) for row in sorted(rows, key=rank))
    notes = () if obstacle else note_exposure(pixels, truth)
    return Compared(ordered, comparison, find_verdict(ordered, comparison), notes, extent)


class _Judge:
    """What candidates are judged by, and their estimates so far.

    Parameters
    ----------
    scene : Scene
    held_back : HeldBack or NotApplicable
        Or why there are no photons held back.
    truth : array of the region's shape, float32, e-, or None
    extent : float, e-, or None
        Range of the truth.
    truth_exposure : float
        How many times as long the truth was exposed, before it was scaled.
    obstacle : NotApplicable or None
        Why photons of image and truth can't be compared.
    """

    def __init__(
        self,
        scene: Scene,
        held_back: HeldBack | NotApplicable,
        truth: Float32 | None,
        extent: float | None,
        truth_exposure: float,
        obstacle: NotApplicable | None,
    ) -> None:
        self._scene, self._held_back = scene, held_back
        self._truth, self._extent, self._exposure = truth, extent, truth_exposure
        self._obstacle = obstacle
        self._scores: dict[str, HeldOutScore] = {}
        self._estimates: dict[str, Float32] = {}

    def row_job(self, candidate: Candidate) -> Job[Row]:
        """Denoise, judge by photons held back, judge by the truth."""
        clean = Denoised(candidate.finished, ())
        seconds: float | NotApplicable = NotApplicable(NOTHING_COMPUTED)
        if candidate.finished is None and candidate.method is not None:
            begin = perf_counter()
            clean = yield from self._scene.denoise_job(candidate.method)
            seconds = perf_counter() - begin
        held_out = yield from self._held_out_job(candidate)
        truth = self._with_truth(clean.data)
        return make_row(candidate.name, clean.data, held_out, truth, seconds, clean.notes)

    def comparison(self) -> Comparison | NotApplicable:
        """Return the scores with the differences of every two methods."""
        if isinstance(self._held_back, NotApplicable):
            return self._held_back
        folds = len(self._held_back.parts)
        found = differences(self._held_back.judged, self._estimates)
        return Comparison(self._scores, widen_over_folds(found, folds, SHARE), SHARE, folds)

    def _held_out_job(self, candidate: Candidate) -> Job[HeldOutScore | NotApplicable]:
        """Run a method on thinned photons, and score it by those held back."""
        if isinstance(self._held_back, NotApplicable):
            return self._held_back
        if candidate.method is None:
            return NotApplicable(UNKNOWN_METHOD)
        try:
            estimate = yield from self._scene.estimate_job(candidate.method, self._held_back)
            score = score_held_out(self._held_back.judged, estimate)
        except PhotonDenoiseError as error:
            return NotApplicable(str(error))
        self._estimates[candidate.name], self._scores[candidate.name] = estimate, score
        return score

    def _with_truth(self, clean: Float32) -> Beside | NotApplicable:
        if self._truth is None or self._extent is None:
            return NotApplicable(NO_TRUTH)
        return Beside(clean, self._truth, self._extent, self._exposure, self._obstacle)


def _rows_job(judge: _Judge, candidates: Sequence[Candidate | Row]) -> Job[list[Row]]:
    """Go through the candidates, in their order; the first one is the raw image."""
    rows: list[Row] = []
    total = len(candidates)
    for number, candidate in enumerate(candidates):
        row = candidate
        if isinstance(row, Candidate):
            title = f"{row.name} ({number + 1} of {total})"
            label = partial(_counted, title=title, done=len(rows), total=total)
            try:
                row = yield from relabelled(judge.row_job(row), label)
            except PhotonDenoiseError as error:
                row = failed(candidate.name, str(error))
        row = row.beside(rows[0] if rows else row)
        rows.append(row)
        yield RowProgress(f"{row.name} is done", len(rows), total, row)
    return rows


def _counted(step: Progress, title: str, done: int, total: int) -> Progress:
    """Count all steps of a candidate as one, that of its row."""
    # A part of the work that is done is not the whole.
    text = title if step.done == step.total > 0 else f"{title}: {step.text}"
    return Progress(text, done, total)


def _decided(candidate: Candidate, photons: Photons) -> Candidate | Row:
    """Return a candidate with all decided that it leaves to the whole image."""
    if candidate.method is None or callable(candidate.method):
        return candidate
    try:
        return replace(candidate, method=candidate.method.resolved(photons))
    except PhotonDenoiseError as error:
        if candidate.finished is None:
            return failed(candidate.name, str(error))
        return replace(candidate, method=None)


def _read_for(photons: Photons, region: Region, candidate: Candidate | Row) -> Region:
    """Return what must be read for a candidate."""
    if isinstance(candidate, Row) or candidate.method is None:
        return region
    return surroundings(photons, region, candidate.method)


def _check(
    photons: Photons, region: Region, candidates: Sequence[Candidate], truth: Float32 | None
) -> None:
    check_region(photons, region)
    if not candidates:
        raise PhotonDenoiseError("There is nothing to compare: tick at least one method or layer.")
    names = [RAW, *(candidate.name for candidate in candidates)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise PhotonDenoiseError(f"Two of the images to compare are named '{twice}': rename one.")
    shape = tuple(part.stop - part.start for part in region)
    images = {candidate.name: candidate.finished for candidate in candidates} | {"truth": truth}
    if any(candidate.method is None and candidate.finished is None for candidate in candidates):
        raise PhotonDenoiseError("A candidate needs a method, or pixels that are finished.")
    for name, image in images.items():
        if image is not None and image.shape != shape:
            raise PhotonDenoiseError(
                f"'{name}' has the shape {image.shape} in the region, the raw image {shape}: they "
                "must be equal."
            )
