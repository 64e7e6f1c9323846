"""Results that somebody changed by hand, two runs at once, and images that change meanwhile."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import numpy as np
from benchmarks.crashes.place import Place, save_input
from benchmarks.faults.outcome import Ended

from napari_photon_denoise.shards.records import Records


def _shard(place: Place, rng: np.random.Generator) -> Path:
    files = sorted(place.store.glob("0/c/*/*/*"))
    return files[rng.integers(len(files))]


def truncate(place: Place, rng: np.random.Generator) -> None:
    """Cut a shard off."""
    place.run()
    file = _shard(place, rng)
    os.truncate(file, int(rng.integers(file.stat().st_size)))


def overwrite(place: Place, rng: np.random.Generator) -> None:
    """Write something else into a shard, as long as it was."""
    place.run()
    file = _shard(place, rng)
    file.write_bytes(rng.bytes(file.stat().st_size))


def delete(place: Place, rng: np.random.Generator) -> None:
    """Delete a shard of any resolution."""
    place.run()
    _shard(place, rng).unlink()


def delete_metadata(place: Place, rng: np.random.Generator) -> None:
    """Delete one of the files that say how the pixels are stored."""
    place.run()
    files = sorted(place.store.glob("**/zarr.json"))
    files = [file for file in files if file.parent.name != "OME"]
    files[rng.integers(len(files))].unlink()


def spoil_record(place: Place, rng: np.random.Generator) -> None:
    """Cut a record off."""
    place.run()
    files = sorted((Records(place.store).folder / "done").iterdir())
    file = files[rng.integers(len(files))]
    os.truncate(file, int(rng.integers(file.stat().st_size)))


def delete_records(place: Place, rng: np.random.Generator) -> None:
    """Delete all records: whose result that is, nobody knows."""
    place.run()
    shutil.rmtree(Records(place.store).folder)


def run_twice(place: Place, rng: np.random.Generator) -> Ended:
    """Begin a second run on the same output while the first one works."""
    first = place.begin()
    time.sleep(rng.uniform(0, 1))
    second = place.begin()
    ended = second.wait()
    first.wait()
    return ended


def touch_input(place: Place, rng: np.random.Generator) -> Ended:
    """Change the image's time while it is denoised; the run must notice."""
    child = place.begin()
    time.sleep(rng.uniform(0.2, 1))
    os.utime(place.source)
    return child.wait()


def rewrite_input(place: Place, rng: np.random.Generator) -> Ended:
    """Write another image in its place meanwhile, and the first one back."""
    child = place.begin()
    time.sleep(rng.uniform(0.2, 1))
    save_input(place.source, seed=2)
    ended = child.wait()
    save_input(place.source)
    return ended
