"""What the tab "Files" does with its files and the form's settings; no Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, Any

from napari.utils.notifications import show_warning

from napari_photon_denoise.denoisers.names import result_name
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.files import FilesProgress, FileState, FilesWork, denoise_files_job
from napari_photon_denoise.io import find_raw_images, find_series
from napari_photon_denoise.io.find import RawImages
from napari_photon_denoise.io.readers import outer_path
from napari_photon_denoise.job import Progress, until
from napari_photon_denoise.named_camera import NamedCamera
from napari_photon_denoise.pace import Pace
from napari_photon_denoise.widgets.batch.rows import row_of, summary
from napari_photon_denoise.widgets.denoise.memory import keep_last_run
from napari_photon_denoise.widgets.parts.camera_memory import keep_camera
from napari_photon_denoise.widgets.parts.settings import PLUGIN, read_defaults
from napari_photon_denoise.widgets.parts.work import Work
from napari_photon_denoise.words import counted

if TYPE_CHECKING:
    from napari_photon_denoise.calibration import Calibration
    from napari_photon_denoise.widgets.batch.view import View

FOLDER = "denoised"  # beside the images, where no other is chosen
CANCEL = (
    "Stop; files that are done stay, and Run goes on with the rest.",
    "St&op",
)
EMPTY = "Add images first: Add files…, Add folder…, or drop them on the list."
NAME_AXES = "save it with its axes named, as OME-TIFF, if it is wrong"
VALUES = {"photons": "photons", "counts": "grey values"}
# Ways to a camera that are no matter of one image.
NAMED = ("preset", "file", "typed", "offered")


class BatchController:
    """Holds the files, makes the work of them, and shows how it goes.

    Parameters
    ----------
    viewer : napari.Viewer
        Shows results that are opened.
    view : View
    clock : callable
        Returns seconds.
    """

    def __init__(self, viewer: Any, view: View, clock: Callable[[], float] = monotonic) -> None:
        self._viewer, self._view, self._clock = viewer, view, clock
        self._files: list[FileState] = []
        self._todo: list[int] = []  # those that the present run, or the last, was given
        self._settings: object = None  # of that run
        self._finished = True  # unless that was stopped
        self._busy = False
        self._pace = Pace(clock)
        self._begun = 0.0
        self._took: list[float] = []  # s, of each file that was denoised

    @property
    def files(self) -> tuple[FileState, ...]:
        """How far each file is."""
        return tuple(self._files)

    def add(self, paths: Sequence[str | Path]) -> None:
        """Add files and all images of folders; those that are there already stay as they are."""
        self._add(paths, find_raw_images)

    def add_series(self, folder: str | Path) -> None:
        """Add the numbered files of a folder as one image."""
        self._add([folder], find_series)

    def _add(
        self, paths: Sequence[str | Path], find: Callable[[Sequence[str | Path]], RawImages]
    ) -> None:
        try:
            found = find(paths)
        except PhotonDenoiseError as error:
            self._view.dock.bar.refuse(str(error))
            return
        known = {file.source.resolve() for file in self._files}
        self._files += [
            FileState(path, Path()) for path in found.paths if path.resolve() not in known
        ]
        self._refill()
        self._view.dock.controller.remark(" ".join(found.notes))

    def remove(self, numbers: Sequence[int]) -> None:
        """Take files off the list."""
        self._files = [file for at, file in enumerate(self._files) if at not in set(numbers)]
        self._refill()

    def offer(self) -> tuple[str, str]:
        """Return what Run is called, and its help."""
        count = len(self._files)
        tip = "Denoise one after the other; what is done already, with these settings, is skipped."
        if not self._finished and not self._busy:
            return "&Run on the rest", tip
        return f"&Run on {counted(count, 'files')}" if count else "&Run", tip

    def work(self) -> Work:
        """Return the denoising of all files that are not done.

        Raises
        ------
        PhotonDenoiseError
            If something is missing; one sentence says what to do.
        """
        if not self._files:
            raise PhotonDenoiseError(EMPTY)
        work = self._files_work()
        settings = _settings_of(work)
        goes_on = not self._finished and settings == self._settings
        self._settings = settings
        self._todo = [
            at for at, file in enumerate(self._files) if not (goes_on and _is_there(file))
        ]
        if not self._todo:
            raise PhotonDenoiseError("All files are done: add more, or change the settings.")
        for at in self._todo:
            self._files[at] = FileState(self._files[at].source, Path())
        self._finished, self._busy = False, True
        self._took, self._begun = [], self._clock()
        self._pace.clear()
        self._refill()
        stopped = Event()
        job = denoise_files_job(work, [self._files[at].source for at in self._todo])

        def stop() -> str:
            stopped.set()
            return "Stopping after the step that runs…"

        return Work(
            until(job, stopped.is_set),
            f"Denoising {counted(len(self._todo), 'files')}",
            done=self._on_done,
            progressed=self._on_progress,
            ended=self._on_ended,
            stop=stop,
        )

    def open_result(self, number: int) -> None:
        """Show a result that is finished in the viewer."""
        file = self._files[number]
        if not _is_there(file):
            self._view.dock.bar.refuse(f"{file.name} has no result yet: press Run.")
            return
        self._viewer.open(str(file.target), plugin=PLUGIN)

    def follow_form(self) -> None:
        """Say what will be done, with the settings of the form."""
        view, page = self._view, self._view.files
        try:
            denoiser, units = view.method.value(), view.result.units()
        except PhotonDenoiseError as error:
            page.show_how(str(error))
            return
        camera = self._camera_of_form()
        own = view.camera.way() not in NAMED
        # An estimate is of its image alone.
        page.propose_camera(camera is None or own or camera.source == "estimated")
        if page.from_each():
            said = "camera estimated from each image"
        elif camera is None:
            said = "camera not complete yet, see Layers"
        else:
            layer = view.source.current() if own else None
            said = f"camera{f' of {layer.name}' if layer else ''}: {camera.describe()}"
        page.show_how(f"{result_name(denoiser)}; {VALUES[units]}; {said}.")

    def on_busy(self, busy: bool) -> None:
        """Something runs, or does no more."""
        self._busy = busy
        self._view.files.set_busy(busy)
        self._view.offer()

    def _camera_of_form(self) -> Calibration | None:
        """Return the camera in the form; None if it is not complete."""
        try:
            return self._view.camera.value()
        except PhotonDenoiseError:
            return None

    def _files_work(self) -> FilesWork:
        view, page = self._view, self._view.files
        denoiser = view.method.value()
        return FilesWork(
            denoiser=denoiser,
            output=page.output() or self._folder(),
            label=denoiser.method,
            camera=NamedCamera(None if page.from_each() else view.camera.value()),
            units=view.result.units(),
            name_axes=NAME_AXES,
            device=view.result.device(),
            tile=read_defaults().tile,
            overwrite=page.overwrite(),
        )

    def _refill(self) -> None:
        """Show the files anew: others, or from the beginning."""
        page = self._view.files
        page.show_rows([row_of(file) for file in self._files])
        page.show_summary(summary(self._files))
        page.show_folder(self._folder() if self._files else None)
        self._view.offer()

    def _on_progress(self, step: Progress) -> None:
        """Show what is new."""
        if not isinstance(step, FilesProgress):
            return
        left = self._pace.left(step)
        for at, new in zip(self._todo, step.files, strict=True):
            before, self._files[at] = self._files[at], new
            if new is not before and new.state == "done":
                self._took.append(self._clock() - self._begun)
            if new is not before and new.state in ("done", "skipped", "failed"):
                self._begun = self._clock()
            if new is not before or new.state == "running":
                self._view.files.show_row(at, row_of(new, left))
        self._view.files.show_summary(summary(self._files, self._left()))

    def _left(self) -> float | None:
        """Return the seconds for all that is not done; None before one was denoised."""
        if not self._took:
            return None
        open_ = sum(self._files[at].state in ("waiting", "running") for at in self._todo)
        mean = sum(self._took) / len(self._took)
        return max(0.0, open_ * mean - (self._clock() - self._begun)) if open_ else None

    def _on_done(self, files: tuple[FileState, ...] | None) -> None:
        """Say what became of them; None if they were stopped."""
        if files is None:
            said = (
                f"Stopped: {summary(self._files)}. What is done stays; Run goes on with the rest."
            )
            self._view.dock.bar.say(said)
            return
        for at, file in zip(self._todo, files, strict=True):
            self._files[at] = file
        self._finished = True
        failed = [at for at, file in enumerate(self._files) if file.error is not None]
        said = f"Finished: {summary(self._files)}."
        if len(failed) == 1:
            said += f"\n⚠ {row_of(self._files[failed[0]]).told}"
        elif failed:
            said += "\n⚠ Select a row that failed to read why."
        self._view.dock.bar.say(said)
        if failed:
            self._view.files.select(failed[0])
        self._keep()

    def _keep(self) -> None:
        """Remember the form for the next session."""
        view = self._view
        try:
            camera = None
            if not view.files.from_each():
                camera = keep_camera(view.camera.way(), view.camera.value())
            keep_last_run(camera, view.method.value(), view.result.units())
        except PhotonDenoiseError as error:
            show_warning(f"The settings can't be kept for the next session. {error}")

    def _on_ended(self) -> None:
        """Put what was not done back in the queue."""
        self._busy = False
        for at in self._todo:
            if self._files[at].state == "running":
                self._files[at] = FileState(self._files[at].source, Path())
        self._refill()

    def _folder(self) -> Path:
        return outer_path(self._files[0].source.absolute()).parent / FOLDER


def _is_there(file: FileState) -> bool:
    """Whether a file is done and its results are still where they were written."""
    return file.state in ("done", "skipped") and all(path.exists() for path in file.files)


def _settings_of(work: FilesWork) -> tuple[object, ...]:
    """Return what decides on the results."""
    camera = work.camera.calibration
    return (
        work.denoiser,
        work.output,
        camera.digest if camera is not None else None,
        work.units,
        work.device,
        work.tile,
        work.overwrite,
    )
