"""The classes of faults: a line of the table each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from benchmarks.faults.asking import ASKING, try_asking
from benchmarks.faults.foreign import foreign_victims
from benchmarks.faults.kills import try_early_kills, try_kills
from benchmarks.faults.outcome import Tally
from benchmarks.faults.own import camera_victims, model_victims, package_victims, recipe_victims
from benchmarks.faults.rights import TRIES, try_rights
from benchmarks.faults.scarcity import try_disks, try_memory, try_writers
from benchmarks.faults.tiffs import tiff_victims
from benchmarks.faults.victim import Victim, try_flips

MANY = 10**9


class Class(NamedTuple):
    """A class of faults.

    Parameters
    ----------
    run : function of a folder, the number of tries, and a generator
    tries : int
        How many there are usually.
    torch : bool
        Whether its commands need torch.
    most : int
        How many different ones there are.
    """

    run: Callable[[Path, int, np.random.Generator], Tally]
    tries: int = 300
    torch: bool = False
    most: int = MANY


def _flips(
    title: str, make: Callable[[Path], list[Victim]]
) -> Callable[[Path, int, np.random.Generator], Tally]:
    def run(folder: Path, tries: int, rng: np.random.Generator) -> Tally:
        whole = folder / "whole"
        whole.mkdir()
        return try_flips(title, make(whole), folder, tries, rng)

    return run


CLASSES = {
    "asking": Class(try_asking, len(ASKING), torch=True, most=len(ASKING)),
    "tiff": Class(_flips("TIFF", tiff_victims)),
    "camera": Class(_flips("camera", camera_victims)),
    "recipe": Class(_flips("recipe", recipe_victims)),
    "model": Class(_flips("safetensors", model_victims), torch=True),
    "package": Class(_flips("BioImage zip", package_victims), torch=True),
    "foreign": Class(_flips("mat, npy, YAML", foreign_victims)),
    "kills": Class(try_kills, 100, torch=True),
    "early": Class(try_early_kills, 12),
    "rights": Class(try_rights, len(TRIES), torch=True, most=len(TRIES)),
    "disk": Class(try_disks, 40, torch=True),
    "memory": Class(try_memory, 40, torch=True),
    "writers": Class(try_writers, 40, torch=True),
}
