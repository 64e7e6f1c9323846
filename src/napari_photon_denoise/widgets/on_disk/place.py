"""Where a result on disk goes: where the same was begun, or else where the user says; no Qt."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.readers import bare_name
from napari_photon_denoise.io.write import OME_ZARR, result_path
from napari_photon_denoise.shards.records import Records
from napari_photon_denoise.widgets.on_disk.origin import places_of
from napari_photon_denoise.widgets.parts.task import Task
from napari_photon_denoise.widgets.parts.user_file import read_user_file, write_user_file

FILE = "results-folder.json"
ENDING = OME_ZARR.endings[0]


class Places:
    """Proposes places, and remembers the last folder."""

    def __init__(self) -> None:
        self._begun: list[Path] = []  # in this session

    def begun(self, task: Task) -> Path | None:
        """Return where the same was begun before, finished or not; None if nowhere is known.

        Parameters
        ----------
        task : Task
            That is resolved.
        """
        beside = (folder / self._name(task) for folder in self._folders(task))
        return next((path for path in (*self._begun, *beside) if is_begun(path, task)), None)

    def propose(self, task: Task) -> Path:
        """Return a place that is free: beside the image's file, or in the folder of last time."""
        return self.within(next(self._folders(task)), task)

    def folder(self, task: Task) -> Path:
        """Return the folder in which one is proposed."""
        return next(self._folders(task))

    def within(self, folder: Path, task: Task) -> Path:
        """Return a place in a folder that is free."""
        path = folder / self._name(task)
        others = (
            path.with_name(f"{bare_name(path)}-{number}{ENDING}") for number in range(2, 10_000)
        )
        return next(one for one in (path, *others) if not one.exists())

    def keep(self, path: Path) -> None:
        """Remember where the user wanted a result.

        Raises
        ------
        PhotonDenoiseError
            If the settings can't be written.
        """
        self._begun = [path, *(one for one in self._begun if one != path)]
        write_user_file(FILE, str(path.parent))

    def _name(self, task: Task) -> str:
        file = task.layer.source.path
        plain = "".join(one if one.isalnum() or one in " -_.+" else "_" for one in task.layer.name)
        source = (
            Path(file) if file and "channel" not in task.layer.metadata else Path(f"{plain}.tif")
        )
        return result_path(Path(), source, task.denoiser.method, ENDING).name

    def _folders(self, task: Task) -> Iterator[Path]:
        file = task.layer.source.path
        if file and Path(file).parent.is_dir():
            yield Path(file).resolve().parent
        last = _last_folder()
        if last is not None and last.is_dir():
            yield last
        yield Path.home()


def is_begun(path: Path, task: Task) -> bool:
    """Tell whether a result of the same image by the same recipe was begun in a place.

    Only its records are looked at: who goes on looks at the image, too.

    Parameters
    ----------
    path : Path
    task : Task
        That is resolved.
    """
    begun = Records(path).begun() if path.exists() else None
    if begun is None or begun.input is None or begun.input.path not in places_of(task.layer):
        return False
    mine, theirs = task.recipe().alone(), begun.recipe.alone()
    if task.own:  # which is corrected by what a network takes out of the image
        theirs = theirs.model_copy(update={"calibration": mine.calibration})
    return theirs.is_like(mine)


def _last_folder() -> Path | None:
    try:
        said = read_user_file(FILE)
    except PhotonDenoiseError:  # damaged: it is written anew
        return None
    return Path(said) if isinstance(said, str) else None
