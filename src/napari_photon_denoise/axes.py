"""Named axes: T time, C channel, Z plane, Y row, X column, in that order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.words import counted

AXES = "TCZYX"
COLOURS = (3, 4)  # along the last axis of an RGB image, with or without opacity


def check_array(shape: Sequence[int], dtype: np.dtype[Any]) -> None:
    """Refuse arrays that are no grey image: empty, 1-D, boolean, complex, objects."""
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        raise PhotonDenoiseError(
            "The image is boolean (a mask): photons need the camera's grey values."
        )
    if dtype.kind == "c":
        raise PhotonDenoiseError(
            "The image is complex: photons need the camera's grey values, so take the raw image."
        )
    if dtype.kind not in "iuf":
        raise PhotonDenoiseError(f"The image holds {dtype} values: photons need numbers.")
    if len(shape) < 2:
        raise PhotonDenoiseError(
            f"The image has {counted(len(shape), 'dimensions')}: an image needs at least Y and X."
        )
    if 0 in shape:
        raise PhotonDenoiseError(f"The image is empty (shape {tuple(shape)}): choose another one.")


def check_axes(axes: str, shape: Sequence[int]) -> None:
    """Refuse axes that are unknown, twice there, out of order or of another number."""
    if len(axes) != len(shape):
        raise PhotonDenoiseError(
            f"The axes '{axes}' name {len(axes)} dimensions, the image has {len(shape)}: "
            f"name each dimension by one letter of {AXES}."
        )
    unknown = [letter for letter in axes if letter not in AXES]
    if unknown or len(set(axes)) != len(axes):
        raise PhotonDenoiseError(
            f"The axes '{axes}' are not understood: use each letter of {AXES} at most once "
            "(T time, C channel, Z plane, Y row, X column)."
        )
    if [AXES.index(letter) for letter in axes] != sorted(AXES.index(letter) for letter in axes):
        raise PhotonDenoiseError(
            f"The axes '{axes}' are out of order: transpose the image to the order {AXES}."
        )
    if axes[-2:] != "YX":
        raise PhotonDenoiseError(f"The axes '{axes}' must end with YX.")


def looks_like_colour(shape: Sequence[int]) -> bool:
    """Tell if the last axis of an array is rather colour than columns."""
    return len(shape) > 2 and shape[-1] in COLOURS


def guess_axes(ndim: int) -> str:
    """Axes of an image without names: the last ones of TZYX, or all of TCZYX.

    Raises
    ------
    PhotonDenoiseError
        For more than five dimensions.
    """
    if ndim > len(AXES):
        raise PhotonDenoiseError(
            f"The image has {ndim} dimensions; at most the five of {AXES} are understood."
        )
    return AXES if ndim == len(AXES) else "TZYX"[-ndim:]


def guess_array_axes(shape: Sequence[int]) -> str:
    """Axes of an array without names, as `guess_axes`; refuse what is rather colour.

    Raises
    ------
    PhotonDenoiseError
        For RGB, and more than five dimensions.
    """
    if looks_like_colour(shape):
        raise PhotonDenoiseError(
            f"The image of the shape {tuple(shape)} looks like RGB colour: photons need one grey "
            "channel, so split the channels, or name the axes if it is that narrow."
        )
    return guess_axes(len(shape))
