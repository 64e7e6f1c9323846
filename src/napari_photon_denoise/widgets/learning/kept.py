"""Trainings that were stopped or cut off, by what they learn from and how: what can go on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

from napari_photon_denoise.denoisers.learning import Learning
from napari_photon_denoise.networks.learning.folder import CHECKPOINT, SETTINGS
from napari_photon_denoise.photons import Photons

MOST = 8  # trainings that are kept; the oldest go first
EDGE = 128  # px; of the pieces by which an image is known again
LONGEST_HEADER = 10_000_000  # bytes; anything longer is no checkpoint


@dataclass(frozen=True)
class Unfinished:
    """A training that can go on.

    Parameters
    ----------
    steps : int
        That were made.
    scores : int
        Epochs whose score is known.
    """

    steps: int
    scores: int


def folder() -> Path:
    """Return where trainings under way are kept; it need not be there yet."""
    return Path(platformdirs.user_cache_dir("napari-photon-denoise", False)) / "learning"


def name_of(images: Sequence[Photons], denoiser: Learning) -> str:
    """Name a training by all that determines it; of each image small pieces are read.

    Parameters
    ----------
    images : sequence of Photons
    denoiser : Learning
        That is resolved.
    """
    digest = hashlib.sha256(denoiser.model_dump_json().encode())
    for image in images:
        facts = [image.shape, image.axes, str(image.data.dtype), image.calibration.digest]
        digest.update(json.dumps(facts).encode())
        for place in _places(image.shape):
            digest.update(np.ascontiguousarray(image.data[place]).tobytes())
    return digest.hexdigest()[:24]


def find(name: str) -> Unfinished | None:
    """Return what there is of a training; None if there is nothing that can go on.

    Only the head of the checkpoint is read: torch would take seconds to import.
    """
    try:
        with (folder() / f"{name}{CHECKPOINT}").open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = file.read(length) if length < LONGEST_HEADER else b""
        words: dict[str, Any] = json.loads(header)["__metadata__"]
        curve = json.loads(words["curve"])
        return Unfinished(int(json.loads(words["step"])), len(curve["held_out"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def forget(name: str) -> None:
    """Remove a training."""
    for ending in (CHECKPOINT, SETTINGS):
        (folder() / f"{name}{ending}").unlink(missing_ok=True)


def tidy() -> None:
    """Remove the oldest trainings, so that they don't fill the disk."""
    found = sorted(folder().glob(f"*{SETTINGS}"), key=_age)
    for old in found[:-MOST]:
        forget(old.name.removesuffix(SETTINGS))


def _age(path: Path) -> float:
    """When a training was last written to."""
    checkpoint = path.with_name(path.name.replace(SETTINGS, CHECKPOINT))
    return max(one.stat().st_mtime for one in (path, checkpoint) if one.exists())


def _places(shape: tuple[int, ...]) -> list[tuple[slice, ...]]:
    """Pieces of the first, the middle and the last plane."""
    found = []
    for share in (0.0, 0.5, 1.0):
        index = [round(share * (size - 1)) for size in shape[:-2]]
        sides = [round(share * max(0, size - EDGE)) for size in shape[-2:]]
        found.append(
            (
                *(slice(at, at + 1) for at in index),
                *(slice(at, at + EDGE) for at in sides),
            )
        )
    return found
