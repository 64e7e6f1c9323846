"""Images larger than memory into OME-Zarr: speed, memory, and what the pipeline adds.

    python -m benchmarks.scale FOLDER                      all sizes and methods: hours
    python -m benchmarks.scale FOLDER --sizes 0.1 1        these, GB
    python -m benchmarks.scale FOLDER --seconds 120        each is stopped after so long
    python -m benchmarks.scale FOLDER --ratios             what the pipeline adds, instead
    python -m benchmarks.scale FOLDER --writing            sharded against unsharded, instead

The images are stacks of 2048 × 2048 px, 16 bits, made of a few chunks that are linked to again and
again (`sample.py`): they take no disk, and reading them costs what decoding costs. Results are
written to FOLDER, float32, twice as large as the image. Each cell is a process of its own. What was
measured is kept in FOLDER/figures.json, and not measured again.

A ratio is the time of the pipeline over that of the method's function on the same blocks in memory
plus that of a copy by zarr alone, one after the other in each round, median of the rounds. Times of
the processors are given beside those of the clock: other programs disturb them less.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.markdown import head, print_row
from benchmarks.scale.one import METHODS
from benchmarks.scale.sample import make_sample
from benchmarks.scale.writing import print_writing

SPEED = (
    *("GB", "method", "shards done", "Mpx/s", "GB/s read", "GB/s of result", "smaller resolutions"),
    *("peak MiB after 3 shards", "in the end", "load"),
)
RATIO = (
    *("GB", "method", "filter, s", "copy, s", "pipeline, s", "ratio", "of processor time"),
    *("begin, s", "smaller resolutions, s", "load"),
)


def main() -> None:
    """Print the tables that were asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale")
    parser.add_argument("folder", type=Path, help="on a local disk, with room for the results")
    parser.add_argument("--sizes", type=float, nargs="+", default=[0.1, 1, 5, 20], metavar="GB")
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS)[:4])
    parser.add_argument("--seconds", type=float, default=1e9, help="in which shards are done")
    parser.add_argument("--rounds", type=int, default=3, help="of ratios")
    parser.add_argument("--shard-mib", type=int, default=256)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--ratios", action="store_true")
    what.add_argument("--writing", action="store_true")
    asked = parser.parse_args()
    asked.folder.mkdir(exist_ok=True)
    if asked.writing:
        print_writing(asked.folder, asked.rounds)
        return
    print(f"{os.cpu_count()} processors, shards of {asked.shard_mib} MiB\n")
    print(head(*(RATIO if asked.ratios else SPEED)), flush=True)
    for size in asked.sizes:
        for method in asked.methods:
            rounds = _measure(asked, size, method)
            print_row(*(_ratio(size, method, rounds) if asked.ratios else _speed(size, rounds[0])))


def _measure(asked: argparse.Namespace, size: float, method: str) -> list[dict[str, Any]]:
    """Measure a cell, unless that was done."""
    kept = asked.folder / "figures.json"
    known = json.loads(kept.read_text()) if kept.exists() else {}
    rounds = asked.rounds if asked.ratios else 1
    key = f"{size:g} {method} {asked.shard_mib} {asked.seconds:g} {asked.ratios} {rounds}"
    if key not in known:
        words = [str(make_sample(asked.folder, size)), str(asked.folder / "out.ome.zarr"), method]
        words += ["--seconds", f"{asked.seconds}", "--rounds", f"{rounds}"]
        words += ["--shard-mib", f"{asked.shard_mib}", *(["--parts"] if asked.ratios else [])]
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.scale.one", *words]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        known[key] = json.loads(done.stdout)
        kept.write_text(json.dumps(known, indent=1))
    return list(known[key])


def _speed(size: float, one: dict[str, Any]) -> list[str]:
    run = one["run"]
    rate = run["megapixels"] / run["shards"]["wall"]
    peaks = run["peaks"]
    return [
        f"{size:g}",
        one["method"],
        f"{run['done']} of {run['total']}",
        f"{rate:.1f}",
        f"{rate * 2e-3:.3f}",
        f"{rate * 4e-3:.3f}",
        f"{100 * run['pyramid']['wall'] / run['shards']['wall']:.0f} % more",
        f"{peaks[min(3, len(peaks) - 1)]:.0f}",
        f"{peaks[-1]:.0f}",
        f"{one['load']:.1f}",
    ]


def _ratio(size: float, method: str, rounds: list[dict[str, Any]]) -> list[str]:
    def median(part: str, name: str, clock: str = "wall") -> float:
        return statistics.median(one[part][name][clock] for one in rounds)

    def ratio(clock: str) -> float:
        return statistics.median(
            one["run"]["shards"][clock]
            / (one["parts"]["filter"][clock] + one["parts"]["copy"][clock])
            for one in rounds
        )

    return [
        f"{size:g}",
        method,
        f"{median('parts', 'filter'):.2f}",
        f"{median('parts', 'copy'):.2f}",
        f"{median('run', 'shards'):.2f}",
        f"{ratio('wall'):.2f}",
        f"{ratio('cpu'):.2f}",
        f"{median('run', 'begin'):.2f}",
        f"{median('run', 'pyramid'):.2f}",
        f"{statistics.median(one['load'] for one in rounds):.1f}",
    ]


if __name__ == "__main__":
    main()
