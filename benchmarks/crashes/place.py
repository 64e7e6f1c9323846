"""An image, its result shard by shard, and what a broken run has left of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from benchmarks.faults.child import Child, attempt, start
from benchmarks.faults.outcome import Ended

from napari_photon_denoise.io.write import write_image
from napari_photon_denoise.shards.finish import kept_parts
from napari_photon_denoise.shards.plan import plan_again
from napari_photon_denoise.shards.records import Records

SHAPE, SEED = (96, 256, 256), 1
CUT = ("--chunk", "16,64,64", "--shard-size", "1", "--tile", "64")
SHARDS = 24
METHOD = ("--method", "gaussian", "--sigma-z", "1")
CAMERA = ("--gain", "0.5", "--offset", "100", "--read-noise", "1.5")
_OWN = re.compile(rb'"(input|output)": "[^"]*"|urn:uuid:[0-9a-f-]+')


def save_input(path: Path, seed: int = SEED) -> None:
    """Write the image."""
    rng = np.random.default_rng(seed)
    counts = (100 + 2 * rng.poisson(30 * (1 + rng.random(SHAPE[-2:])), SHAPE)).astype(np.uint16)
    write_image(path, counts, "ZYX", overwrite=True)


@dataclass(frozen=True)
class Place:
    """A folder with an image, and its result.

    Parameters
    ----------
    folder : Path
    source : Path
        The image.
    """

    folder: Path
    source: Path

    @property
    def store(self) -> Path:
        """The result."""
        return self.folder / "clean.ome.zarr"

    def words(self, *more: str) -> list[str]:
        """Return the words of the command."""
        named = ["denoise", str(self.source), "-o", str(self.store)]
        return [*named, *METHOD, *CAMERA, *CUT, *more]

    def begin(self, *more: str) -> Child:
        """Begin a run."""
        from napari_photon_denoise.cli import main

        words = self.words(*more)
        return start(lambda: main(words), self.folder / "log")

    def run(self, *more: str) -> Ended:
        """Run to the end."""
        return attempt(self.words(*more), self.folder / "log", memory=None)

    def recorded(self) -> int:
        """Return how many shards are recorded as done, and are as they were then."""
        kept = kept_parts(self.store)
        return 0 if kept is None else kept[0]

    def times(self) -> dict[int, int]:
        """Return when each recorded shard was written, ns since 1970."""
        records = Records(self.store)
        if records.begun() is None:
            return {}
        level = plan_again(self.store)[1][0].level0
        files = {number: next(iter(level.files(number))) for number in records.seen([level])}
        return {number: file.stat().st_mtime_ns for number, file in files.items()}

    def written(self) -> int:
        """Return how many shards have a file, recorded or not."""
        return sum(1 for file in self.store.glob("0/c/*/*/*") if file.suffix != ".partial")

    def pixels(self) -> dict[str, bytes]:
        """Return all files of the result, but for what names its own place."""
        return {
            file.relative_to(self.store).as_posix(): _OWN.sub(b"", file.read_bytes())
            if "/c/" not in file.as_posix()
            else file.read_bytes()
            for file in sorted(self.store.rglob("*"))
            if file.is_file()
        }

    def left_over(self) -> list[str]:
        """Return what lies about that no whole run leaves, in the folder and among the records."""
        beside = [path.name for path in self.folder.iterdir()]
        records = [path.name for path in Records(self.store).folder.rglob("*")]
        return [name for name in (*beside, *records) if name.endswith((".part", ".lock"))]
