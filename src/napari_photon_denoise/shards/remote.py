"""All that another process needs to do shards, small enough to be sent.

Pixels are not sent: every process reads the image and writes the result by their paths, which all
of them must see. The camera's maps are sent once.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.denoisers import AnyMethod
from napari_photon_denoise.io.ome_zarr.store import Level
from napari_photon_denoise.pipeline import Units
from napari_photon_denoise.shards.records import InputFacts


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
