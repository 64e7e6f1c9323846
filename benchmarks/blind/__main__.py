"""Print a line an image and a summary; write everything as CSV."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from benchmarks.blind import family, real
from benchmarks.blind.case import Case, Entry
from benchmarks.blind.figures import Told, ask
from benchmarks.blind.network import Denoised, compare_denoised
from benchmarks.blind.rows import HEAD, Row, write_csv
from benchmarks.blind.summary import print_summary
from benchmarks.markdown import head, print_row


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.blind", description=__doc__)
    parser.add_argument("--cache", type=Path, help="folder that keeps the simulated truths")
    parser.add_argument("--data", type=Path, help="folder of real images: pairs, repeats, ...")
    parser.add_argument("--kind", nargs="+", default=[], help="kinds that begin so alone")
    parser.add_argument("--only", nargs="+", default=[], help="names that hold this alone")
    parser.add_argument("--no-network", action="store_true", help="variances and lengths alone")
    parser.add_argument("--csv", type=Path, help="write every figure")
    parser.add_argument("--without", nargs="+", default=[], help="names that hold none of this")
    parser.add_argument("--brief", action="store_true", help="the summary alone")
    return parser.parse_args()


def chosen(asked: argparse.Namespace) -> Iterator[Entry]:
    """List the cases that were asked for."""
    listed = list(family.entries(asked.cache))
    if asked.data is not None:
        listed += real.entries(asked.data)
    for entry in listed:
        if asked.kind and not any(entry.kind.startswith(kind) for kind in asked.kind):
            continue
        if any(part in entry.name for part in asked.without):
            continue
        if not asked.only or any(part in entry.name for part in asked.only):
            yield entry


def run_network(case: Case, told: Told, cache: Path | None) -> Denoised | None:
    """Denoise where there is a truth to compare with."""
    if case.truth is None:
        return None
    camera = told.estimate.calibration() if told.estimate else None
    return compare_denoised(case, camera, cache)


def main() -> None:
    """Print what was asked for."""
    asked = arguments()
    if not asked.brief:
        print(head(*HEAD))
    rows: list[Row] = []
    for entry in chosen(asked):
        case = entry.make()
        told = ask(case)
        rows.append(
            Row.of(case, told, None if asked.no_network else run_network(case, told, asked.cache))
        )
        if not asked.brief:
            print_row(*rows[-1].cells())
    print_summary(rows)
    if asked.csv:
        write_csv(asked.csv, rows)


if __name__ == "__main__":
    main()
