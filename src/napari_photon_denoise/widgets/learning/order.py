"""One training, as the controls describe it: what from, how, where it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.denoisers.learning import Learning
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.inputs import opened
from napari_photon_denoise.io import find_raw_images
from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.widgets.parts.region import Region
from napari_photon_denoise.widgets.parts.task import Task

if TYPE_CHECKING:
    from napari_photon_denoise.networks.learning.plan import Plan


@dataclass(frozen=True, eq=False)
class Order:
    """What is learnt.

    Parameters
    ----------
    task : Task
        The layer that is shown while it learns, and the method.
    denoiser : Learning
        The method, resolved for the layer.
    others : tuple of Photons
        Other layers that are learnt from.
    folder : Path, optional
        Of files that are learnt from.
    """

    task: Task
    denoiser: Learning
    others: tuple[Photons, ...] = ()
    folder: Path | None = None

    @property
    def images(self) -> tuple[Photons, ...]:
        """Layers that are learnt from; the camera of the first is noted in the model."""
        return (self.task.photons, *self.others)

    @property
    def title(self) -> str:
        """For people, such as "Learning from cells"."""
        return f"Learning from {self.task.layer.name}"

    def all_images_job(self) -> Job[tuple[Photons, ...]]:
        """Find the files of the folder, too; their pixels are not read.

        Raises
        ------
        PhotonDenoiseError
            If there is none, or an image does not fit the others.
        """
        if self.folder is None:
            return self.images
        yield Progress(f"Looking into {self.folder.name}", 0, 1)
        photons = self.task.photons
        found = _read_folder(self.folder, photons.calibration, photons.axes)
        images = (*self.images, *(image for _, image in found))
        check_alike(images, ["the layer"] * len(self.images) + [name for name, _ in found])
        return images

    def plan_job(self, images: Sequence[Photons]) -> Job[Plan]:
        """Plan the training; `images` are those of `all_images_job`.

        Raises
        ------
        PhotonDenoiseError
            As the method's own job does.
        """
        return self.denoiser.plan_job(images)


@dataclass
class Wishes:
    """What the window tells the work while it runs; read between two steps.

    Parameters
    ----------
    stop : bool
        End here, with the best so far.
    region : tuple of slice, or None
        What to show of it.
    """

    stop: bool = False
    region: Region | None = None


def check_alike(images: Sequence[Photons], names: Sequence[str]) -> None:
    """Refuse images with planes beside some without.

    Raises
    ------
    PhotonDenoiseError
        That names one which does not fit the first.
    """
    for image, name in zip(images[1:], names[1:], strict=True):
        for axis in "ZT":
            deep = images[0].sizes.get(axis, 1) > 1
            if deep != (image.sizes.get(axis, 1) > 1):
                raise PhotonDenoiseError(
                    f"'{names[0]}' has {'several' if deep else 'no'} {axis} and '{name}' has "
                    f"{'none' if deep else 'several'}: learn from images of one kind."
                )


def _read_folder(folder: Path, calibration: Calibration, axes: str) -> list[tuple[str, Photons]]:
    """See all images of a folder as photons, by their names; `axes` is for files without names.

    Results of this program have no noise to learn from and are passed over, as are calibrations.
    """
    found = []
    for path in find_raw_images([folder]).paths:
        try:
            with opened(path, None, axes) as image:
                found.append((path.name, image.photons(calibration)))
        except PhotonDenoiseError as error:
            raise PhotonDenoiseError(
                f"{path.name} can't be learnt from, move it out of the folder: {error}"
            ) from None
    return found
