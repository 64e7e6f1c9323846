"""What is done of a result, recorded beside it: a file for each shard, and one for what was begun.

A record says how the shard's files were when it was done: size and time of change. What was
changed or lost since is not done. Records of another recipe or image are never taken over: what
was begun is compared as a whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from napari_photon_denoise.io.image import About, OmeText
from napari_photon_denoise.io.ome_zarr.grid import SHARD_BYTES
from napari_photon_denoise.io.ome_zarr.store import Level, ZarrFormat
from napari_photon_denoise.io.paths import written_through
from napari_photon_denoise.io.stamp import Stamp, stamp_of
from napari_photon_denoise.recipe import Recipe
from napari_photon_denoise.tally import Seen

FIRST_BYTES = 2**16
_SEEN = TypeAdapter(Seen)  # to make one takes longer than to use it
_RECORD = TypeAdapter(dict[str, Any])


class InputFacts(BaseModel):
    """What an image file was when its denoising began.

    Parameters
    ----------
    path : str
    stamp : tuple of int, optional
        Number of files, bytes, and last change; None where there is no file.
    first_bytes : str
        SHA-256 of the beginning of the first file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    path: str
    stamp: Stamp | None
    first_bytes: str

    @classmethod
    def of(cls, path: Path, files: Sequence[Path]) -> Self:
        """Look at an image's files."""
        first = next((file for file in files if file.is_file()), None)
        begin = b""
        if first is not None:
            with first.open("rb") as file:
                begin = file.read(FIRST_BYTES)
        return cls(
            path=str(path.resolve()),
            stamp=stamp_of(files),
            first_bytes=hashlib.sha256(begin).hexdigest(),
        )


class StoreFacts(BaseModel):
    """How one of the results is stored."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    shape: tuple[int, ...]
    chunk: tuple[int, ...]
    shard: tuple[int, ...]
    dtype: str
    zarr_format: int

    @classmethod
    def of(cls, name: str, level: Level) -> Self:
        """Return what says how an array is stored."""
        grid = level.grid
        return cls(
            name=name,
            shape=grid.shape,
            chunk=grid.chunk,
            shard=grid.shard,
            dtype=level.dtype.name,
            zarr_format=level.zarr_format,
        )


class StoreOptions(BaseModel):
    """How results are to be stored, as far as the user says.

    Parameters
    ----------
    zarr_format : {2, 3}
        OME-Zarr 0.4, or 0.5.
    chunk : tuple of int, optional
        One length an axis; None chooses.
    shard_bytes : int
        At most so many, of all results together, unless a single tile has more.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    zarr_format: ZarrFormat = 3
    chunk: tuple[int, ...] | None = None
    shard_bytes: int = SHARD_BYTES


class AboutFacts(BaseModel):
    """What is written beside the pixels, but the recipe; see `io.image.About`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    axes: str
    pixel_size: dict[str, float]
    channel_names: tuple[str, ...]
    ome: OmeText | None

    @classmethod
    def of(cls, about: About) -> Self:
        """Take it from what a result is given."""
        return cls(
            axes=about.axes,
            pixel_size=dict(about.pixel_size),
            channel_names=tuple(about.channel_names),
            ome=about.ome,
        )

    def about(self, recipe: Recipe) -> About:
        """Return what a result is given."""
        return About(self.axes, self.pixel_size, self.channel_names, recipe.as_dict(), self.ome)


class Begun(BaseModel):
    """What was begun, so that only the same is gone on with.

    Parameters
    ----------
    version : int
        Of this format.
    recipe : Recipe
        With everything decided.
    input : InputFacts, optional
        None of an image in memory, which nobody can know again.
    stores : tuple of StoreFacts
        Of each result: the image, then what the method gives beside.
    options : StoreOptions
        By which they are cut.
    about : AboutFacts
    notes : tuple of str
        What the method had to say when it was prepared.
    is_ready : bool
        Whether it was prepared: what learns has learnt.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    version: int = 1
    recipe: Recipe
    input: InputFacts | None
    stores: tuple[StoreFacts, ...]
    options: StoreOptions
    about: AboutFacts
    notes: tuple[str, ...] = ()
    is_ready: bool = False

    def difference(self, other: Begun) -> str:
        """Say in what another order differs; empty if it asks for the same."""
        # Its files are compared below, or may have been moved.
        if not self.recipe.alone().is_like(other.recipe.alone()):
            return "by another recipe or version"
        if self.input != other.input:
            return "from another image, or from this one before it was changed"
        if self.stores != other.stores:
            return "in other chunks or shards"
        return ""


