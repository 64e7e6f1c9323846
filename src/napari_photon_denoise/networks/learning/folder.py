"""The folder of a training that is under way: what lets the same command go on where it stopped."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.lock import held
from napari_photon_denoise.io.whole import whole_file

CHECKPOINT, SETTINGS = ".checkpoint.safetensors", ".settings.json"


@dataclass(frozen=True)
class TrainingFolder:
    """A training's files.

    Parameters
    ----------
    folder : Path
        May hold several trainings; libraries of scenes are shared.
    name : str
        Of this training.
    """

    folder: Path
    name: str

    @property
    def checkpoint(self) -> Path:
        """Weights and all else that a resumed training needs."""
        return self.folder / f"{self.name}{CHECKPOINT}"

    @property
    def _settings(self) -> Path:
        return self.folder / f"{self.name}{SETTINGS}"

    def begin(self, settings: dict[str, Any]) -> str:
        """Note what is trained, or compare with what was noted.

        Parameters
        ----------
        settings : dict, as JSON has it
            All that determines the weights.

        Returns
        -------
        str
            When the training began, ISO 8601 in UTC.

        Raises
        ------
        PhotonDenoiseError
            If the folder holds a training of this name with other settings, or can't be written.
        """
        settings = json.loads(json.dumps(settings))
        if self._settings.exists():
            noted = self._noted()
            changed = [
                key
                for key in sorted(settings.keys() | noted["settings"].keys())
                if settings.get(key) != noted["settings"].get(key)
            ]
            if not changed:
                return str(noted["started"])
            if self.checkpoint.exists():
                raise PhotonDenoiseError(
                    f"{self.folder} holds an unfinished training with other settings "
                    f"({', '.join(changed)}): learn with those to go on, or work in another "
                    "folder to start anew."
                )
        started = now()
        with whole_file(self._settings) as part:
            part.write_text(json.dumps({"started": started, "settings": settings}, indent=1))
        return started

    def finish(self) -> None:
        """Remove what a finished training needs no more; libraries stay."""
        self.checkpoint.unlink(missing_ok=True)
        self._settings.unlink(missing_ok=True)
        self._leave()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other runs off this training; in the end, a folder that holds nothing goes.

        Raises
        ------
        PhotonDenoiseError
            If one works on it now.
        """
        try:
            with held(self.checkpoint):
                yield
        finally:
            self._leave()

    def _leave(self) -> None:
        """Remove the folder, unless it holds something: a library, another training, a lock."""
        with suppress(OSError):
            self.folder.rmdir()

    def _noted(self) -> dict[str, Any]:
        try:
            noted: dict[str, Any] = json.loads(self._settings.read_text())
            return {"started": noted["started"], "settings": dict(noted["settings"])}
        except (OSError, ValueError, KeyError, TypeError):
            raise PhotonDenoiseError(
                f"{self._settings} is damaged: work in another folder."
            ) from None


def make_training_folder(folder: Path, name: str, needed: int) -> TrainingFolder:
    """Make the folder, and refuse one that can't take what training will write.

    Parameters
    ----------
    folder : Path
    name : str
    needed : int
        Bytes.

    Raises
    ------
    PhotonDenoiseError
        If it can't be made or written, or the disk is too full.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PhotonDenoiseError(
            f"The folder {folder} can't be made ({error.strerror}): work in another one."
        ) from None
    check_room(folder, needed)
    return TrainingFolder(folder, name)


def check_room(folder: Path, needed: int) -> None:
    """Refuse a folder that can't be written, or whose disk is too full.

    Raises
    ------
    PhotonDenoiseError
    """
    probe = folder / f".writable.{os.getpid()}"
    try:
        try:
            probe.write_bytes(b"?")
        finally:  # on a full disk there is a file, of no bytes
            probe.unlink(missing_ok=True)
    except OSError as error:
        raise PhotonDenoiseError(
            f"The folder {folder} can't be written ({error.strerror}): choose another, before "
            "hours of training are lost."
        ) from None
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise PhotonDenoiseError(
            f"The training needs {needed / 1e9:.3f} GB in {folder}, and {free / 1e9:.3f} GB are "
            "free: make room, or choose another place."
        )


def now() -> str:
    """Return the time, ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
