"""What the planes of a layer are that nobody named: guessed once, answered once, for every dock.

Kept beside the layers, as these are the user's: napari opens a plain TIFF itself, and a layer of
three dimensions with the labels "-3", "-2", "-1" may be focal planes, a film or channels, and one
of four any two of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from napari.layers import Image
from napari.utils.events import EventEmitter

from napari_photon_denoise.counts import LazyArray
from napari_photon_denoise.inputs import ALONE
from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.metrics.axis_evidence import NOTHING, Evidence, find_axis
from napari_photon_denoise.widgets.parts.units import LABELS, is_named


@dataclass(frozen=True)
class Planes:
    """What the planes of a layer are.

    Parameters
    ----------
    axis : str or None
        A letter of "TCZ" for each axis before Y and X; None where nothing tells.
    reason : str
        Of a guess; empty where there is none, or the user has answered.
    answered : bool
        Whether the user said so.
    """

    axis: str | None
    reason: str = ""
    answered: bool = False


told = EventEmitter(type_name="planes_told")
"""Of its events, `layer` is the one whose planes are known better than before."""
_KNOWN: WeakKeyDictionary[Image, Planes] = WeakKeyDictionary()


def is_open(layer: Image) -> bool:
    """Whether nobody named what the planes of a layer are."""
    shape = _shape(layer)
    asked = len(shape) in ALONE and any(size > 1 for size in shape[:-2])
    return not layer.rgb and asked and not is_named(layer.axis_labels, len(shape))


def planes_of(layer: Image) -> Planes | None:
    """Return what is known of the planes of a layer; None before anybody looked."""
    return _KNOWN.get(layer)


def is_known(layer: Image) -> bool:
    """Whether it was answered or guessed what the planes of a layer are."""
    planes = planes_of(layer)
    return planes is not None and planes.axis is not None


def axes_of_planes(layer: Image) -> str:
    """Axes of an open layer; of planes that are not known, such that each stays by itself."""
    planes = planes_of(layer)
    if planes is None or planes.axis is None:
        return ALONE[len(_shape(layer))]
    return f"{planes.axis}YX"


def answer(layer: Image, axis: str) -> None:
    """Keep what the user says."""
    _keep(layer, Planes(axis, answered=True))


def look_job(data: LazyArray, name: str) -> Job[Evidence]:
    """Look at some planes of a layer."""
    yield Progress("Looking at the planes", 0, 1)
    return find_axis(data, name) if len(data.shape) == 3 else NOTHING


def keep_guess(layer: Image, evidence: Evidence) -> None:
    """Keep a guess, unless the user has answered meanwhile."""
    before = planes_of(layer)
    if before is None or not before.answered:
        _keep(layer, Planes(evidence.axis, evidence.reason))


def inherit(result: Image, source: Image) -> None:
    """Let a layer made from another one be known as well."""
    planes = planes_of(source)
    if planes is not None and is_open(result):
        _keep(result, planes)


def labels_of(layer: Image) -> tuple[str, ...]:
    """Return labels for what is made from a layer: its own, or what the user answered."""
    planes = planes_of(layer)
    if planes is None or not planes.answered or planes.axis is None or not is_open(layer):
        return tuple(layer.axis_labels)
    return tuple(LABELS[axis] for axis in axes_of_planes(layer))


def name_of(layer: Image) -> str:
    """Return the name that may tell: the file's, or else the layer's."""
    path: str | None = layer.source.path
    return Path(path).stem if path else str(layer.name)


def _keep(layer: Image, planes: Planes) -> None:
    if _KNOWN.get(layer) != planes:
        _KNOWN[layer] = planes
        told(layer=layer)


def _shape(layer: Any) -> tuple[int, ...]:
    return tuple((layer.data[0] if layer.multiscale else layer.data).shape)
