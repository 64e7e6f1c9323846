"""Train, run, write."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.study.nets import NETS, WIDTHS
from benchmarks.study.training import Settings, train_all


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.study")
    verbs = parser.add_subparsers(dest="verb", required=True)

    train = verbs.add_parser("train", help="train the networks, or go on")
    train.add_argument("--steps", type=int, default=Settings.steps)
    train.add_argument("--batch", type=int, default=Settings.batch)
    train.add_argument("--patch", type=int, default=Settings.patch, help="px")
    train.add_argument("--scenes", type=int, default=Settings.scenes, help="to draw")
    train.add_argument("--held-out", type=int, default=Settings.held_out, help="of the scenes")
    train.add_argument("--widths", type=int, nargs="+", default=list(WIDTHS))
    train.add_argument("--rate", type=float, default=Settings.rate, help="learning rate")
    train.add_argument("--seed", type=int, default=0)
    train.add_argument("--only", nargs="+", choices=list(NETS), metavar="NETWORK")

    run = verbs.add_parser("run", help="denoise and measure, or go on")
    run.add_argument("--data", type=Path, help="folder with repeats; without it virtual ones only")
    run.add_argument("--only", nargs="+", metavar="SERIES", help="these series alone")
    run.add_argument("--few", action="store_true", help="two scenes of each series: a trial")

    write = verbs.add_parser("write", help="write the page and its figures")
    write.add_argument("page", type=Path, help="Markdown; figures go to images/ beside it")

    for verb in (train, run, write):
        verb.add_argument("-o", "--out", type=Path, required=True, help="folder of the study")
    return parser.parse_args()


def main() -> None:
    """Do what was asked for."""
    chosen = arguments()
    if chosen.verb == "train":
        settings = Settings(
            steps=chosen.steps,
            batch=chosen.batch,
            patch=chosen.patch,
            scenes=chosen.scenes,
            held_out=chosen.held_out,
            widths=tuple(chosen.widths),
            rate=chosen.rate,
            seed=chosen.seed,
        )
        train_all(chosen.out, settings, chosen.only or list(NETS))
    elif chosen.verb == "run":
        from benchmarks.study.runs import run_all

        run_all(chosen.out, chosen.data, chosen.only, chosen.few)
    else:
        from benchmarks.study.page import write_page

        write_page(chosen.page, chosen.out)


if __name__ == "__main__":
    main()
