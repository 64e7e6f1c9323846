"""The verb `cluster` for Python: which pixels of an image look alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.api.camera import NAME_AXES, tell
from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.evaluation.clusters import (
    HEADER,
    Clusters,
    cluster_job,
    labels_job,
    rows,
)
from napari_photon_denoise.inputs import Image, Opened, opened
from napari_photon_denoise.job import run
from napari_photon_denoise.metrics.clusters import ClusterSettings
from napari_photon_denoise.named_camera import ONE_LEVEL, Camera, Known, NamedCamera, name_camera
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.reports.clusters import save_sweep, save_table


@dataclass(frozen=True, eq=False)
class ClusterReport:
    """Clusters of an image.

    Parameters
    ----------
    labels : array of the image's shape, int32
        Clusters from 1, dark to bright; -1 for pixels that belong to none.
    clusters : Clusters
        What they were found from, and their figures, for each channel.
    """

    labels: NDArray[np.int32]
    clusters: Clusters

    def as_rows(self) -> list[dict[str, int | str | float | None]]:
        """Return the figures, a row for what was found and for every number that was tried."""
        return [dict(zip(HEADER, row, strict=True)) for row in rows(self.clusters)]

    def save_csv(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write the figures as a table.

        Raises
        ------
        PhotonDenoiseError
            If the file can't be written, or is there and may not be replaced.
        """
        return save_table(self.clusters, path, overwrite=overwrite)

    def save_plot(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Draw the figures over the number of clusters.

        Raises
        ------
        PhotonDenoiseError
            If the file can't be written, or is there and may not be replaced.
        """
        return save_sweep(self.clusters, path, overwrite=overwrite)


def cluster(
    image: Image,
    camera: Camera | None = None,
    settings: ClusterSettings | None = None,
    *,
    sweep: Sequence[int] = (),
    axes: str | None = None,
) -> ClusterReport:
    """Find clusters of pixels that look alike, each channel by itself.

    Parameters
    ----------
    image : array or path
        Counts (ADU), or a file that this program has denoised.
    camera : Calibration, path or str, optional
        As for `denoise`; None estimates it from the image.
    settings : ClusterSettings, optional
        Algorithm, number, features; None takes K-means of three.
    sweep : sequence of int
        Numbers of clusters that K-means is tried with as well, such as ``range(2, 9)``.
    axes : str, optional
        A letter of "TCZYX" a dimension; None takes the file's, or finds out.

    Returns
    -------
    ClusterReport
        ``report.labels``, ``report.as_rows()``.

    Raises
    ------
    PhotonDenoiseError
        If the image is constant, has fewer different pixels than clusters, holds NaN, or can't be
        used.

    Warns
    -----
    PhotonDenoiseWarning
        For what a user should know, such as an estimated camera.
    """
    chosen = settings or ClusterSettings()
    with seen(image, name_camera(ONE_LEVEL if camera is None else camera), axes) as (
        photons,
        notes,
    ):
        clusters = run(cluster_job(photons, chosen, sweep))
        tell((*notes, *clusters.notes))
        labels = np.empty(photons.shape, np.int32)
        run(labels_job(photons, clusters, labels))
    return ClusterReport(labels, clusters)


@contextmanager
def seen(
    image: Image, camera: NamedCamera, axes: str | None, advice: str = NAME_AXES
) -> Iterator[tuple[Photons, tuple[str, ...]]]:
    """See an image as photons, for as long as its file is open: a result as what it is.

    Parameters
    ----------
    image : array or path
    camera : NamedCamera
    axes : str or None
    advice : str
        How the face lets one name axes.

    Yields
    ------
    Photons
    tuple of str
        What the user should know, a sentence each.

    Raises
    ------
    PhotonDenoiseError
        If image or camera can't be used.
    """
    with opened(image, axes) as given:
        known = _camera_of(given, camera)
        notes = (*given.notes(advice), *camera.notes, *known.notes)
        yield given.photons(known.calibration), notes


def _camera_of(image: Opened, camera: NamedCamera) -> Known:
    """Return the camera of an image: of photons, none is needed."""
    recipe = image.recipe
    if recipe is not None and recipe.units == "photons":
        return Known(Calibration(gain=1, offset=0, read_noise=0))
    if recipe is not None and camera.calibration is None:
        # Denoised already: what noise it has tells of nothing.
        return Known(recipe.calibration.restore())
    return run(replace(camera, notes=()).find_job(image.data, image.axes))
