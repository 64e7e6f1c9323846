"""Pairs of images, opened and checked; their pixels are read when a patch is cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io import ImageFile, read
from napari_photon_denoise.photons import Photons

CORNER = 256  # px; what is compared to find an image that is its own partner
MOST_OPEN = 100  # files; systems allow a few hundred
KEPT_BYTES = 2e9  # pairs up to this size are held in memory, as far as a quarter of it is free

Depth = Literal["Z", "T"]


@dataclass(frozen=True, eq=False)
class Pair:
    """A scene, noisy and clean.

    Parameters
    ----------
    name : str
        The noisy file.
    noisy, clean : Photons
        Of the same shape and axes.
    """

    name: str
    noisy: Photons
    clean: Photons

    @property
    def shape_yx(self) -> tuple[int, int]:
        """Height and width, px."""
        return self.noisy.shape[-2], self.noisy.shape[-1]

    @property
    def depth_axis(self) -> Depth:
        """The axis of neighbouring planes: z, or time where there is no z."""
        sizes = self.noisy.sizes
        return "T" if sizes.get("Z", 1) == 1 and sizes.get("T", 1) > 1 else "Z"

    @property
    def depth(self) -> int:
        """Neighbouring planes or frames."""
        return self.noisy.sizes.get(self.depth_axis, 1)

    @property
    def is_square(self) -> bool:
        """True if pixels are as high as wide: only then may a patch be turned by 90°."""
        size = self.noisy.pixel_size
        return bool(np.isclose(size.get("Y", 1.0), size.get("X", size.get("Y", 1.0)), rtol=0.01))

    @property
    def nbytes(self) -> int:
        """Bytes of both images."""
        return sum(
            int(np.prod(side.shape)) * np.dtype(side.data.dtype).itemsize
            for side in (self.noisy, self.clean)
        )


def open_pairs(
    files: Sequence[tuple[Path, Path]],
    calibrate: Callable[[ImageFile], Calibration],
    axes: str | None = None,
) -> list[Pair]:
    """Open pairs without reading them, but for a corner.

    Parameters
    ----------
    files : sequence of (noisy, clean)
    calibrate : function of an image
        Returns the camera's calibration that fits it.
    axes : str, optional
        Of the images, where they do not say.

    Raises
    ------
    PhotonDenoiseError
        If an image can't be used, or the two of a pair do not fit together.
    """
    pairs = []
    for noisy_path, clean_path in files:
        noisy, clean = read(noisy_path, axes=axes), read(clean_path, axes=axes)
        _check_fit(noisy, clean)
        calibration = calibrate(noisy)
        pairs.append(
            Pair(
                noisy_path.name,
                Photons(noisy.data, calibration, noisy.axes, noisy.pixel_size),
                Photons(clean.data, calibration, clean.axes, clean.pixel_size),
            )
        )
        if len(files) > MOST_OPEN:
            noisy.close()
            clean.close()
    return pairs


def in_memory(pairs: Sequence[Pair]) -> list[Pair]:
    """Read pairs that are small; others stay on disk, and only patches are read."""
    import psutil

    room = min(KEPT_BYTES, psutil.virtual_memory().available / 4)
    if sum(pair.nbytes for pair in pairs) > room:
        return list(pairs)
    return [
        Pair(
            pair.name,
            replace(pair.noisy, data=np.asarray(pair.noisy.data)),
            replace(pair.clean, data=np.asarray(pair.clean.data)),
        )
        for pair in pairs
    ]


def _check_fit(noisy: ImageFile, clean: ImageFile) -> None:
    if noisy.axes != clean.axes or noisy.data.shape != clean.data.shape:
        raise PhotonDenoiseError(
            f"{noisy.path} is {_size(noisy)} and its partner {clean.path} is {_size(clean)}: "
            "both must show the same scene in the same pixels, so crop or register them first."
        )
    corner = (*(slice(0, 1),) * (noisy.data.ndim - 2), slice(0, CORNER), slice(0, CORNER))
    if np.array_equal(np.asarray(noisy.data[corner]), np.asarray(clean.data[corner])):
        raise PhotonDenoiseError(
            f"{noisy.path} and its partner {clean.path} are the same image: give the noisy and "
            "the clean one of a scene."
        )


def _size(image: ImageFile) -> str:
    return f"{' × '.join(map(str, image.data.shape))} ({image.axes})"
