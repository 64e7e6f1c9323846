"""One comparison, as the controls describe it: what on, what with, where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from napari.layers import Image

from napari_photon_denoise.calibration import Calibration, Float32
from napari_photon_denoise.denoisers import AnyMethod
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.evaluation.methods import Candidate, Compared, compare_region_job
from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.metrics.exposure import scale_truth
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.recipe import parse_recipe
from napari_photon_denoise.settling import SettledProgress, settle_by_job
from napari_photon_denoise.widgets.compare.alignment import same_pixels
from napari_photon_denoise.widgets.parts.layers import full_data
from napari_photon_denoise.widgets.parts.region import Region, visible_region


@dataclass(frozen=True, eq=False)
class FinishedImage:
    """A layer that takes part as it is; its pixels are read when the job runs.

    Parameters
    ----------
    name : str
    photons : Photons
        Its pixels as photons.
    region : tuple of slice
        In its own pixels.
    method : method and its parameters, optional
        That made it, as far as its recipe tells.
    """

    name: str
    photons: Photons
    region: Region
    method: AnyMethod | None = None

    def read(self, shape: tuple[int, ...]) -> Float32:
        """Read the region, in the shape that the raw image has there."""
        return self.photons.read(self.region).reshape(shape)


@dataclass(frozen=True, eq=False)
class Request:
    """What is to be compared.

    Parameters
    ----------
    layer : Image
        The raw image; it is only read.
    photons : Photons
        Its pixels, seen through the camera.
    region : tuple of slice
        That is on the screen.
    methods : mapping of name to method and its parameters
        To run.
    images : tuple of FinishedImage
    truth : FinishedImage, optional
    exposure : float
        Of the truth, that of the raw image being 1.
    device : {"auto", "cpu", "cuda", "mps"}
    own : bool
        Whether the camera was estimated from this very image, and may be corrected.
    settled : Photons, optional
        Its pixels, seen through the camera that denoising agrees with, once that is known.
    """

    layer: Image
    photons: Photons
    region: Region
    methods: Mapping[str, AnyMethod]
    images: tuple[FinishedImage, ...] = ()
    truth: FinishedImage | None = None
    exposure: float = 1.0
    device: str = "auto"
    own: bool = False
    settled: Photons | None = None

    @property
    def seen(self) -> Photons:
        """The raw image as the methods see it."""
        return self.settled or self.photons

    @property
    def shape(self) -> tuple[int, ...]:
        """Size of the region along each axis."""
        return tuple(part.stop - part.start for part in self.region)

    def method_of(self, name: str) -> AnyMethod | None:
        """Return the method of a row, if it is known."""
        recipes = {image.name: image.method for image in self.images}
        return self.methods.get(name) or recipes.get(name)

    def job(self) -> Job[tuple[Compared, Float32 | None]]:
        """Return the work as a job that has not begun; its result is the rows, and the truth."""
        settled = yield from settle_by_job(
            self.photons, self.methods.values(), own=self.own, device=self.device
        )
        seen = settled.photons
        yield SettledProgress("Reading the region", 0, 1, seen)
        candidates = [Candidate(name, method) for name, method in self.methods.items()]
        for image in self.images:
            yield Progress(f"Reading {image.name}", 0, 1)
            pixels = self._through(image, seen).read(self.shape)
            candidates.append(Candidate(image.name, image.method, pixels))
        truth = None
        if self.truth is not None:
            yield Progress(f"Reading {self.truth.name}", 0, 1)
            truth = self._through(self.truth, seen).read(self.shape)
            truth = scale_truth(truth, self.exposure, 1.0)
        compared = yield from compare_region_job(
            seen,
            self.region,
            candidates,
            truth=truth,
            truth_exposure=self.exposure,
            device=self.device,
        )
        return replace(compared, notes=(*settled.notes, *compared.notes)), truth

    def _through(self, image: FinishedImage, seen: Photons) -> FinishedImage:
        """See an image through the camera above, if that is its own."""
        if image.photons.calibration is not self.photons.calibration:
            return image
        return replace(image, photons=replace(image.photons, calibration=seen.calibration))


def region_on_screen(viewer: Any, layer: Image) -> Region:
    """Pixels of one plane of a layer that are on the screen.

    Raises
    ------
    PhotonDenoiseError
        If the view is 3-D, shows other dimensions than Y and X, or another place.
    """
    if viewer.dims.ndisplay != 2:
        raise PhotonDenoiseError(
            "Methods are compared on one plane: leave the 3-D view (the button with the cube)."
        )
    ndim = len(full_data(layer).shape)
    ahead = viewer.dims.ndim - ndim
    if {dim - ahead for dim in viewer.dims.displayed} != {ndim - 2, ndim - 1}:
        raise PhotonDenoiseError(
            "Methods are compared on planes of Y and X: bring these two on the screen."
        )
    return visible_region(viewer, layer)


def region_again(viewer: Any, layer: Image, last: Request | None) -> Region:
    """Pixels that were compared last, if they are of the same plane; else those on the screen.

    Raises
    ------
    PhotonDenoiseError
        As `region_on_screen` does.
    """
    region = region_on_screen(viewer, layer)
    is_same = last is not None and last.photons.data is full_data(layer)
    if last is not None and is_same and region[:-2] == last.region[:-2]:
        return last.region
    return region


def finished_image(
    layer: Image, source: Image, region: Region, unsaid: Calibration, axes: str
) -> FinishedImage:
    """See a layer as a finished image.

    Parameters
    ----------
    layer : Image
    source : Image
        The raw image.
    region : tuple of slice
        Of the raw image.
    unsaid : Calibration
        What turns its values into photons where the layer does not say so itself.
    axes : str
        Of the raw image.

    Raises
    ------
    PhotonDenoiseError
        If its pixels do not lie on those of the raw image.
    """
    inside = same_pixels(layer, source, region)
    known = layer.metadata.get("calibration")
    calibration = known if isinstance(known, Calibration) else unsaid
    photons = Photons(full_data(layer), calibration, axes[len(axes) - len(inside) :])
    return FinishedImage(layer.name, photons, inside, recipe_method(layer))


def recipe_method(layer: Image) -> AnyMethod | None:
    """Return the method that made a layer, if its recipe tells; none that would learn anew."""
    if "recipe" not in layer.metadata:
        return None
    try:
        method = parse_recipe(layer.metadata["recipe"], layer.name).denoiser
    except PhotonDenoiseError:
        return None
    return None if method.learns else method


def renamed(image: FinishedImage, name: str) -> FinishedImage:
    """Return the same image under another name."""
    return replace(image, name=name)
