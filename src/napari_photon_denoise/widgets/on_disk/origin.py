"""Of which image a result on disk is, so that only its own is gone on with; without Qt."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from napari.layers import Image

from napari_photon_denoise.counts import LazyArray
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io import read
from napari_photon_denoise.shards.records import InputFacts
from napari_photon_denoise.widgets.parts.layers import full_data

SAMPLE = 32  # px of a side, by which the pixels of a layer and of its file are compared
_TOKENS: WeakKeyDictionary[Image, tuple[int, str]] = WeakKeyDictionary()


class Origin(NamedTuple):
    """An image, as it is known again.

    Parameters
    ----------
    facts : InputFacts
    check_unchanged : function
        Refuses a file that was written to meanwhile.
    """

    facts: InputFacts
    check_unchanged: Callable[[], None]


def places_of(layer: Image) -> tuple[str, ...]:
    """Return where the image of a layer may lie: its file, and a name for this session alone.

    Nothing is read: which of them it is, `origin_of` finds out.
    """
    file = _file_of(layer)
    return (_token(layer), *((str(file.resolve()),) if file is not None else ()))


def origin_of(layer: Image) -> Origin:
    """Return of which image a result of a layer is; looks at its file.

    A layer that shows its file as a whole is known again in another session, and by the command
    line. Pixels in memory may be anything: they are known only as long as they are there.
    """
    file = _file_of(layer)
    if file is not None:
        try:
            with read(file) as image:
                if _is_same(image.data, full_data(layer)):
                    return Origin(InputFacts.of(file, image.files), image.check_unchanged)
        except PhotonDenoiseError:  # several images, or a format of another plugin's
            pass
    token = _token(layer)
    return Origin(InputFacts(path=token, stamp=None, first_bytes=token), _nothing)


def _nothing() -> None:
    """Check nothing: pixels in memory are what they are."""


def _file_of(layer: Image) -> Path | None:
    """Return the file that a layer may stand for."""
    path = layer.source.path
    is_part = "channel" in layer.metadata
    if path is None or is_part or layer.rgb or isinstance(full_data(layer), np.ndarray):
        return None
    return Path(path) if Path(path).exists() else None


def _is_same(one: LazyArray, other: LazyArray) -> bool:
    """Compare shapes, and a few pixels in the middle."""
    if tuple(one.shape) != tuple(other.shape) or one.dtype != other.dtype:
        return False
    middle = tuple(
        slice(max(0, size // 2 - SAMPLE // 2), size // 2 + SAMPLE // 2)
        if dim < 2
        else slice(size // 2, size // 2 + 1)
        for dim, size in reversed([*enumerate(reversed(one.shape))])
    )
    return np.array_equal(_read(one, middle), _read(other, middle))


def _read(data: LazyArray, index: tuple[slice, ...]) -> Any:
    return np.asarray(data[index])


def _token(layer: Image) -> str:
    """Return a name for the pixels that a layer has now; other pixels have another."""
    pixels = id(full_data(layer))
    known, token = _TOKENS.get(layer, (0, ""))
    if known != pixels:
        token = f"a layer of napari ({uuid.uuid4().hex})"
        _TOKENS[layer] = pixels, token
    return token
