"""One piece of work, as the controls describe it: what, with which camera, how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from napari.layers import Image

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.denoisers import AnyMethod
from napari_photon_denoise.denoisers.names import result_name
from napari_photon_denoise.job import Job
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.pipeline import Denoised, Units, denoise_job
from napari_photon_denoise.recipe import CalibrationRecord, Recipe
from napari_photon_denoise.settling import settle_job
from napari_photon_denoise.widgets.parts.layers import (
    PREVIEW,
    extra_layer,
    limits,
    placement,
    result_layer,
)

Keep = Literal["auto", "memory", "disk"]  # where a result is kept


@dataclass(frozen=True, eq=False)
class Task:
    """A layer to denoise.

    Parameters
    ----------
    layer : Image
        The source; it is only read.
    photons : Photons
        Its pixels, seen through the camera.
    denoiser : method and its parameters
    units : {"photons", "counts"}
        Of the result.
    device : {"auto", "cpu", "cuda", "mps"}
    tile : int, optional
        Edge of a tile, px; None chooses.
    asked : method and its parameters, optional
        As the user set it, where the denoiser is `resolved`.
    own : bool
        Whether the camera was estimated from this very image, and may be corrected.
    """

    layer: Image
    photons: Photons
    denoiser: AnyMethod
    units: Units = "photons"
    device: str = "auto"
    tile: int | None = None
    asked: AnyMethod | None = None
    own: bool = False

    def resolved(self) -> Task:
        """Return the same task with everything decided that the method leaves to the image.

        Raises
        ------
        PhotonDenoiseError
            If the network that the method names is not there.
        """
        denoiser = self.denoiser.resolved(self.photons)
        return replace(self, denoiser=denoiser, asked=self.asked or self.denoiser)

    def title(self, extra: str = "") -> str:
        """Say what the result is called after: the method, and what the user changed of it.

        Parameters
        ----------
        extra : str
            What is given beside the denoised image.
        """
        return result_name(self.asked or self.denoiser, extra)

    def prepares_like(self, other: Task) -> bool:
        """Whether what the method prepared for one fits the other; cheap, as maps are not read."""
        mine, theirs = self.photons.calibration, other.photons.calibration
        numbers = mine.map_shape is None and theirs.map_shape is None
        return (
            self.photons.data is other.photons.data
            and self.photons.axes == other.photons.axes
            and (mine is theirs or (numbers and mine == theirs))
            and (self.denoiser, self.device) == (other.denoiser, other.device)
        )

    def job(self) -> Job[Denoised]:
        """Check the camera if it is the image's own estimate, and denoise."""
        settled = yield from settle_job(
            self.photons, self.denoiser, own=self.own, device=self.device
        )
        denoised = yield from denoise_job(
            settled.photons, self.denoiser, device=self.device, tile=self.tile, units=self.units
        )
        return replace(denoised, notes=(*settled.notes, *denoised.notes))

    def done(self, denoised: Denoised) -> Task:
        """Return the task that was done, with what was decided: the camera, and the precision."""
        method = denoised.method
        done = replace(self, denoiser=method if isinstance(method, AnyMethod) else self.denoiser)
        if denoised.camera is None:
            return done
        return replace(done.with_calibration(denoised.camera), own=False)

    def recipe(self) -> Recipe:
        """Return everything that determines the result, for a task that is `resolved`."""
        return Recipe(
            calibration=CalibrationRecord.of(self.photons.calibration),
            denoiser=self.denoiser,
            units=self.units,
            axes=self.photons.axes,
            tile=self.tile,
            input=self._file(),
        )

    def result(self, data: object) -> Image:
        """Make the layer that shows the result."""
        calibration = self.photons.calibration
        recipe = self.recipe().as_dict()
        return result_layer(self.layer, data, calibration, self.units, self.title(), recipe)

    def preview(self, data: object, start: Sequence[int]) -> Image:
        """Make the layer that shows a region of the result, which begins at a pixel."""
        return Image(
            data,
            contrast_limits=limits(self.layer, self.photons.calibration, self.units),
            colormap=self.layer.colormap,
            blending=self.layer.blending,
            gamma=self.layer.gamma,
            metadata={PREVIEW: True},
            **placement(self.layer, start),
        )

    def results(self, denoised: Denoised) -> list[Image]:
        """Make all layers of a result: the denoised image last, so that it comes to lie on top."""
        done = self.done(denoised)
        extras = [
            extra_layer(self.layer, values, self.title(name), done.recipe().as_dict())
            for name, values in denoised.extras.items()
        ]
        return [*extras, done.result(denoised.data)]

    def with_calibration(self, calibration: Calibration) -> Task:
        """Return the same task with another calibration."""
        return replace(self, photons=replace(self.photons, calibration=calibration))

    def _file(self) -> str | None:
        """File of the layer, if it holds this image and nothing else."""
        if "channel" in self.layer.metadata:  # one of several channels of its file
            return None
        path: str | None = self.layer.source.path
        return path
