"""Print a line an image and a summary; write everything as CSV."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from benchmarks.blind import family
from benchmarks.blind.case import Entry
from benchmarks.blind.figures import ask
from benchmarks.blind.rows import HEAD, Row, write_csv
from benchmarks.blind.summary import print_summary
from benchmarks.markdown import head, print_row


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.blind", description=__doc__)
    parser.add_argument("--cache", type=Path, help="folder that keeps the simulated truths")
    parser.add_argument("--kind", nargs="+", default=[], help="kinds that begin so alone")
    parser.add_argument("--only", nargs="+", default=[], help="names that hold this alone")
    parser.add_argument("--no-network", action="store_true", help="variances and lengths alone")
    parser.add_argument("--csv", type=Path, help="write every figure")
    parser.add_argument("--brief", action="store_true", help="the summary alone")
    return parser.parse_args()


def chosen(asked: argparse.Namespace) -> Iterator[Entry]:
    """List the cases that were asked for."""
    for entry in family.entries(asked.cache):
        if asked.kind and not any(entry.kind.startswith(kind) for kind in asked.kind):
            continue
        if not asked.only or any(part in entry.name for part in asked.only):
            yield entry


def main() -> None:
    """Print what was asked for."""
    asked = arguments()
    if not asked.brief:
        print(head(*HEAD))
    rows: list[Row] = []
    for entry in chosen(asked):
        case = entry.make()
        rows.append(Row.of(case, ask(case)))
        if not asked.brief:
            print_row(*rows[-1].cells())
    print_summary(rows)
    if asked.csv:
        write_csv(asked.csv, rows)


if __name__ == "__main__":
    main()
