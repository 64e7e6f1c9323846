"""What is done with results: where they are shown, and what a run leaves for the next; no Qt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from napari.utils.notifications import show_warning

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.pipeline import Denoised
from napari_photon_denoise.widgets.denoise.layers_job import LayerRun, LayersProgress
from napari_photon_denoise.widgets.denoise.memory import keep_last_run
from napari_photon_denoise.widgets.denoise.speed import Speeds, Stopwatch
from napari_photon_denoise.widgets.parts.camera_memory import keep_camera
from napari_photon_denoise.widgets.parts.task import Task

if TYPE_CHECKING:
    from napari_photon_denoise.job import Progress
    from napari_photon_denoise.widgets.denoise.view import View

# As channels are shown: what lies below shines through, so image and result would add up.
ADDITIVE = "additive"


class Results:
    """Shows results in the viewer, and remembers how they came about.

    Parameters
    ----------
    viewer : napari.Viewer
    view : View
    """

    def __init__(self, viewer: Any, view: View) -> None:
        self._viewer, self._view = viewer, view
        self.last: Task | None = None
        """What made the last result."""
        self.speeds = Speeds()
        self._told = False

    def take(self, way: str, task: Task, denoised: Denoised, watch: Stopwatch) -> str:
        """Add a result, and keep what it took; the dock says what there is to say of it.

        Parameters
        ----------
        way : str
            How the camera was named.
        task : Task
            That is resolved.
        denoised : Denoised
        watch : Stopwatch
            That timed it.

        Returns
        -------
        str
            The name of its layer.
        """
        layers = task.results(denoised)
        self.add(task, layers)
        self.learn(way, task, denoised, watch)
        return str(layers[-1].name)

    def learn(self, way: str, task: Task, denoised: Denoised, watch: Stopwatch | None) -> None:
        """Remember what made a result, and keep what it took; None where not all was done now."""
        self.last = task.done(denoised)
        self._view.hints.learn(task)
        self._keep(way, task, watch)

    def _keep(self, way: str, task: Task, watch: Stopwatch | None) -> None:
        """Keep form and speed for the next session; say it once if that can't be."""
        try:
            if watch is not None:
                self.speeds.note(task, watch)
            asked = task.asked or task.denoiser
            keep_last_run(keep_camera(way, task.photons.calibration), asked, task.units)
        except PhotonDenoiseError as error:
            if not self._told:
                show_warning(f"The settings can't be kept for the next session. {error}")
            self._told = True

    def add(self, task: Task, layers: Sequence[Any], below: Any = None) -> None:
        """Add layers on top, but below the preview, which shows what comes next.

        Parameters
        ----------
        task : Task
            That made them.
        layers : sequence of layers
        below : layer, optional
            Below which they come to lie instead.
        """
        shown = self._viewer.layers
        over = self._view.preview.layer if below is None else below
        at = shown.index(over) if over in shown else len(shown)
        for number, layer in enumerate(layers):
            shown.insert(at + number, layer)
        if task.layer.blending == ADDITIVE:
            task.layer.visible = False


class LayerResults:
    """Takes the results of several layers as each is finished.

    Parameters
    ----------
    results : Results
    viewer : napari.Viewer
    view : View
    way : str
        How the camera was named.
    total : int
        Layers that are run.
    """

    def __init__(self, results: Results, viewer: Any, view: View, way: str, total: int) -> None:
        self._results, self._viewer, self._view, self._way = results, viewer, view, way
        self._total = total
        self._runs: tuple[LayerRun, ...] = ()

    def follow(self, step: Progress) -> None:
        """Show what is finished since the last step."""
        if isinstance(step, LayersProgress):
            self._take(step.finished)

    def finish(self, runs: tuple[LayerRun, ...]) -> None:
        """Show the rest."""
        self._take(runs)

    def report(self) -> None:
        """Say what became of all of them; of a run that ended before, too."""
        bar, done = self._view.dock.bar, [run for run in self._runs if run.error is None]
        kept = f"{len(done)} of {self._total} layers are done and stay."
        if len(self._runs) == self._total:
            said = f"Done: {len(done)} of {self._total} layers."
        elif self._view.dock.runner.cancelled:
            said = f"Stopped; {kept}" if done else "Stopped; nothing was changed."
        else:  # it says already what went wrong
            said = f"{bar.message}\n{kept}"
        failed = [f"⚠ {run.layer.name}: {run.error}" for run in self._runs if run.error]
        notes = [
            f"{run.layer.name}: {note}"
            for run in done
            if run.denoised
            for note in run.denoised.notes
        ]
        bar.say("\n".join([said, *failed, *notes]))

    def _take(self, runs: tuple[LayerRun, ...]) -> None:
        new, self._runs = runs[len(self._runs) :], runs
        for run in new:
            if run.task is not None and run.denoised is not None and run.watch is not None:
                self._take_quietly(run.task, run.denoised, run.watch)

    def _take_quietly(self, task: Task, denoised: Denoised, watch: Stopwatch) -> None:
        """Leave the selection as it was: it says what is run."""
        selection = self._viewer.layers.selection
        selected, active = set(selection), selection.active
        self._results.take(self._way, task, denoised, watch)
        self._viewer.layers.selection = selected
        self._viewer.layers.selection.active = active
