"""Profiles of several layers along one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.profile import Profile, Sampling, profile_noise, sample_line
from napari_photon_denoise.widgets.plots.planes import Planes, camera_pixels
from napari_photon_denoise.widgets.plots.values import Source
from napari_photon_denoise.widgets.plots.view import Place, View

SQUARE = 1e-6
OWN = "units of the layer"  # where it has a scale, but names no unit of length


def measure_profiles(
    sources: Sequence[Source],
    view: View,
    line: NDArray[np.float64],
    width: int,
    planes: Planes,
) -> tuple[list[tuple[Source, Profile]], list[str]]:
    """Read layers along a line.

    Parameters
    ----------
    sources : sequence of Source
    view : View
    line : (N, 2) float64
        Ends and corners, in the viewer's coordinates.
    width : int, px
        Across the line, in pixels of the first layer; others are averaged over the same width.
    planes : Planes
        Reads the pixels.

    Returns
    -------
    profiles : list of (Source, Profile)
    notes : list of str
        Why a layer has none or a part of it is missing.

    Raises
    ------
    PhotonDenoiseError
        If no layer has a profile.
    """
    profiles: list[tuple[Source, Profile]] = []
    notes: list[str] = []
    edge = None
    known: dict[bytes, Sampling] = {}  # layers on one grid of pixels share the weights
    for source in sources:
        try:
            place = view.place(source.layer)
            edge = edge or place.edge
            across = max(1, round(width * edge / place.edge))
            grid = np.concatenate([[across], place.shape, *place.matrix, place.offset]).tobytes()
            if grid not in known:
                points = place.pixels(line)
                known[grid] = sample_line(points, place.shape, across, place.pixel_size)
            profile, said = _profile(source, place, known[grid], planes)
        except PhotonDenoiseError as error:
            notes.append(str(error))
            continue
        if not view.fits(source.layer):
            notes.append(
                f"'{source.layer.name}' has another kind of unit than the others: it is placed by "
                "its numbers alone, as napari draws it."
            )
        unit = view.length_unit if abs(edge - 1) < SQUARE or view.length_unit != "px" else OWN
        profiles.append((source, replace(profile, length_unit=unit)))
        notes += [*said, *filter(None, [view.note(source.layer)])]
    if not profiles:
        raise PhotonDenoiseError(notes[0])
    return profiles, notes


def _profile(
    source: Source, place: Place, sampling: Sampling, planes: Planes
) -> tuple[Profile, list[str]]:
    layer = source.layer
    if not sampling.inside.any():
        raise PhotonDenoiseError(f"The line does not cross '{layer.name}': move it there.")
    rows, columns = sampling.rows, sampling.columns
    y, x = camera_pixels(place, layer.ndim, rows, columns)
    counts = planes.pick(layer, place, rows, columns)
    values = sampling.average(source.values(counts, y, x))
    profile = Profile(layer.name, source.unit, sampling.distance, values, sampling.pixels)
    notes = []
    missing = int(np.count_nonzero(~np.isfinite(values) & sampling.inside))
    if missing:
        notes.append(f"'{layer.name}' is NaN or infinite at {missing} places of the line: gaps.")
    calibration = source.calibration
    if not source.raw or calibration is None:
        return profile, notes
    if calibration.correlated:
        notes.append(f"Pixels of '{layer.name}' share noise, so no noise band can be told.")
        return profile, notes
    noise: ArrayLike = source.read_noise(rows.shape, y, x)
    if isinstance(noise, np.ndarray):
        noise = np.sqrt(sampling.average(np.square(noise)))
    return replace(profile, sd=profile_noise(values, noise, sampling.pixels)), notes
