"""What is hidden beside a pixel, where its noise is shared with others (structN2V).

Broaddus et al. 2020, doi:10.1109/ISBIWorkshops50223.2020.9153336: a row of pixels for a scanner's
line noise, for example. The shapes are symmetric, as `masks` needs them.
"""

from __future__ import annotations

from math import ceil

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.errors import PhotonDenoiseError

Offset = tuple[int, int, int]  # z, y, x, px

LINE, ARM, RADIUS = 4, 4, 2  # px to each side
REACHED = 3.0  # times the correlation length: beyond, neighbours share less than 11 % of noise
LONGEST = 8  # px

EXTENTS = {
    "pixel": "The pixel alone: noise that no two pixels share.",
    "line-x": "Nine pixels along x: lines of a scanner.",
    "line-y": "Nine pixels along y: columns of a camera's amplifiers.",
    "line-z": "Nine planes along z (3-D networks): bleaching or flicker from plane to plane.",
    "cross": "Both lines.",
    "disc": "A disc of 5 px across: noise that is blurred or interpolated.",
    "measured": "As far as the camera's calibration says that neighbours share noise.",
}


def find_extent(name: str, camera: Calibration) -> tuple[Offset, ...]:
    """Return the offsets of a shape, without the pixel itself.

    Parameters
    ----------
    name : str
        One of `EXTENTS`.
    camera : Calibration
        Whose correlation lengths "measured" takes.

    Raises
    ------
    PhotonDenoiseError
        If there is no such shape.
    """
    if name == "pixel":
        return ()
    if name == "line-z":
        return tuple((step, 0, 0) for step in _steps(LINE))
    if name == "line-y":
        return _ellipse(LINE, 0)
    if name == "line-x":
        return _ellipse(0, LINE)
    if name == "cross":
        return _ellipse(ARM, 0) + _ellipse(0, ARM)
    if name == "disc":
        return _ellipse(RADIUS, RADIUS)
    if name == "measured":
        return _ellipse(_reach(camera.length_y), _reach(camera.length_x))
    raise PhotonDenoiseError(
        f"There is no blind spot '{name}': choose one of {', '.join(EXTENTS)}."
    )


def has_direction(extent: tuple[Offset, ...]) -> bool:
    """Whether a shape is another one when it is turned by 90°."""
    return {(z, x, y) for z, y, x in extent} != set(extent)


def _steps(far: int) -> list[int]:
    return [step for step in range(-far, far + 1) if step]


def _ellipse(far_y: int, far_x: int) -> tuple[Offset, ...]:
    """Offsets within half-axes, px; half a pixel more, or a disc would have spikes."""
    return tuple(
        (0, y, x)
        for y in range(-far_y, far_y + 1)
        for x in range(-far_x, far_x + 1)
        if (y, x) != (0, 0) and (y / (far_y + 0.5)) ** 2 + (x / (far_x + 0.5)) ** 2 <= 1
    )


def _reach(length: float) -> int:
    """How far noise is shared, px; 0 for white noise."""
    return min(LONGEST, ceil(REACHED * length)) if length > 0.2 else 0
