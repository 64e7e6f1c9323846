"""Histograms of layers, of the plane that is shown or of all: a job for the worker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import ceil, prod, sqrt
from typing import Any

import numpy as np

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.metrics.curves import (
    Curves,
    Gap,
    common_edges,
    largest_gap,
    measure_curves,
)
from napari_photon_denoise.widgets.parts.layers import full_data
from napari_photon_denoise.widgets.plots.planes import camera_pixels, read_plane
from napari_photon_denoise.widgets.plots.values import Source
from napari_photon_denoise.widgets.plots.view import Place

MOST = 2**23  # pixels of a layer that are sorted; of more, every second or third is taken


@dataclass(frozen=True)
class LayerSample:
    """What is measured: a source, and the plane of it that is shown.

    Parameters
    ----------
    source : Source
    place : Place
    whole : bool
        Whether all planes are, and not only this one.
    """

    source: Source
    place: Place
    whole: bool

    @property
    def step(self) -> int:
        """Every how manieth row and column is read."""
        shape = full_data(self.source.layer).shape
        pixels = prod(shape) if self.whole else prod(self.place.shape)
        return max(1, ceil(sqrt(pixels / MOST)))

    def planes(self) -> Iterator[Place]:
        """Every plane that is read."""
        shape = full_data(self.source.layer).shape
        hidden = [dim for dim in range(len(shape)) if dim not in self.place.dims]
        if not self.whole:
            hidden = []
        for at in product(*(range(shape[dim]) for dim in hidden)):
            index = list(self.place.index)
            for dim, number in zip(hidden, at, strict=True):
                index[dim] = slice(number, number + 1)
            yield replace(self.place, index=tuple(index))


@dataclass(frozen=True, eq=False)
class Histograms:
    """What came out.

    Parameters
    ----------
    curves : Curves
    gap : Gap or None
        Of the pair that was asked for.
    pair : tuple of int or None
        Which of the curves the gap is between.
    notes : tuple of str
        What was left out.
    """

    curves: Curves
    gap: Gap | None
    pair: tuple[int, int] | None
    notes: tuple[str, ...]


def histogram_job(samples: Sequence[LayerSample], pair: tuple[int, int] | None) -> Job[Histograms]:
    """Read layers, and sort their pixels.

    Parameters
    ----------
    samples : sequence of LayerSample
        Whose sources have one unit.
    pair : tuple of int or None
        Between which two the Kolmogorov-Smirnov distance is wanted.

    Raises
    ------
    PhotonDenoiseError
        If a layer can't be read or has no number in it.
    """
    images, notes = [], []
    for sample in samples:
        image, said = yield from _read(sample)
        images.append(image)
        notes += said
    yield Progress("Sorting pixels", 0, 0)
    sources = [sample.source for sample in samples]
    names = [source.layer.name for source in sources]
    stepped = [source for source in sources if source.step is not None]
    # The coarsest steps: bins that suit them suit finer ones well enough.
    coarsest = max(stepped, key=lambda source: source.step or 0, default=None)
    edges = common_edges(
        images,
        step=coarsest.step if coarsest else None,
        phase=coarsest.zero if coarsest else 0.0,
    )
    curves = measure_curves(images, edges, names, sources[0].unit)
    gap = None
    if pair is not None:
        yield Progress("Comparing", 0, 0)
        gap = largest_gap(images[pair[0]], images[pair[1]])
    return Histograms(curves, gap, pair, tuple(notes))


def _read(sample: LayerSample) -> Job[tuple[Float32, list[str]]]:
    """Read a layer's pixels, plane by plane."""
    layer, step = sample.source.layer, sample.step
    planes = list(sample.planes())
    parts: list[Float32] = []
    missing = 0
    for number, place in enumerate(planes):
        yield Progress(f"Reading {layer.name}", number, len(planes))
        values = _values(sample.source, place, step)
        good = np.isfinite(values)
        missing += int(values.size - good.sum())
        parts.append(values[good])
    image = np.concatenate(parts)
    if not image.size:
        raise PhotonDenoiseError(f"'{layer.name}' holds no number here, NaN or infinity only.")
    notes = []
    if missing:
        notes.append(f"{missing} pixels of '{layer.name}' are NaN or infinite and left out.")
    if step > 1:
        notes.append(f"'{layer.name}' is large: one row and column in {step} was taken.")
    return image, notes


def _values(source: Source, place: Place, step: int) -> Float32:
    plane: Any = read_plane(source.layer, place, place.index)[::step, ::step]
    rows = np.arange(0, place.shape[0], step)[:, np.newaxis]
    columns = np.arange(0, place.shape[1], step)[np.newaxis]
    y, x = camera_pixels(place, source.layer.ndim, rows, columns)
    return source.values(plane, y, x)
