"""Train; measure and write."""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path

from benchmarks.study.methods import BY_SERIES
from benchmarks.study.nets import NETS, SLUGS
from benchmarks.study.runs import run_all
from benchmarks.study.training import Settings, train


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.study")
    verbs = parser.add_subparsers(dest="verb", required=True)

    training = verbs.add_parser("train", help="train the networks, or go on")
    for field in fields(Settings):
        default = field.default
        several = isinstance(default, tuple)
        training.add_argument(
            f"--{field.name.replace('_', '-')}",
            type=type(default[0] if several else default),
            nargs="+" if several else None,
            default=default,
            help="see training.Settings",
        )
    training.add_argument("--only", nargs="+", choices=SLUGS.values(), metavar="NETWORK")

    run = verbs.add_parser("run", help="denoise, measure and write, or go on")
    run.add_argument("page", type=Path, help="Markdown; figures go to images/ beside it")
    run.add_argument("--data", type=Path, help="folder with repeats; without it virtual ones only")
    run.add_argument("--only", nargs="+", choices=BY_SERIES, help="these series alone")
    run.add_argument("--few", action="store_true", help="two scenes of each series: a trial")

    for verb in (training, run):
        verb.add_argument("-o", "--out", type=Path, required=True, help="folder of the study")
    return parser.parse_args()


def main() -> None:
    """Do what was asked for."""
    chosen = arguments()
    if chosen.verb == "run":
        run_all(chosen.page, chosen.out, chosen.data, chosen.only, chosen.few)
        return
    chosen.widths = tuple(chosen.widths)
    settings = Settings(**{field.name: getattr(chosen, field.name) for field in fields(Settings)})
    for title in NETS:
        if not chosen.only or SLUGS[title] in chosen.only:
            train(chosen.out, title, settings)


if __name__ == "__main__":
    main()
