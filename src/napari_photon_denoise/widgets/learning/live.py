"""Learning that can be watched: the curve, and what is on the screen as it would look now."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.denoiser import Filter
from napari_photon_denoise.denoisers.networked import load_torch
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import Job, Progress, run, until
from napari_photon_denoise.metrics.learning_hints import find_learning_hints
from napari_photon_denoise.widgets.learning import kept
from napari_photon_denoise.widgets.learning.machine import describe_machine
from napari_photon_denoise.widgets.learning.order import Order, Wishes
from napari_photon_denoise.widgets.parts.region import Region, region_job

if TYPE_CHECKING:
    from napari_photon_denoise.networks.learning.learner import Learned, Learner

T = TypeVar("T")

EVERY = 3.0  # s between two looks
SHARE = 5  # looking takes at most one part in so many of the time


@dataclass(frozen=True)
class Look:
    """What is on the screen, denoised with the network of now.

    Parameters
    ----------
    data : array of the region's shape, float32, e-
    region : tuple of slice
    """

    data: Float32
    region: Region


@dataclass(frozen=True)
class LearningProgress(Progress):
    """Progress of a training.

    Parameters
    ----------
    steps, training, held_out : tuple
        Of the curve so far, see `Curve`.
    machine : str
        What it learns on; empty if that was said just now.
    look : Look, optional
    """

    steps: tuple[int, ...] = ()
    training: tuple[float, ...] = ()
    held_out: tuple[float, ...] = ()
    machine: str = ""
    look: Look | None = None


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a training came to.

    Parameters
    ----------
    learned : Learned
    order : Order
    notes, hints : tuple of str
        What the user should know of the training, and of the result; a sentence each.
    look : Look, optional
        What is on the screen, as the network that is kept shows it.
    """

    learned: Learned
    order: Order
    notes: tuple[str, ...]
    hints: tuple[str, ...]
    look: Look | None


def learning_job(order: Order, wishes: Wishes) -> Job[Outcome | None]:
    """Learn, and show how it goes.

    Parameters
    ----------
    order : Order
    wishes : Wishes
        Between any two steps it is asked whether to stop.

    Returns
    -------
    Outcome or None
        Through the generator's return value; None if it was stopped before it learnt anything.

    Raises
    ------
    PhotonDenoiseError
        As the order's `plan_job` and `Learner` do.
    """
    yield Progress("Loading PyTorch", 0, 1)
    load_torch(order.denoiser.title)
    from napari_photon_denoise.networks.learning.folder import make_training_folder
    from napari_photon_denoise.networks.learning.learner import Learner
    from napari_photon_denoise.networks.learning.plan import bytes_needed

    images = yield from order.all_images_job()
    name = kept.name_of(images, order.denoiser)
    plan = yield from until(order.plan_job(images), lambda: wishes.stop)
    if plan is None:
        return None
    yield Progress("Getting ready to learn", 0, 1)
    folder = make_training_folder(kept.folder(), name, bytes_needed(plan.architecture))
    kept.tidy()
    learner = Learner(plan, folder, order.task.device)
    learned, trouble = yield from _watched(learner, order, wishes)
    if learned is None:
        return None
    look, hints = yield from _look_back(order, wishes, learned.network)
    ended = [] if wishes.stop else order.denoiser.notes(learned.curve.held_out)
    figures = (f"{learned.said}.",) if learned.said else ()
    notes = (*trouble, *plan.notes, *figures, *ended, *learned.notes)
    return Outcome(learned, order, notes, hints, look)


def _watched(
    learner: Learner, order: Order, wishes: Wishes
) -> Generator[Progress, None, tuple[Learned | None, tuple[str, ...]]]:
    """Go on until the end, or until it is to stop; return what was learnt, and what went wrong."""
    watch = _Watch(learner, order, wishes)
    job = learner.job()
    try:
        while not wishes.stop:
            try:
                step = next(job)
            except StopIteration as end:
                return end.value, ()
            yield watch.seen(step)
    except GeneratorExit:
        with suppress(PhotonDenoiseError):  # the window is gone: nobody would read of a full disk
            job.close()
        raise
    trouble: tuple[str, ...] = ()
    try:
        job.close()
    except PhotonDenoiseError as error:  # what was learnt is there all the same
        trouble = (f"It can't be resumed later: {error}",)
    try:
        return learner.finish(), trouble
    except PhotonDenoiseError:  # stopped before the first step, and nothing was kept before
        return None, ()


class _Watch:
    """Adds to each step what there is to see."""

    def __init__(self, learner: Learner, order: Order, wishes: Wishes) -> None:
        self._learner, self._order, self._wishes = learner, order, wishes
        self._filter: Filter | None = None
        self._next = 0.0  # no waiting for the first look

    def seen(self, step: Progress) -> LearningProgress:
        """Return a step with its curve, and now and then with a look."""
        curve, begin = self._learner.curve, monotonic()
        look, machine = None, ""
        if begin >= self._next:
            look = self._look()
            machine = describe_machine(self._learner.plan.network, self._learner.device)
            spent = monotonic() - begin
            self._next = monotonic() + max(EVERY, SHARE * spent)
        return LearningProgress(
            step.text,
            step.done,
            step.total,
            tuple(curve.steps),
            tuple(curve.training),
            tuple(curve.held_out),
            machine,
            look,
        )

    def _look(self) -> Look | None:
        region = self._wishes.region
        if region is None:
            return None
        if self._filter is None:
            learner = self._learner
            self._filter = _filter_of(self._order, learner.averaged, learner.device)
        return look_at(self._order, region, self._filter)


def look_at(order: Order, region: Region, function: Filter) -> Look | None:
    """Denoise a region; None where that can't be, which must not end a training."""
    task = replace(order.task, units="photons")
    try:
        return Look(run(region_job(task, region, function)).data, region)
    except PhotonDenoiseError:
        return None


def _look_back(
    order: Order, wishes: Wishes, network: Any
) -> Generator[Progress, None, tuple[Look | None, tuple[str, ...]]]:
    """Denoise the region by the network that is kept, and say what is wrong with the result."""
    yield Progress("Looking at the result", 0, 0)
    region = wishes.region or middle_of(order)
    look = look_at(order, region, _filter_of(order, network, order.task.device))
    network.cpu()  # a GPU's memory is for who works
    if look is None:
        return None, ()
    photons = order.task.photons
    noisy, noise = photons.read(region), photons.read_noise(region)
    hints = find_learning_hints(noisy, look.data, noise)
    return (look if wishes.region is not None else None), tuple(hints)


def middle_of(order: Order, edge: int = 512) -> Region:
    """Return the middle of the image, of its middle plane."""
    photons = order.task.photons
    return tuple(
        slice(max(0, (size - edge) // 2), max(0, (size - edge) // 2) + min(size, edge))
        if axis in "YX"
        else slice(size // 2, size // 2 + 1)
        for axis, size in photons.sizes.items()
    )


def _filter_of(order: Order, network: Any, device: str) -> Filter:
    from napari_photon_denoise.networks.predict import Predictor

    camera = order.task.photons.calibration
    return Predictor(network, device, (camera.length_y, camera.length_x))