class Records:
    """The records beside a result.

    Parameters
    ----------
    store : Path
        The result, an OME-Zarr; of a link, the records lie beside what it points to.
    """

    def __init__(self, store: Path) -> None:
        self.store = written_through(store)
        self.folder = self.store.with_name(f".{self.store.name}.photon-denoise")

    def begun(self) -> Begun | None:
        """Return what was begun; None if nothing was, or nothing that this version understands."""
        try:
            return Begun.model_validate_json((self.folder / "begun.json").read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def begin(self, begun: Begun) -> None:
        """Record what is begun, before anything is made; what was recorded before is forgotten."""
        self.forget()
        self._done.mkdir(parents=True)
        write_down(self.folder / "begun.json", begun.model_dump_json(indent=1))

    def update(self, begun: Begun) -> None:
        """Record what is known now of what was begun."""
        write_down(self.folder / "begun.json", begun.model_dump_json(indent=1))

    def forget(self) -> None:
        """Remove all records."""
        if self.folder.exists():
            shutil.rmtree(self.folder)

    def note(self, number: int, seen: Seen, levels: Sequence[Level]) -> None:
        """Record a shard as done, in all results."""
        stamps = [level.stamp(number) for level in levels]
        record = {"seen": _SEEN.dump_python(seen, mode="json"), "stamps": stamps}
        write_down(self._done / f"{number}.json", json.dumps(record))

    def unnote(self, number: int) -> None:
        """Record no more that a shard is done: it is about to be written again."""
        (self._done / f"{number}.json").unlink(missing_ok=True)

    def seen(
        self, levels: Sequence[Level], numbers: Iterable[int] | None = None
    ) -> dict[int, Seen]:
        """Return what was seen in each shard that is done and as it was then; None asks for all."""
        found = {}
        for number in range(len(levels[0].grid)) if numbers is None else numbers:
            record = self._record(number)
            stamps = [level.stamp(number) for level in levels] if record is not None else []
            if record is not None and None not in stamps and record[1] == stamps:
                found[number] = record[0]
        return found

    def count(self) -> int:
        """Return how many shards are recorded as done, whether or not they were changed since.

        Of thousands of shares of thousands of shards, each that looked at all would keep a
        cluster's disk from all else.
        """
        return sum(1 for name in os.listdir(self._done) if name.endswith(".json"))

    def finish(self, above: Sequence[Level]) -> None:
        """Record that the result is whole, with the resolutions above the full one."""
        stamps = [_stamp_of_level(level) for level in above]
        write_down(self.folder / "finished.json", json.dumps(stamps))

    def unfinish(self) -> None:
        """Record no more that the result is whole: it is about to be written to."""
        (self.folder / "finished.json").unlink(missing_ok=True)

    @property
    def was_finished(self) -> bool:
        """Whether the result was whole once, whatever became of it."""
        return (self.folder / "finished.json").exists()

    def is_finished(self, above: Sequence[Level]) -> bool:
        """Whether the result was whole, and its upper resolutions are as they were then."""
        try:
            said = TypeAdapter(list[Stamp | None]).validate_json(
                (self.folder / "finished.json").read_bytes()
            )
        except (FileNotFoundError, ValidationError):
            return False
        return None not in said and said == [_stamp_of_level(level) for level in above]

    def _record(self, number: int) -> tuple[Seen, list[Stamp]] | None:
        try:
            said = _RECORD.validate_json((self._done / f"{number}.json").read_bytes())
            return _SEEN.validate_python(said["seen"]), [tuple(one) for one in said["stamps"]]
        except (FileNotFoundError, ValidationError, KeyError, TypeError):  # none, or half of one
            return None

    @property
    def _done(self) -> Path:
        return self.folder / "done"


def _stamp_of_level(level: Level) -> Stamp | None:
    files = [file for number in range(len(level.grid)) for file in level.files(number)]
    return stamp_of(files, most=None)


def write_down(file: Path, text: str) -> None:
    """Write a small file, whole or not at all, and see it on the disk."""
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    with part.open("w", encoding="utf-8") as written:
        written.write(text)
        written.flush()
        os.fsync(written.fileno())
    os.replace(part, file)
