"""The image that a user names (an array, a file, a result), its axes, and what is doubtful of it.

Nothing is said here: the sentences that go with what was found are returned, and each face says
them in its own way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np

from napari_photon_denoise.arrays import as_image
from napari_photon_denoise.axes import guess_array_axes
from napari_photon_denoise.calibration import Calibration, Float32
from napari_photon_denoise.counts import LazyArray
from napari_photon_denoise.errors import DenoisedAlready, PhotonDenoiseError, UnreadableFile
from napari_photon_denoise.io import read
from napari_photon_denoise.io.image import OmeText
from napari_photon_denoise.labelled import Labelled, is_labelled
from napari_photon_denoise.metrics.applicable import NotApplicable
from napari_photon_denoise.metrics.axis_evidence import NOTHING, find_axis
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.pipeline import Units
from napari_photon_denoise.recipe import Recipe, parse_recipe

Image = LazyArray | str | PathLike[str]

# Of images whose planes nobody knows, by their dimensions: of channels, no method and no estimate
# of noise takes one for the neighbour of the next, and of Z none may before it is answered.
ALONE = {3: "CYX", 4: "CZYX", 5: "TCZYX"}
PHOTONS = "e-"  # what an array of xarray says is the unit of photons
WRITTEN = {"CYX": "TYX", "CZYX": "TZYX"}  # as files of frames have them


def _nothing() -> None:
    """Check nothing: an array is what it is."""


@dataclass(frozen=True, eq=False)
class Opened:
    """An image, in a file or in memory.

    Parameters
    ----------
    data : array
    axes : str
    pixel_size : mapping
        µm for "Z", "Y" and "X", where known.
    channel_names : tuple of str
        One per channel, or empty.
    file : Path, optional
        Where it lies.
    axes_guessed : bool
        Whether nobody named the axes.
    reason : str
        Of the guess, such as "looks like channels: …"; empty where nothing tells.
    is_unanswered : bool
        Whether nothing tells what the planes are; they are seen each by itself.
    made_by : mapping, optional
        The recipe in the file, as it is written there.
    doubts : tuple of str
        What the file says and was not understood, and what was done to see it as a grey image; a
        sentence each.
    ome : OmeText, optional
        The file's own OME metadata.
    files : tuple of Path
        All that hold its pixels.
    trailing : bool
        Whether the array has a last axis of length 1 besides, as a result of it then has.
    labelled : Labelled, optional
        The array of xarray that it is the values of.
    check_unchanged : function
        Refuses what was read of a file that was written to meanwhile.
    """

    data: LazyArray
    axes: str
    pixel_size: Mapping[str, float] = field(default_factory=dict)
    channel_names: tuple[str, ...] = ()
    file: Path | None = None
    axes_guessed: bool = False
    reason: str = ""
    is_unanswered: bool = False
    made_by: dict[str, Any] | None = None
    doubts: tuple[str, ...] = ()
    ome: OmeText | None = None
    files: Sequence[Path] = ()
    trailing: bool = False
    labelled: Labelled | None = None
    check_unchanged: Callable[[], None] = _nothing

    def notes(self, advice: str) -> tuple[str, ...]:
        """Say what was not understood or done to see it, and which axes are a guess.

        Parameters
        ----------
        advice : str
            How the face lets one name axes.
        """
        return (*self.doubts, *self._axes_notes(advice))

    def _axes_notes(self, advice: str) -> tuple[str, ...]:
        if not self.axes_guessed:
            return ()
        unnamed = f"The {'file' if self.file else 'array'} does not name its axes"
        if self.is_unanswered:
            planes = " × ".join(str(size) for size in self.data.shape[:-2])
            return (
                f"{unnamed}, and nothing tells what its {planes} planes are, so no method looks "
                f"from one to the next: {advice}.",
            )
        reason = f" ({self.reason})" if self.reason else ""
        return (f"{unnamed}; {self.axes} is a guess{reason}: {advice}.",)

    @property
    def axes_to_write(self) -> str:
        """Axes for the file of a result: of planes that nobody knows, as files of frames have."""
        return WRITTEN.get(self.axes, self.axes) if self.is_unanswered else self.axes

    @property
    def recipe(self) -> Recipe | None:
        """That made it, where its file holds one; one of a newer version is refused."""
        return parse_recipe(self.made_by, str(self.file)) if self.made_by else None

    def check_raw(self, *, allow_results: bool = False) -> None:
        """Refuse a result of this program, whose noise is gone, where a raw image is needed.

        Parameters
        ----------
        allow_results : bool
            Take it for a raw image all the same.

        Raises
        ------
        DenoisedAlready
        """
        if self.made_by is None or allow_results:
            return
        name = "The image" if self.file is None else self.file.name
        raise DenoisedAlready(
            f"{name} is a result of this program, denoised already by {self._method}"
        )

    @property
    def _method(self) -> str:
        """What denoised it, as far as this version understands the recipe."""
        try:
            recipe = self.recipe
        except UnreadableFile:
            recipe = None
        return recipe.denoiser.label if recipe else "a method of another version"

    def as_given(self, result: Any, units: Units) -> Any:
        """Return a result in the form in which the image was handed over.

        Parameters
        ----------
        result : numpy or dask array of the shape of `data`
        units : {"photons", "counts"}
            Of the result.

        Returns
        -------
        array, or xarray.DataArray
        """
        whole = result[..., None] if self.trailing else result
        if self.labelled is None:
            return whole
        return self.labelled.like(whole, PHOTONS if units == "photons" else None)

    def photons(self, calibration: Calibration) -> Photons:
        """See it through its camera."""
        return Photons(self.data, calibration, self.axes, self.pixel_size, self.is_unanswered)


@contextmanager
def opened(image: Image, axes: str | None, likely: str | None = None) -> Iterator[Opened]:
    """Open a file, or see an array as one.

    Parameters
    ----------
    image : array or path
    axes : str or None
        A letter of "TCZYX" a dimension; None takes the file's. Of a stack that has none, its
        name and its pixels may tell; else its planes are taken one by one.
    likely : str, optional
        Of an image that does not name its axes, where it has as many.

    Yields
    ------
    Opened

    Raises
    ------
    PhotonDenoiseError
        If what was given is no array, or can't be a grey image.
    UnreadableFile
        In the end, if the file was written to meanwhile.
    """
    if not isinstance(image, str | PathLike):
        labelled = Labelled.of(image, axes) if is_labelled(image) else None
        if labelled:
            image, axes = labelled.data, labelled.axes
        given = as_image(image, axes)
        shape = given.data.shape
        stack = not axes and any(size > 1 for size in shape[:-2])
        found = Opened(
            given.data,
            axes or guess_array_axes(shape),
            doubts=given.notes,
            pixel_size=labelled.pixel_size if labelled else {},
            trailing=given.trailing,
            labelled=labelled,
            axes_guessed=stack,
        )
        yield _settled(found, likely) if stack else found
        return
    with read(fspath(image), axes=axes) as file:
        found = Opened(
            file.data,
            file.axes,
            file.pixel_size,
            file.channel_names,
            file.path,
            file.axes_guessed,
            made_by=file.recipe,
            doubts=file.notes,
            ome=file.ome,
            files=file.files,
            check_unchanged=file.check_unchanged,
        )
        yield _settled(found, likely) if file.axes_guessed else found
        file.check_unchanged()


def _settled(image: Opened, likely: str | None) -> Opened:
    """Decide what the planes of a stack are that nobody named."""
    if likely and len(likely) == len(image.axes):
        return replace(image, axes=likely)
    deep = len(image.axes) > 3  # pixels tell what one axis is, not two
    evidence = NOTHING if deep else find_axis(image.data, image.file.stem if image.file else "")
    if evidence.axis is None:
        return replace(image, axes=ALONE[len(image.axes)], is_unanswered=True)
    return replace(image, axes=f"{evidence.axis}YX", reason=evidence.reason)


def file_of(image: Image) -> str:
    """Return where an image lies; empty for one in memory."""
    return str(Path(image).resolve()) if isinstance(image, str | PathLike) else ""


def is_counted(data: LazyArray) -> bool:
    """Tell whether an image whose unit nobody says is taken for counts: whole numbers are."""
    return np.dtype(data.dtype).kind in "iu"


def as_read(
    data: LazyArray,
    calibration: Calibration | NotApplicable,
    units: Units | None = None,
    region: tuple[slice, ...] | None = None,
) -> Float32:
    """Read an image as photons; whole numbers are counts unless `units` says otherwise.

    Of a region, the calibration is that of the region.

    Raises
    ------
    PhotonDenoiseError
        If it is in counts, and the camera is not known.
    """
    values = np.asarray(data[region or (slice(None),) * len(data.shape)])
    if not (is_counted(data) if units is None else units == "counts"):
        return values.astype(np.float32)
    if isinstance(calibration, NotApplicable):
        raise PhotonDenoiseError(
            f"The image is in counts, and only its camera makes photons of them. "
            f"{calibration.reason}"
        )
    return calibration.to_photons(values)


def check_shapes(raw: tuple[int, ...], other: tuple[int, ...], name: str = "denoised") -> None:
    """Refuse a denoised image or a truth that has not the raw image's shape.

    Raises
    ------
    PhotonDenoiseError
    """
    if tuple(raw) != tuple(other):
        raise PhotonDenoiseError(
            f"The raw image has the shape {tuple(raw)}, the {name} {tuple(other)}: they must be "
            "equal, so crop them alike."
        )
