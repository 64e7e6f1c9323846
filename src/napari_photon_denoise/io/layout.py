"""Which dimension of a file is which axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from napari_photon_denoise.axes import AXES
from napari_photon_denoise.errors import PhotonDenoiseError, UnknownAxes, UnreadableFile

UNNAMED = "IQ"
"""What readers call a dimension that the file does not name; other letters, such as those of stage
positions or angles, do say that it is no time."""


class Layout(NamedTuple):
    """How the dimensions of a file become the axes of an image."""

    axes: str
    """One letter per dimension that stays, in the file's order."""
    dropped: tuple[int, ...]
    """Dimensions of length 1 that no letter names."""
    guessed: bool
    """True where nobody said what the axis of the planes is."""


def layout(name: str, shape: Sequence[int], file_axes: str, asked: str | None) -> Layout:
    """Decide which dimension is which axis.

    Parameters
    ----------
    name : str
        The file, for the sentences.
    shape : sequence of int
        The length of each dimension in the file.
    file_axes : str
        What the file says, one letter per dimension; letters outside "TCZYX" are unknown.
    asked : str or None
        What the user says, in the order of the file's dimensions; it wins.

    Raises
    ------
    UnreadableFile
        Fewer than two dimensions, or unknown axes that only the user can name.
    PhotonDenoiseError
        The axes that the user gave do not fit.
    """
    size = " × ".join(map(str, shape))
    if 0 in shape:
        raise UnreadableFile(f"{name} holds an empty image ({size}): export it again.")
    if len(shape) < 2:
        raise UnreadableFile(f"{name} is 1-D ({size}): give an image with at least Y and X.")
    if sum(length > 1 for length in shape) > len(AXES):
        raise UnreadableFile(
            f"{name} has {len(shape)} dimensions ({size}): save a part of it with at most five."
        )
    if asked is not None:
        return _asked_layout(name, shape, size, asked.upper())
    dropped = tuple(i for i, letter in enumerate(file_axes) if letter not in AXES and shape[i] == 1)
    axes = "".join(letter for i, letter in enumerate(file_axes) if i not in dropped)
    if len(axes) == 3 and axes[0] in UNNAMED and set(axes[1:]) == set("YX"):
        # Each plane of T is an image of its own, so 2-D methods give the same result
        # whether the planes are in truth T or Z; it is the harmless guess.
        return Layout("T" + axes[1:], dropped, True)
    if any(letter not in AXES for letter in axes) or len(set(axes)) < len(axes):
        raise UnknownAxes(f"{name} does not say which of its dimensions ({size}) is which")
    if not {"Y", "X"} <= set(axes):
        raise UnreadableFile(f"{name} has the axes {axes} ({size}): give an image with Y and X.")
    return Layout(axes, dropped, False)


def _asked_layout(name: str, shape: Sequence[int], size: str, asked: str) -> Layout:
    if not {"Y", "X"} <= set(asked) <= set(AXES) or len(set(asked)) < len(asked):
        raise PhotonDenoiseError(
            f"Axes {asked!r} are not understood: give letters of {AXES}, each at most once, "
            "with Y and X among them, for example ZYX."
        )
    if len(asked) == len(shape):
        return Layout(asked, (), False)
    # Formats pad with dimensions of length 1; users count only the others.
    dropped = tuple(i for i, length in enumerate(shape) if length == 1)
    if len(asked) == len(shape) - len(dropped):
        return Layout(asked, dropped, False)
    raise PhotonDenoiseError(
        f"{name} has {len(shape)} dimensions ({size}) but axes {asked!r} name {len(asked)}: "
        "give one letter per dimension."
    )
