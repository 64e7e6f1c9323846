"""`kill -9`: of the process, of a worker, of the scheduler; and disks that fill up."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import numpy as np
import psutil
from benchmarks.crashes.place import SHARDS, Place
from benchmarks.faults.outcome import Ended

LIMIT = 120.0  # s, in which a run ends or goes on by itself
BETWEEN = 0.1  # s, at most, after a shard was written


def kill_process(place: Place, rng: np.random.Generator, *, seconds: float) -> None:
    """Kill the run."""
    child = place.begin()
    time.sleep(rng.uniform(0.05, seconds))
    child.send(signal.SIGKILL)
    child.wait()


def kill_overwriting(place: Place, rng: np.random.Generator, *, seconds: float) -> None:
    """Kill a run that replaces a whole result, of another recipe."""
    place.run("--sigma", "2")
    child = place.begin("--overwrite")
    time.sleep(rng.uniform(0.0, seconds / 4))
    child.send(signal.SIGKILL)
    child.wait()


def kill_worker(place: Place, rng: np.random.Generator) -> Ended:
    """Kill one of two workers of this computer, when so and so many shards are written."""
    child = place.begin("--workers", "2")
    _wait_for_shards(place, child.number, int(rng.integers(SHARDS)))
    time.sleep(rng.uniform(0, BETWEEN))
    workers = _workers_of(child.number)
    if workers:
        workers[rng.integers(len(workers))].kill()
    return child.wait()


def kill_scheduler(place: Place, rng: np.random.Generator) -> Ended:
    """Kill the scheduler of a cluster that runs already; the next run has none."""
    with _cluster(place) as (scheduler, address):
        child = place.begin("--scheduler", address)
        _wait_for_shards(place, child.number, int(rng.integers(SHARDS)))
        time.sleep(rng.uniform(0, BETWEEN))
        scheduler.kill()
        return child.wait()


def _wait_for_shards(place: Place, number: int, shards: int) -> None:
    end = time.monotonic() + LIMIT
    while time.monotonic() < end and psutil.Process(number).status() != psutil.STATUS_ZOMBIE:
        if place.written() >= shards and place.store.exists():
            return
        time.sleep(0.005)


def _workers_of(number: int) -> list[psutil.Process]:
    """Return the processes that a run has begun, but for those that only look after others."""
    try:
        below = psutil.Process(number).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    return [one for one in below if "spawn_main" in " ".join(one.cmdline())]


@contextmanager
def _cluster(place: Place) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Begin a scheduler and two workers of one thread."""
    file = place.folder / "scheduler.json"
    begin = partial(subprocess.Popen, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    words = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    scheduler = begin([*words, "--scheduler-file", str(file), "--port", "0", "--no-dashboard"])
    words = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(file)]
    workers = [begin([*words, "--nthreads", "1", "--no-nanny", "--no-dashboard"]) for _ in "ab"]
    try:
        end = time.monotonic() + LIMIT
        while not file.exists() and time.monotonic() < end:
            time.sleep(0.1)
        time.sleep(3)
        yield scheduler, str(file)
    finally:
        for process in (scheduler, *workers):
            process.kill()
            process.wait()
        file.unlink(missing_ok=True)


def fill_disk(place: Place, rng: np.random.Generator) -> Ended:
    """Have the result on a small disk, which another program fills up; then it makes room."""
    disk = place.folder / "disk"
    disk.mkdir()
    made = ["mount", "-t", "tmpfs", "-o", "size=24m", "crashes", str(disk)]
    subprocess.run(made, check=True, capture_output=True)
    (place.folder / "clean.ome.zarr").symlink_to(disk / "clean.ome.zarr")
    other = disk / "other"
    other.write_bytes(bytes(int(rng.uniform(4, 23) * 2**20)))
    ended = place.run()
    other.unlink()
    return ended


def free_disk(place: Place) -> None:
    """Take the small disk away."""
    disk = place.folder / "disk"
    if disk.is_mount():
        subprocess.run(["umount", str(disk)], check=True)
