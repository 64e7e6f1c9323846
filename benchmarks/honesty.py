"""Whether the pretrained networks can be trusted with photons: nothing lost, nothing invented.

    python -m benchmarks.honesty                        every shipped model, four tables
    python -m benchmarks.honesty --model FILE ...       these models, by name or file
    python -m benchmarks.honesty --json FILE            writes the figures too
    python -m benchmarks.honesty --pictures FOLDER      writes the worst places as PNG
    python -m benchmarks.honesty --only bias robust     these parts alone
    python -m benchmarks.honesty --quick                smaller images, fewer of them

The parts are what `photons` (conservation of photons, noise left in flat images), `bias` (mean
output over many noise seeds minus the truth, beside non-local means), `residual` (is what was
removed noise?) and `robust` (extreme images, exposures, tiles) print. Images are photons of
Poisson and Gaussian noise, not rounded to counts; the scenes' read noise is the map of the
virtual sCMOS camera. A figure that misses its target stands in bold.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.honesty_images import Candidate, networks
from benchmarks.honesty_photons import conservation, flats, residuals
from benchmarks.honesty_robust import robustness
from benchmarks.honesty_structure import bias_maps

from napari_photon_denoise.models import shipped_models

Figures = list[dict[str, Any]]


def photons(candidates: dict[str, Candidate], chosen: argparse.Namespace) -> Figures:
    """Count the photons, and measure the noise left in flat images."""
    seeds, edge = (2, 256) if chosen.quick else (8, 512)
    return [
        *conservation(candidates, seeds=seeds, edge=edge),
        *flats(candidates, seeds=seeds, edge=edge),
    ]


def bias(candidates: dict[str, Candidate], chosen: argparse.Namespace) -> Figures:
    """Average over noise and compare with the truth."""
    seeds, edge = (chosen.seeds or 6, 128) if chosen.quick else (chosen.seeds or 100, 256)
    return bias_maps(candidates, seeds=seeds, edge=edge, folder=chosen.pictures)


def residual(candidates: dict[str, Candidate], chosen: argparse.Namespace) -> Figures:
    """Look at what was removed."""
    seeds, edge = (1, 256) if chosen.quick else (4, 512)
    return residuals(candidates, seeds=seeds, edge=edge)


def robust(candidates: dict[str, Candidate], chosen: argparse.Namespace) -> Figures:
    """Feed what no one should."""
    return robustness(candidates, edge=320 if chosen.quick else 1000)


PARTS: dict[str, Callable[[dict[str, Candidate], argparse.Namespace], Figures]] = {
    "photons": photons,
    "bias": bias,
    "residual": residual,
    "robust": robust,
}


def main() -> None:
    """Read the options, measure, print and write."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.honesty", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--model", nargs="+", default=list(shipped_models()), metavar="NAME|FILE")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--seeds", type=int, help="of the bias maps; 100, or 6 with --quick")
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="where PNG files go")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    parser.add_argument("--quick", action="store_true", help="smaller images, fewer of them")
    chosen = parser.parse_args()
    candidates = networks(chosen.model, chosen.device)
    figures: dict[str, Figures] = {}
    for part in chosen.only:
        figures[part] = PARTS[part](candidates, chosen)
        if chosen.json:
            chosen.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
