"""Print the tables: peers' scores (remembered in the cache), and those of weights."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from benchmarks.validation import sets
from benchmarks.validation.case import Case
from benchmarks.validation.peers import PEERS, network
from benchmarks.validation.score import checks, evaluate, markdown, means, merge


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.validation", description=__doc__)
    parser.add_argument("data", type=Path, help="folder with pairs, repeats and correlated")
    parser.add_argument("--cache", type=Path, help="folder that remembers the peers' scores")
    parser.add_argument("--quick", action="store_true", help="some cropped cases of each set")
    parser.add_argument("--only", nargs="+", metavar="SET", help="these sets alone")
    parser.add_argument("--weights", nargs="*", default=[], metavar="FILE")
    parser.add_argument("--without", nargs="*", default=[], metavar="PEER")
    parser.add_argument("--alone", action="store_true", help="the weights alone, without peers")
    parser.add_argument("--each", action="store_true", help="print every case, not only means")
    parser.add_argument("--check", action="store_true", help="print the cases' noise, no scores")
    parser.add_argument("--json", type=Path, help="write all figures")
    return parser.parse_args()


def cases(chosen: argparse.Namespace) -> Iterator[Case]:
    """Make the chosen cases one by one."""
    if chosen.quick:
        yield from (
            one for one in sets.quick(chosen.data) if not chosen.only or one.set_name in chosen.only
        )
        return
    for entry in sets.entries(chosen.data):
        if not chosen.only or entry.set_name in chosen.only:
            yield entry.make()


def main() -> None:
    """Print what was asked for."""
    chosen = arguments()
    if chosen.check:
        print(checks(cases(chosen)))
        return
    left_out = PEERS if chosen.alone else chosen.without
    peers = {name: peer for name, peer in PEERS.items() if name not in left_out}
    cache = chosen.cache / "peers.json" if chosen.cache else None
    scores = evaluate(peers, cases(chosen), cache)
    networks = {Path(path).stem: network(path) for path in chosen.weights}
    if networks:
        scores = merge(scores, evaluate(networks, cases(chosen)))
    print(markdown(scores, each=chosen.each))
    if chosen.json:
        everything = {"cases": scores, "means": means(scores)}
        text = json.dumps(everything, indent=2, default=asdict)
        chosen.json.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
