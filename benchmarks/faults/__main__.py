"""Try the faults, and print the table."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
from benchmarks.faults.child import warm_up
from benchmarks.faults.classes import CLASSES
from benchmarks.faults.outcome import Tally, as_table


def main() -> int:
    """Do what was asked for; 1 if anything went wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults")
    parser.add_argument("--only", nargs="+", choices=CLASSES, default=list(CLASSES))
    parser.add_argument("--tries", type=int, help="of each class (default: as many as it has)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sentences", action="store_true", help="show what was refused, too")
    parser.add_argument("--folder", type=Path, help="for the files (default: a temporary one)")
    chosen = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"  # small images, and many tries
    warm_up(torch=any(CLASSES[name].torch for name in chosen.only))
    tallies: list[Tally] = []
    with tempfile.TemporaryDirectory(dir=chosen.folder, ignore_cleanup_errors=True) as folder:
        for number, name in enumerate(chosen.only):
            one = CLASSES[name]
            place = Path(folder) / name
            place.mkdir()
            rng = np.random.default_rng((chosen.seed, list(CLASSES).index(name)))
            tries = one.tries if chosen.tries is None else min(chosen.tries, one.most)
            tallies.append(one.run(place, tries, rng))
            print(f"{number + 1} of {len(chosen.only)}: {name}", file=sys.stderr, flush=True)
            for line in tallies[-1].examples:
                if line.startswith("sentence") and not chosen.sentences:
                    continue
                print(f"  {line}", file=sys.stderr, flush=True)
    print(as_table(tallies))
    return 1 if any(tally.bad for tally in tallies) else 0


if __name__ == "__main__":
    sys.exit(main())
