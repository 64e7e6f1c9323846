"""Stacks of frames from layers, files and folders, as rows of the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from napari.layers import Image

from napari_photon_denoise.camera.formats.emva_descriptor import (
    ListedStack,
    find_descriptor,
    read_descriptor,
)
from napari_photon_denoise.errors import PhotonDenoiseError, UnreadableFile
from napari_photon_denoise.io import find_images, read
from napari_photon_denoise.io.find import is_image
from napari_photon_denoise.widgets.calibration.guess import (
    Level,
    Role,
    group_frames,
    guess_level,
    guess_role,
    settle_roles,
)
from napari_photon_denoise.widgets.parts.layers import full_data


@dataclass
class StackSource:
    """Frames that were taken alike.

    Parameters
    ----------
    name : str
        For people.
    where : str
        In full: a layer, a path, so many files of a folder.
    stack : array or list of Path
        What `calibrate_job` reads.
    frames : int
    shape : tuple of int
        ``(Y, X)``, px.
    role : {"dark", "flat"}
    level : str
        Exposure or light, as the name tells it or the user typed it in; may be empty.
    guessed : bool
        False if the name said nothing of the role.
    """

    name: str
    where: str
    stack: Any
    frames: int
    shape: tuple[int, int]
    role: Role
    level: str = ""
    guessed: bool = True

    @property
    def label(self) -> str:
        """Name with where it is from, where that is not a file."""
        return self.name if isinstance(self.stack, list) else f"{self.name} (layer)"

    @property
    def order(self) -> tuple[bool, float]:
        """Darks first, then flats by their level; those without one as they came."""
        level = guess_level(self.level)
        return self.role == "flat", level.value if level else 0.0


def from_layers(layers: Sequence[Any]) -> list[StackSource]:
    """Make a stack of each layer; no pixel is read.

    Raises
    ------
    PhotonDenoiseError
        If a layer is no stack of grey frames, or none is given.
    """
    if not layers:
        raise PhotonDenoiseError(
            "No layer is selected: click the layers of the dark and the flats in the layer list "
            "(Ctrl-click for several), then add them."
        )
    return [_from_layer(layer) for layer in layers]


def from_files(paths: Sequence[str | Path]) -> list[StackSource]:
    """Make a stack of each file of several frames; files of one frame are sorted by name.

    Raises
    ------
    UnreadableFile
        If a file is missing, damaged, or no grey image.
    """
    files = find_images(paths)
    if _pages(files[0])[0] == 1:
        found = [_from_frames(name, group) for name, group in group_frames(files).items()]
    else:
        found = [_from_file(path) for path in files]
    roles = settle_roles(
        [source.name for source in found],
        [source.role if source.guessed else None for source in found],
    )
    return [
        replace(source, role=role, guessed=True) if role else source
        for source, role in zip(found, roles, strict=True)
    ]


def from_folder(folder: str | Path) -> list[StackSource]:
    """Make stacks of the images in a folder, and of those in its sub-folders.

    Where a descriptor of EMVA 1288 lists the images, it tells their roles and exposures.

    Raises
    ------
    UnreadableFile
        If there is no image in it, or one can't be read.
    """
    try:
        descriptor = find_descriptor(Path(folder))
        folders = [path for path in sorted(Path(folder).iterdir()) if _holds_images(path)]
    except OSError as error:
        raise UnreadableFile(
            f"{folder} can't be opened ({error.strerror}): check the folder and its permissions."
        ) from error
    if descriptor is not None:
        return [_from_list(stack) for stack in read_descriptor(descriptor)]
    found = [source for path in folders for source in from_files([path])]
    if not found or _holds_images(Path(folder)):
        found += from_files([folder])
    return found


def _from_layer(layer: Any) -> StackSource:
    if not isinstance(layer, Image):
        raise PhotonDenoiseError(
            f"'{layer.name}' is no image layer: select the layers of the dark and the flats."
        )
    data = full_data(layer)
    shape = tuple(int(size) for size in data.shape)
    if len(shape) < 3 or max(shape[:-2]) == 1:
        raise PhotonDenoiseError(
            f"'{layer.name}' is a single image: noise shows in repeated frames, so add a stack "
            "of at least two frames taken alike."
        )
    if sum(size > 1 for size in shape[:-2]) > 1:
        raise PhotonDenoiseError(
            f"'{layer.name}' has {len(shape)} dimensions {shape}: add one stack of frames "
            "(frames, Y, X) for the dark and for each brightness."
        )
    role, level = _guess(layer.name)
    return StackSource(
        layer.name, f"Layer {layer.name}", data, max(shape[:-2]), (shape[-2], shape[-1]),
        role or "flat", level, role is not None,
    )  # fmt: skip


def _from_file(path: Path) -> StackSource:
    frames, shape = _pages(path)
    role, level = _guess(path.stem, path.parent.name)
    return StackSource(
        path.name, str(path), [path], frames, shape, role or "flat", level, role is not None
    )


def _from_frames(name: str, files: list[Path]) -> StackSource:
    folder = files[0].parent
    role, level = _guess(files[0].stem, folder.name)
    return StackSource(
        name, f"{len(files)} files in {folder}", files, len(files),
        _pages(files[0])[1], role or "flat", level, role is not None,
    )  # fmt: skip


def _from_list(stack: ListedStack) -> StackSource:
    files, folder = list(stack.files), stack.files[0].parent
    name = next(iter(group_frames(files))) if len(files) > 1 else files[0].stem
    return StackSource(
        name, f"{len(files)} files in {folder}", files,
        len(files), stack.shape, stack.role, str(Level(stack.exposure, "ms")),
    )  # fmt: skip


def _guess(*names: str) -> tuple[Role | None, str]:
    levels: list[Level] = [level for name in names if (level := guess_level(name))]
    return guess_role(*names), str(levels[0]) if levels else ""


def _pages(path: Path) -> tuple[int, tuple[int, int]]:
    """Count the frames of a file: nothing but its header is read."""
    with read(path) as image:
        shape = tuple(int(size) for size in image.data.shape)
    frames = 1
    for size in shape[:-2]:
        frames *= size
    return frames, (shape[-2], shape[-1])


def _holds_images(path: Path) -> bool:
    if not path.is_dir() or path.name.startswith(".") or is_image(path):
        return False
    return any(map(is_image, path.iterdir()))
