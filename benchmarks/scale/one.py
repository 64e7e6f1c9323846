"""One cell of a table in a process of its own, so that its memory is its own; prints JSON."""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.scale.runs import run_parts, run_pipeline

from napari_photon_denoise.denoisers import make_denoiser
from napari_photon_denoise.shards.records import StoreOptions

METHODS: dict[str, tuple[str, dict[str, Any]]] = {
    "gaussian": ("gaussian", {}),
    "gaussian 3-D": ("gaussian", {"sigma_z": 1.0}),
    "nlm": ("nlm", {}),
    "resunet-2d": ("resunet", {"model": "resunet-2d"}),
    "resunet-stack": ("resunet", {"model": "resunet-stack"}),
}


def main() -> None:
    """Run a cell, several times over."""
    parser = argparse.ArgumentParser()
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("method", choices=METHODS)
    parser.add_argument("--seconds", type=float, default=1e9)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--parts", action="store_true", help="measure the parts beside")
    parser.add_argument("--shard-mib", type=int, default=256)
    asked = parser.parse_args()
    name, parameters = METHODS[asked.method]
    method = make_denoiser(name, parameters)
    options = StoreOptions(shard_bytes=asked.shard_mib * 2**20)
    rounds = []
    for _ in range(asked.rounds):
        before = os.getloadavg()[0]
        # One after another in each round, as other programs come and go.
        whole = run_pipeline(asked.source, asked.target, method, options, asked.seconds)
        parts = None
        if asked.parts:
            parts = asdict(run_parts(asked.source, asked.target, method, whole.done))
        rounds.append(
            {"method": asked.method, "run": asdict(whole), "parts": parts, "load": before}
        )
    print(json.dumps(rounds))


if __name__ == "__main__":
    main()
