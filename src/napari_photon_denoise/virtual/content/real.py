"""Clean real images as noise-free densities to train on.

Read from a folder of folders, one a source. What is no clean fluorescence image is left
out; what is a little noisy is made smaller until it is clean.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError, UnreadableFile
from napari_photon_denoise.io.paths import local_path
from napari_photon_denoise.io.readers import FILE_ENDINGS
from napari_photon_denoise.virtual.content.clean import (
    MOST_NOISE,
    SMALLEST,
    VISIBLE_NOISE,
    fault,
    halved,
    noise_share,
)

MOST_CHANNELS = 4  # more planes than that are a stack
FEWEST_PLANES = 8  # of a stack that is worth keeping as one
DIM = 0.04  # of the bright parts: darker places are smoothed
MOST_PLANES = 4  # planes of a stack that also count as images of their own


@dataclass(frozen=True, eq=False)
class RealImage:
    """A clean real image.

    Parameters
    ----------
    density : (Y, X), (Z, Y, X) or (T, Y, X) float32
        Background subtracted, zero or above, of mean 1.
    axes : {"YX", "ZYX", "TYX"}
    source : str
        The folder that it is from.
    name : str
        The file, and the plane of it.
    """

    density: Float32
    axes: str
    source: str
    name: str


@dataclass(frozen=True)
class Refusal:
    """A plane that was left out, and why."""

    name: str
    reason: str


def read_content(folder: str | Path) -> tuple[list[RealImage], list[Refusal]]:
    """Read all clean fluorescence images of a folder.

    Parameters
    ----------
    folder : path
        One folder in it a source, with TIFF, PNG or NPY images.

    Returns
    -------
    list of RealImage, list of Refusal

    Raises
    ------
    PhotonDenoiseError
        If the folder is missing or holds no clean image.
    """
    root = local_path(folder)
    if not root.is_dir():
        raise PhotonDenoiseError(f"There is no folder {root}: give one that holds images.")
    kept: list[RealImage] = []
    refused: list[Refusal] = []
    for path in sorted(root.glob("*/*")):
        if path.suffix.lower() not in FILE_ENDINGS:
            continue
        for found in _read_file(path):
            if isinstance(found, RealImage):
                kept.append(found)
            else:
                refused.append(found)
    if not kept:
        raise PhotonDenoiseError(
            f"{root} holds no clean fluorescence image: give a folder with one folder of "
            "TIFF or PNG images for each source."
        )
    return kept, refused


def _read_file(path: Path) -> Iterator[RealImage | Refusal]:
    label = f"{path.parent.name}/{path.name}"
    try:
        pixels = _pixels(path)
    except PhotonDenoiseError as error:
        yield Refusal(label, str(error))
        return
    if pixels.ndim == 2:
        pixels = pixels[None]
    if len(pixels) >= FEWEST_PLANES:
        yield _as_stack(pixels, label, path)
    chosen = list(range(len(pixels)))
    if len(pixels) > MOST_CHANNELS:  # some planes; the first and last are often dark
        between = np.linspace(0, len(pixels) - 1, MOST_PLANES + 2)[1:-1]
        chosen = [round(place) for place in between.tolist()]
    for i in chosen:
        yield _as_image(pixels[i], f"{label}:{i}", path)


def _pixels(path: Path) -> NDArray[Any]:
    """Read a file as ``(Y, X)`` or ``(N, Y, X)``."""
    from napari_photon_denoise import io

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # plain TIFFs whose axes are guessed
        try:
            image = io.read(path)
        except UnreadableFile:
            if path.suffix.lower() not in (".tif", ".tiff"):
                raise
            image = io.read(path, axes="CYX")  # colour in planes
        pixels = np.asarray(image.data)
    return pixels.reshape(-1, *pixels.shape[-2:]) if pixels.ndim > 2 else pixels


def _as_image(plane: NDArray[Any], label: str, path: Path) -> RealImage | Refusal:
    reason = fault(plane)
    if reason is not None:
        return Refusal(label, reason)
    image = _cleaned(plane.astype(np.float32))
    if image is None:
        return Refusal(label, "noisy")
    return RealImage(image, "YX", path.parent.name, label)


def _as_stack(pixels: NDArray[Any], label: str, path: Path) -> RealImage | Refusal:
    """Take a stack as one image, if its brightest plane is clean."""
    brightest = int(np.argmax(pixels.reshape(len(pixels), -1).std(axis=1)))
    reason = fault(pixels[brightest])
    if reason is not None:
        return Refusal(label, reason)
    stack = _cleaned(pixels.astype(np.float32), brightest)
    if stack is None:
        return Refusal(label, "noisy")
    in_time = "xyt" in path.name or "timelapse" in path.name or "migration" in path.name
    return RealImage(stack, "TYX" if in_time else "ZYX", path.parent.name, label)


def _cleaned(image: Float32, judged: int | None = None) -> Float32 | None:
    """Subtract the background and make smaller what is noisy; None if it stays noisy."""
    background = float(np.percentile(image, 1))
    noise = noise_share(_plane(image, judged), background)
    while noise > VISIBLE_NOISE and min(image.shape[-2:]) >= 2 * SMALLEST - 4:
        image = halved(image)
        noise = noise_share(_plane(image, judged), background)
        if noise < MOST_NOISE:
            break
    if noise > MOST_NOISE:
        return None
    density = _calmed(image - background)
    return np.asarray(density / density.mean(), dtype=np.float32)


def _calmed(image: Float32) -> Float32:
    """Smooth away what noise is left: little where it is bright, more where it is dark."""
    from scipy.ndimage import gaussian_filter

    sides = (0.0,) * (image.ndim - 2)
    little, more = (gaussian_filter(image, (*sides, s, s)) for s in (0.6, 2.5))
    # In the dark noise is a large share of the light, and detail is not to be told from it.
    is_bright = np.clip(more / np.float32(DIM * np.quantile(little, 0.995)) - 1, 0, 1)
    return np.asarray(np.maximum(is_bright * little + (1 - is_bright) * more, 0))


def _plane(image: Float32, judged: int | None) -> Float32:
    return image if judged is None else image[judged]
