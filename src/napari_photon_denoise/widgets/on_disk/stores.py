"""Runs whose results go to disk: where, shown by what, and what is said of them; without Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from napari.layers import Image

from napari_photon_denoise.errors import OutputExists
from napari_photon_denoise.job import Progress
from napari_photon_denoise.widgets.denoise.speed import Stopwatch
from napari_photon_denoise.widgets.on_disk.job import Stored, store_job
from napari_photon_denoise.widgets.on_disk.place import Places, is_begun
from napari_photon_denoise.widgets.on_disk.shown import Shown
from napari_photon_denoise.widgets.parts.task import Task
from napari_photon_denoise.widgets.parts.work import Declined, Work
from napari_photon_denoise.words import counted

if TYPE_CHECKING:
    from napari_photon_denoise.widgets.denoise.results import Results
    from napari_photon_denoise.widgets.denoise.view import View

CANCEL = "Stop; nothing is left behind."
CANCEL_KEEPS = "Stop; the parts that are done are kept, and Run goes on with them."


class Stores:
    """Makes the work of a layer whose result goes to disk.

    Parameters
    ----------
    viewer : napari.Viewer
    view : View
    results : Results
    """

    def __init__(self, viewer: Any, view: View, results: Results) -> None:
        self._viewer, self._view, self._results = viewer, view, results
        self._places = Places()
        self._layers: WeakValueDictionary[Path, Image] = WeakValueDictionary()
        self._running = False

    @property
    def cancel_tip(self) -> str:
        """What Cancel does."""
        return CANCEL_KEEPS if self._running else CANCEL

    def work(self, task: Task, way: str, said: Callable[[], None]) -> Work:
        """Return the denoising of a layer into an OME-Zarr.

        Parameters
        ----------
        task : Task
            That is resolved.
        way : str
            How the camera was named.
        said : function
            Called when there is a result.

        Raises
        ------
        Declined
            If the user does not want to say where.
        OutputExists
            If something else is there.
        """
        path = self._places.begun(task) or self._ask(task)
        layer = self._layers.get(path)
        before = layer if layer is not None and layer in self._viewer.layers else None
        add = partial(self._results.add, task)
        shown, watch = Shown(self._viewer, task.layer, add, before), Stopwatch()
        run = _Run(task, path, way, shown, watch)
        self._running = True
        self._view.dock.bar.name_cancel(self.cancel_tip)
        return Work(
            watch.time(store_job(task, path, shown.eye)),
            f"Denoising {task.layer.name}",
            done=partial(self._on_done, run, said),
            progressed=partial(self._follow, run),
            ended=partial(self._on_ended, run),
        )

    def ask_folder(self, tasks: Sequence[Task]) -> Callable[[Task], Path]:
        """Ask into which folder the results of several layers go.

        Returns
        -------
        function of a Task that is resolved
            Where its result goes: where the same was begun, or into the folder.

        Raises
        ------
        Declined
            If the user does not want to say so.
        """
        folder = self._view.ask_folder(self._places.folder(tasks[0]))
        if folder is None:
            raise Declined("Nothing is written.")

        def place(task: Task) -> Path:
            path = self._places.begun(task) or self._places.within(folder, task)
            self._places.keep(path)
            return path

        return place

    def _ask(self, task: Task) -> Path:
        proposed = self._places.propose(task)
        path = self._view.ask_store(proposed)
        if path is None:
            raise Declined("Nothing is written.")
        if path.exists() and not is_begun(path, task):
            raise OutputExists(f"{path} exists already and was made otherwise")
        self._places.keep(path)
        return path

    def _follow(self, run: _Run, step: Progress) -> None:
        run.shown.follow(step)
        if run.shown.layer is not None:
            self._layers[run.path] = run.shown.layer

    def _on_done(self, run: _Run, said: Callable[[], None], stored: Stored) -> None:
        """Show what is stored, and what the method gives beside, and say so."""
        run.finished = True
        task = run.shown.task or run.task
        denoised, layer = stored.denoised, run.shown.finish(stored)
        *extras, image = task.results(denoised)
        deleted = run.shown.was_deleted and bool(stored.new)
        if layer is not None:
            self._results.add(task, extras, below=layer)
        elif not deleted:
            self._results.add(task, [*extras, image])
        name = layer.name if layer is not None else image.name
        self._layers[run.path] = layer if layer is not None else image
        self._results.learn(run.way, task, denoised, None if stored.again else run.watch)
        said()
        done = f"Done: {name} is in {run.path}."
        if not stored.new:
            done = f"Nothing was left to do: {name} is in {run.path}."
        elif deleted:
            done = f"Done: the result is in {run.path}; File > Open shows it again."
        self._view.dock.bar.say("\n".join([done, *denoised.notes]))

    def _on_ended(self, run: _Run) -> None:
        """Say what is kept of a run that was stopped or failed."""
        run.shown.leave()
        self._running = False
        bar = self._view.dock.bar
        bar.name_cancel(self.cancel_tip)
        growing = run.shown.growing
        if run.finished or growing is None:
            return
        kept = f"{growing.done} of {counted(growing.total, 'parts')} are kept in {run.path}"
        goes_on = f"{kept}: Run goes on with them."
        if self._view.dock.runner.cancelled:
            bar.say(f"Stopped; {goes_on}" if growing.done else "Stopped before the first part.")
        elif growing.done:
            bar.say(f"{bar.message}\n{goes_on}")


class _Run:
    """A run, and what belongs to it."""

    def __init__(self, task: Task, path: Path, way: str, shown: Shown, watch: Stopwatch) -> None:
        self.task, self.path, self.way = task, path, way
        self.shown, self.watch = shown, watch
        self.finished = False
