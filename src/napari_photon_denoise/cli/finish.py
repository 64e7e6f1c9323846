"""``photon-denoise finish``: results whose parts were made by several jobs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from napari_photon_denoise.cli.console import run_with_bar, say
from napari_photon_denoise.shards.finish import finish_store_job


def add_command(commands: Any) -> None:
    """Add ``finish``."""
    parser = commands.add_parser(
        "finish",
        help="finish an OME-Zarr whose parts were made in shares",
        description="See that all parts of an OME-Zarr are done, make its smaller resolutions, and "
        "make it an image to all readers. For jobs that each made a share (--shards K/N): run it "
        "when all have ended.",
    )
    parser.add_argument("results", nargs="+", metavar="OUT", help="result (.ome.zarr)")
    parser.set_defaults(command=_finish)


def _finish(chosen: argparse.Namespace) -> int:
    for result in chosen.results:
        store = Path(result)
        for path in run_with_bar(finish_store_job(store), store.name):
            say(f"{path}: finished")
    return 0
