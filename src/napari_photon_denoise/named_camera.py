"""The camera that a user names (a calibration, a file, a preset, nothing), found for an image.

Nothing is said here: the sentences that go with what was found are returned, and each face says
them in its own way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.presets import PRESETS, find_preset
from napari_photon_denoise.camera.said import cautions, doubt_photons, in_brief
from napari_photon_denoise.counts import LazyArray
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io import read
from napari_photon_denoise.io.paths import local_path
from napari_photon_denoise.job import Job, named

if TYPE_CHECKING:
    from napari_photon_denoise.camera.estimate import NoEstimate, NoiseEstimate

Camera = Calibration | str | PathLike[str]
ONE_LEVEL = "one-level"  # names no camera: any image is denoised, with the plainest model
LOOKED_AT = 5  # images of a camera that is estimated from many


@dataclass(frozen=True, eq=False)
class Known:
    """The camera of an image.

    Parameters
    ----------
    calibration : Calibration
        That fits the image.
    notes : tuple of str
        What the user should know of it, a sentence each.
    estimate : NoiseEstimate, optional
        Where the camera was estimated from the image.
    """

    calibration: Calibration
    notes: tuple[str, ...] = ()
    estimate: NoiseEstimate | None = None

    @property
    def own(self) -> bool:
        """Whether all of the camera was estimated from the image, and nothing said of it."""
        told = (self.calibration.length_y, self.calibration.length_x)
        estimate = self.estimate
        return estimate is not None and told == (estimate.length_y, estimate.length_x)

    def said(self, *, in_full: bool = False) -> tuple[str, ...]:
        """Return the notes; in full, all that is known of an estimate stands among them."""
        more = self.estimate.sentences if in_full and self.estimate else ()
        return tuple(dict.fromkeys((*self.notes, *more)))


@dataclass(frozen=True, eq=False)
class NamedCamera:
    """What the user says of the camera, before an image is seen.

    Parameters
    ----------
    calibration : Calibration or None
        None has it estimated from each image.
    notes : tuple of str
        What was converted to read it, a sentence each.
    lengths : tuple of float, optional, px
        How far neighbours share noise along y and x, in place of what is known or estimated.
    corner : tuple of int, optional
        Row and column of the images' first pixel on the calibration's maps.
    binning : int, optional
    mode : str, optional
        Of the images, checked against the calibration.
    all_the_same : bool
        Take one level of noise for an image that has none that could be told.
    mends_hot : bool
        Mend hot pixels, whatever the camera says.
    """

    calibration: Calibration | None = None
    notes: tuple[str, ...] = ()
    lengths: tuple[float, float] | None = None
    corner: tuple[int, int] | None = None
    binning: int | None = None
    mode: str | None = None
    all_the_same: bool = False
    mends_hot: bool = False

    def known(self) -> Calibration:
        """Return the camera that was named.

        Raises
        ------
        PhotonDenoiseError
            If none was.
        """
        if self.calibration is None:
            raise PhotonDenoiseError(
                "No camera was named: give a calibration, its file, or the key of a preset."
            )
        return self.calibration

    def find_job(self, data: LazyArray, axes: str) -> Job[Known]:
        """Fit the camera to an image, or estimate it from there.

        Raises
        ------
        CalibrationMismatch
            If it does not fit.
        NoEstimate
            If none was named, and the image can't tell.
        """
        if self.calibration is not None:
            fitting = self.fit((data.shape[-2], data.shape[-1]))
            return Known(fitting, doubt_photons(fitting, np.dtype(data.dtype)))
        from napari_photon_denoise.camera.estimate import NoEstimate, estimate_job

        try:
            estimate = yield from estimate_job(data, axes)
        except NoEstimate as error:
            if error.plainest is None or not self.all_the_same:
                raise NoEstimate(f"The camera is not known. {error}", error.plainest) from None
            estimate = error.plainest
        notes = (f"No camera was given: {in_brief(estimate)}.", *cautions(estimate))
        return Known(self._told(estimate.calibration()), notes, estimate)

    def fit(self, shape_yx: tuple[int, int]) -> Calibration:
        """Cut the maps of the camera that was named to images of a size; refuse a misfit."""
        calibration = self.known()  # who may be without one calls `find_job`
        if self.corner is not None:
            calibration = calibration.crop(*self.corner, *shape_yx)
        calibration.check_image(shape_yx, binning=self.binning, mode=self.mode)
        if calibration.path is not None:  # so that a recipe finds the file from anywhere
            calibration = replace(calibration, path=calibration.path.resolve())
        return self._told(calibration)

    def _told(self, calibration: Calibration) -> Calibration:
        if self.mends_hot:
            calibration = replace(calibration, mends_hot=True)
        if self.lengths is None:
            return calibration
        return replace(calibration, length_y=self.lengths[0], length_x=self.lengths[1])


def name_camera(camera: Camera | None, em_gain: float | None = None) -> NamedCamera:
    """Find a camera by what names it.

    Parameters
    ----------
    camera : Calibration, path, str or None
        A calibration, its file (of this program, or one that
        `camera.formats.import_calibration` reads), or the key of a preset; "one-level"
        estimates the camera, and takes one level of noise where the image has none.
    em_gain : float, optional
        EM gain that was set, for the preset of an EMCCD.

    Raises
    ------
    PhotonDenoiseError
        If there is no such file or preset.
    """
    if camera is None or isinstance(camera, Calibration):
        return NamedCamera(camera)
    if not isinstance(camera, str | PathLike):
        raise PhotonDenoiseError(
            f"The camera is of the type {type(camera).__name__}: give a calibration, its file, or "
            "the key of a preset."
        )
    if str(camera) == ONE_LEVEL:
        return NamedCamera(all_the_same=True)
    if str(camera) in PRESETS:
        return NamedCamera(find_preset(str(camera)).calibration(em_gain))
    if em_gain is not None:
        raise PhotonDenoiseError("An EM gain belongs to the preset of an EMCCD: leave it out.")
    if not Path(camera).suffix:
        return NamedCamera(find_preset(str(camera)).calibration())
    from napari_photon_denoise.camera.formats import import_calibration

    imported = import_calibration(local_path(fspath(camera)))
    return NamedCamera(imported.calibration, imported.notes)


def estimate_shared_job(paths: Sequence[Path], axes: str | None) -> Job[Known]:
    """Estimate one camera from some of the images that it took: that of the middle gain.

    Parameters
    ----------
    paths : sequence of Path
    axes : str or None
        Where the files do not say.

    Raises
    ------
    NoEstimate
        If none of the images that were looked at tells of it.
    """
    from napari_photon_denoise.camera.estimate import NoEstimate, estimate_job

    found: list[tuple[NoiseEstimate, str]] = []
    refused: NoEstimate | None = None
    for path in paths[:: -(-len(paths) // LOOKED_AT)]:
        with read(path, axes=axes) as image:
            try:
                estimate = yield from named(estimate_job(image.data, image.axes), path.name)
                found.append((estimate, path.name))
            except NoEstimate as error:
                refused = error
    if refused is not None and not found:
        raise refused
    middle, name = sorted(found, key=lambda one: one[0].gain)[len(found) // 2]
    chosen = f" (its gain is in the middle of {len(found)})" if len(found) > 1 else ""
    said = f"No camera was given: {name}{chosen} tells it for all images, {in_brief(middle)}."
    return Known(middle.calibration(), (said, *cautions(middle)), middle)
