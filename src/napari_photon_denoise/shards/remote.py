"""All that another process needs to do shards, small enough to be sent.

Pixels are not sent: every process reads the image and writes the result by their paths, which all
of them must see. The camera's maps are sent once.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.denoisers import AnyMethod
from napari_photon_denoise.denoisers.networked import Networked
from napari_photon_denoise.io.ome_zarr.container import Container
from napari_photon_denoise.io.ome_zarr.store import Level
from napari_photon_denoise.parameter_kinds import ChoiceParameter
from napari_photon_denoise.parameters import declared_parameters
from napari_photon_denoise.pipeline import Units
from napari_photon_denoise.shards.records import InputFacts
from napari_photon_denoise.targets import model_files


@dataclass(frozen=True, eq=False)
class Remote:
    """Everything that determines a shard, without pixels.

    Parameters
    ----------
    key : str
        Of this run, under which a process keeps what it has opened and loaded.
    source : Path
        The image.
    asked_axes : str, optional
        With which it was opened.
    axes : str
        That it then has.
    unanswered : bool
        As that of `Photons`.
    calibration : Calibration
    denoiser : AnyMethod
        That is resolved, and has learnt.
    device : {"auto", "cpu", "cuda", "mps"}
    units : {"photons", "counts"}
    tile : int, optional
    levels : tuple of Level
    store : Path
        The result, beside which the records are.
    input : InputFacts
    """

    key: str
    source: Path
    asked_axes: str | None
    axes: str
    unanswered: bool
    calibration: Calibration
    denoiser: AnyMethod
    device: str
    units: Units
    tile: int | None
    levels: tuple[Level, ...]
    store: Path
    input: InputFacts

    def anywhere(self) -> Self:
        """Return the same for a process that works in another folder: paths from the root."""
        return replace(
            self,
            source=_whole(self.source),
            denoiser=_with_whole_models(self.denoiser),
            levels=tuple(replace(level, path=_whole(level.path)) for level in self.levels),
            store=_whole(self.store),
        )

    @property
    def files(self) -> tuple[Path, ...]:
        """What is read: the image, and a model of the user's."""
        return (self.source, *model_files(self.denoiser))

    @property
    def needs_torch(self) -> bool:
        """Whether the method runs a network."""
        return isinstance(self.denoiser, Networked)


@dataclass(frozen=True, eq=False)
class Coarse:
    """One of a result's smaller resolutions, whose shards are made of the resolution below.

    Parameters
    ----------
    key : str
        Of this work, see `Remote`.
    container : Container
    level : int
        1 or more.
    """

    key: str
    container: Container
    level: int

    def anywhere(self) -> Self:
        """Return the same for a process that works in another folder: paths from the root."""
        levels = tuple(replace(one, path=_whole(one.path)) for one in self.container.levels)
        container = replace(self.container, path=_whole(self.container.path), levels=levels)
        return replace(self, container=container)

    @property
    def store(self) -> Path:
        """The result."""
        return self.container.path

    @property
    def files(self) -> tuple[Path, ...]:
        """What is read: the result itself."""
        return (self.store,)

    @property
    def needs_torch(self) -> bool:
        """Whether a network is run: no."""
        return False


def _whole(path: Path) -> Path:
    return Path(os.path.abspath(path))


def _with_whole_models(denoiser: AnyMethod) -> AnyMethod:
    """Return a method that names its models from the root."""
    files = {str(path) for path in model_files(denoiser)}
    named = {
        part.name: str(_whole(Path(value)))
        for part in declared_parameters(type(denoiser))
        if isinstance(part, ChoiceParameter)
        and (value := str(getattr(denoiser, part.name))) in files
    }
    return denoiser.model_copy(update=named) if named else denoiser
