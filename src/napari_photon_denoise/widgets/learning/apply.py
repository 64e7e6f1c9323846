"""A model that was learnt, applied to other layers and to files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from napari_photon_denoise.denoisers import Resunet
from napari_photon_denoise.files import FilesWork
from napari_photon_denoise.job import Job, named
from napari_photon_denoise.named_camera import NamedCamera
from napari_photon_denoise.pipeline import Denoised
from napari_photon_denoise.widgets.parts.estimates import find_estimate
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


def files_work(denoiser: Resunet, like: Task, folder: Path) -> FilesWork:
    """Say what is done to files with a model, alike to the layer that it learnt from.

    Parameters
    ----------
    denoiser : Resunet
        With the model.
    like : Task
        Its camera took the files, unless it is an estimate, which is of its image alone, so that
        each file tells its own; and its axes are those of a file that does not name its own.
    folder : Path
        Where the results go.
    """
    camera = like.photons.calibration
    looked = find_estimate(like.layer, like.photons.axes)
    is_own = looked is not None and looked.calibration is camera
    return FilesWork(
        denoiser=denoiser,
        output=folder,
        label=Path(denoiser.model).stem,
        camera=NamedCamera(None if is_own else camera),
        likely=like.photons.axes,
        name_axes="save it with its axes named, as OME-TIFF, if it is wrong",
        device=like.device,
        tile=like.tile,
    )
