"""A model that was learnt, applied to other layers and to files."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.denoisers import Resunet
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io import open_ome_tiff, read
from napari_photon_denoise.io.image import ImageFile, bare_name
from napari_photon_denoise.job import Job, named
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.pipeline import Denoised, denoise_job, result_dtype
from napari_photon_denoise.recipe import CalibrationRecord, Recipe
from napari_photon_denoise.widgets.parts.task import Task


def layers_job(tasks: Sequence[Task]) -> Job[list[tuple[Task, Denoised]]]:
    """Denoise layers, one after the other.

    Parameters
    ----------
    tasks : sequence of Task
        That are resolved.
    """
    found = []
    for number, task in enumerate(tasks):
        done = yield from named(task.job(), f"{task.layer.name} ({number + 1} of {len(tasks)})")
        found.append((task, done))
    return found


@dataclass(frozen=True)
class FileWork:
    """What is done to every file.

    Parameters
    ----------
    denoiser : Resunet
        With the model.
    calibration : Calibration
        The camera that took the files.
    folder : Path
        Where the results go.
    device : {"auto", "cpu", "cuda", "mps"}
    """

    denoiser: Resunet
    calibration: Calibration
    folder: Path
    device: str

    def target(self, path: Path, what: str = "") -> Path:
        """Return the file for a result of an image."""
        model = Path(self.denoiser.model).stem
        return self.folder / f"{bare_name(path)}_{model}{what}.ome.tif"

    def job(self, paths: Sequence[Path]) -> Job[list[str]]:
        """Denoise files into OME-TIFF; a bad one does not stop the others.

        Returns
        -------
        list of str
            What failed, a sentence each.
        """
        failed = []
        for number, path in enumerate(paths):
            try:
                with read(path) as image:
                    name = f"{path.name} ({number + 1} of {len(paths)})"
                    yield from named(self._file_job(image), name)
            except PhotonDenoiseError as error:
                failed.append(f"{path.name}: {error}")
        return failed

    def _file_job(self, image: ImageFile) -> Job[Denoised]:
        photons = Photons(image.data, self.calibration, image.axes, image.pixel_size)
        denoiser = self.denoiser.resolved(photons)
        recipe = Recipe(
            calibration=CalibrationRecord.of(self.calibration),
            denoiser=denoiser,
            axes=image.axes,
            input=str(image.path.resolve()),
            output=str(self.target(image.path).resolve()),
        ).as_dict()
        with ExitStack() as files:

            def out(what: str = "") -> Any:
                writer = open_ome_tiff(
                    self.target(image.path, what and f"_{what}"),
                    photons.shape,
                    result_dtype(photons, "photons"),
                    image.axes,
                    pixel_size=image.pixel_size,
                    channel_names=image.channel_names,
                    recipe=recipe,
                )
                return files.enter_context(writer)

            result = yield from denoise_job(
                photons, denoiser, device=self.device, out=out(), extra_out=out
            )
        return result
