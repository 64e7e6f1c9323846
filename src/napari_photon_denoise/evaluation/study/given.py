"""What users give for many images: named, and one for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.inputs import Image
from napari_photon_denoise.words import counted

Images: TypeAlias = "Image | Sequence[Image] | Mapping[str, Image]"


def named_images(images: Images) -> dict[str, Image]:
    """Name images by their files, with the folder where names alone are not enough.

    Raises
    ------
    PhotonDenoiseError
        If one is given twice.
    """
    if isinstance(images, Mapping):
        return dict(images)
    several = listed(images)
    paths = [Path(one) if isinstance(one, str | Path) else None for one in several]
    names = [path.name if path else f"image {n}" for n, path in enumerate(paths, 1)]
    if len(set(names)) < len(names):
        names = [str(path) if path else name for path, name in zip(paths, names, strict=True)]
    if len(set(names)) < len(names):
        raise PhotonDenoiseError("An image is given twice: leave one.")
    return dict(zip(names, several, strict=True))


def listed(given: Any) -> list[Any]:
    """See one array, path or number as a list of one."""
    if given is None:
        return []
    alone = isinstance(given, str | Path | int | float) or hasattr(given, "shape")
    return [given] if alone else list(given)


def one_each(given: Sequence[Any], count: int, what: str) -> list[Any]:
    """Return one for each image."""
    if len(given) not in (1, count):
        raise PhotonDenoiseError(
            f"{counted(count, 'images')} can't have {len(given)} {what}: give one for each, in the "
            "same order, or one for all."
        )
    return list(given) * count if len(given) == 1 else list(given)
