"""Finished cells as one JSON file, written as a whole after each."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from napari_photon_denoise.errors import PhotonDenoiseError, UnreadableFile
from napari_photon_denoise.evaluation.study.cells import Cell
from napari_photon_denoise.io.text import as_json
from napari_photon_denoise.io.whole import whole_file
from napari_photon_denoise.recipe import Recipe

STUDY_VERSION = 1
RESULTS = "results.json"

Identity = dict[str, Any]  # plain values that determine a cell


def identify(image: str, content: str, recipe: Recipe) -> Identity:
    """Say what determines a cell.

    Parameters
    ----------
    image : str
        Its name.
    content : str
        SHA-256 of image and truth.
    recipe : Recipe
        Method, camera and version of the program.
    """
    return {
        "image": image,
        "content": content,
        "method": recipe.denoiser.model_dump(mode="json"),
        "camera": recipe.calibration.sha256,
        "version": recipe.version,
    }


@dataclass
class Store:
    """The cells that are finished.

    Parameters
    ----------
    path : Path or None
        Of the file; None keeps the cells in memory alone.
    cells : dict
        Each cell and what determines it, by a hash of the latter.
    """

    path: Path | None
    cells: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path | None) -> Store:
        """Read what is there, if anything; a folder that is not there is made.

        Raises
        ------
        UnreadableFile
            If the file can't be read, is no study's, or of a newer version.
        PhotonDenoiseError
            If the folder can't be made.
        """
        if path is None:
            return cls(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise PhotonDenoiseError(
                f"The folder {path.parent} can't be made ({error.strerror}): choose another."
            ) from None
        if not path.exists():
            return cls(path)
        try:
            content = json.loads(path.read_text("utf-8"))
            version, cells = content["study_version"], content["cells"]
            fits = version == STUDY_VERSION and all("figures" in cell for cell in cells.values())
        except OSError as error:
            raise UnreadableFile(f"{path} can't be read ({error.strerror}).") from None
        except (ValueError, KeyError, TypeError, AttributeError):
            fits = False
        if not fits:
            raise UnreadableFile(
                f"{path} holds no results of a study that this version understands: choose "
                "another folder."
            )
        return cls(path, cells)

    def get(self, identity: Identity) -> Cell | None:
        """Return a finished cell, or None.

        Raises
        ------
        UnreadableFile
            If the file was damaged.
        """
        found = self.cells.get(_key(identity))
        if found is None:
            return None
        try:
            return Cell.from_dict(found["figures"])
        except PhotonDenoiseError:
            raise UnreadableFile(f"{self.path} is damaged: choose another folder.") from None

    def put(self, identity: Identity, cell: Cell) -> None:
        """Add a cell, and write everything where there is a file.

        Raises
        ------
        PhotonDenoiseError
            If the file can't be written; the old one is then still there.
        """
        self.cells[_key(identity)] = identity | {"figures": cell.as_dict()}
        if self.path is None:
            return
        text = as_json({"study_version": STUDY_VERSION, "cells": self.cells})
        with whole_file(self.path) as part:
            part.write_text(text, encoding="utf-8", newline="\n")


def _key(identity: Identity) -> str:
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:16]
