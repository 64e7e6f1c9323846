"""Break runs in all ways, and print the table."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
from benchmarks.crashes import killed, spoiled
from benchmarks.crashes.place import Place, save_input
from benchmarks.crashes.trial import TITLES, Tried, Way, attempt
from benchmarks.faults.child import learn_imports, warm_up
from benchmarks.markdown import head, print_row


def ways(seconds: float) -> dict[str, Way]:
    """Return all ways; a run takes so many seconds."""
    process = partial(killed.kill_process, seconds=seconds)
    again = partial(killed.kill_overwriting, seconds=seconds)
    anew = ("--overwrite",)
    return {
        "process": Way("kill -9 of the process", process),
        "overwriting": Way("kill -9 of one that replaces another result", again, anew),
        "worker": Way("kill -9 of one of two workers", killed.kill_worker),
        "scheduler": Way("kill -9 of the scheduler, and workers lost", killed.kill_scheduler),
        "disk": Way("full disk (24 MB)", killed.fill_disk),
        "truncate": Way("a shard truncated", spoiled.truncate),
        "overwrite": Way("a shard overwritten", spoiled.overwrite),
        "delete": Way("a shard deleted", spoiled.delete),
        "metadata": Way("a zarr.json deleted", spoiled.delete_metadata),
        "record": Way("a record truncated", spoiled.spoil_record),
        "records": Way("all records deleted, --overwrite", spoiled.delete_records, anew),
        "twice": Way("two runs at once", spoiled.run_twice),
        "touch": Way("input touched, --overwrite", spoiled.touch_input, anew),
        "rewrite": Way("input rewritten and back, --overwrite", spoiled.rewrite_input, anew),
    }


def main() -> int:
    """Do what was asked for; 1 if anything went wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crashes")
    parser.add_argument("--only", nargs="+", choices=ways(1), default=[*ways(1)])
    parser.add_argument("--tries", type=int, default=20, help="of each")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, help="for the files (default: a temporary one)")
    chosen = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"  # small images, and many tries
    warm_up(torch=False)
    faults: list[str] = []
    with tempfile.TemporaryDirectory(dir=chosen.folder, ignore_cleanup_errors=True) as folder:
        first = _place(Path(folder), "right")
        learn_imports(first.folder, first.words())
        subprocess.run(["rm", "-rf", str(first.store)], check=True)
        began = time.monotonic()
        first.run("--overwrite")
        all_ways = ways(time.monotonic() - began)
        print(head(*TITLES), flush=True)
        for number, name in enumerate(chosen.only):
            tried = Tried()
            for turn in range(chosen.tries):
                place = _place(Path(folder), f"{name}-{turn}")
                rng = np.random.default_rng((chosen.seed, number, turn))
                try:
                    attempt(all_ways[name], place, first.pixels(), rng, tried)
                finally:
                    killed.free_disk(place)
                    subprocess.run(["rm", "-rf", str(place.folder)], check=True)
            print_row(*tried.row(all_ways[name].title))
            faults += tried.wrong
    print(*faults, sep="\n\n", file=sys.stderr)
    return 1 if faults else 0


def _place(folder: Path, name: str) -> Place:
    inside = folder / name
    inside.mkdir()
    place = Place(inside, inside / "cells.ome.tif")
    save_input(place.source)
    return place


if __name__ == "__main__":
    sys.exit(main())
