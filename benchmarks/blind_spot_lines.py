"""Noise that pixels of a row share: what Noise2Void keeps of it, and structN2V takes out.

    python -m benchmarks.blind_spot_lines DATA                two real frames, two simulated ones
    python -m benchmarks.blind_spot_lines DATA --picture FILE.png
    python -m benchmarks.blind_spot_lines DATA --steps 1000   instead of 400

DATA is the validation's folder, with `pairs` and `correlated`. Every row is a training of its own
on the noisy image alone, with the same steps and seed; only what is hidden beside a pixel changes.
The real frames are two-photon images whose scanner or detector blurs noise along x; their truth is
the mean of four others, and its own noise is taken off. "Kept" is the share of the noise that is
still there: the covariance of the result's error with the noise, over the noise's variance.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from benchmarks.markdown import table
from benchmarks.validation import sets
from benchmarks.validation.case import Case, busiest

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.job import run
from napari_photon_denoise.networks.learning.blind_spot.plan_blind import STEPS, plan_blind_job
from napari_photon_denoise.networks.learning.blind_spot.settings import BlindSettings
from napari_photon_denoise.networks.learning.learner import Learner
from napari_photon_denoise.networks.predict import Predictor

CASES = {
    "correlated": ("cells1", "cells2"),
    "correlated_simulated": ("071_1_x0.5_10e", "073_1_x0.7_2e"),
}
EXTENTS = {"pixel": "Noise2Void", "line-x": "structN2V, line", "measured": "structN2V, measured"}
SHOWN = 128  # px, in the picture


def train(case: Case, settings: BlindSettings) -> Float32:
    """Return what a network makes of the image that it learnt from, (Y, X) e-."""
    plan = run(plan_blind_job([case.image], settings))
    run(Learner(plan).job())
    return Predictor(plan.network)(case.photons[None], case.read_noise)[0]


def kept(case: Case, image: Float32) -> float:
    """Share of the noise that an image still holds."""
    noise = case.photons.astype(np.float64) - case.truth
    error = image.astype(np.float64) - case.truth
    # The truth's own noise is part of both.
    shared = np.mean(noise * error) - case.truth_variance
    return float(shared / (np.mean(np.square(noise)) - case.truth_variance))


def described(case: Case, images: dict[str, Float32]) -> str:
    """Return a Markdown table."""
    lines = [
        [name, f"{case.psnr(image):.2f}", f"{100 * kept(case, image):.1f}"]
        for name, image in images.items()
    ]
    title = f"### {case.set_name}/{case.name}: noise of a sigma of {case.length_x:.2f} px along x"
    if case.length_y:
        title += f" and {case.length_y:.2f} px along y"
    return f"{title}\n\n{table(['', 'PSNR, dB', 'noise kept, %'], lines)}\n"


def draw(found: list[tuple[Case, dict[str, Float32]]], path: Path) -> None:
    """Show the tile of each image with most contrast: noisy, each result, truth."""
    columns = 2 + len(EXTENTS)
    figure, axes = plt.subplots(
        len(found), columns, figsize=(2.2 * columns, 2.35 * len(found)), squeeze=False
    )
    for line, (case, images) in zip(axes, found, strict=True):
        place = busiest(case.truth, SHOWN)
        low, high = np.percentile(case.truth[place], [0.5, 99.5])
        shown = {"noisy": case.photons} | images | {"truth": case.truth}
        for panel, (name, image) in zip(line, shown.items(), strict=True):
            panel.imshow(image[place], cmap="gray", vmin=low, vmax=high)
            said = "" if name in ("noisy", "truth") else f": {case.psnr(image):.1f} dB"
            panel.set_title(name + said, fontsize=8)
            panel.axis("off")
    figure.tight_layout()
    figure.savefig(path, dpi=80)


def main() -> None:
    """Read the options, train, print and draw."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.blind_spot_lines", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("data", type=Path, help="folder with pairs and correlated")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--picture", type=Path, metavar="FILE.png")
    chosen = parser.parse_args()
    settings = BlindSettings(epochs=max(1, chosen.steps // STEPS), patience=0)
    found = []
    for case in sets.chosen(chosen.data, CASES):
        images = {
            name: train(case, replace(settings, extent=extent)) for extent, name in EXTENTS.items()
        }
        print(described(case, images), flush=True)
        found.append((case, images))
    if chosen.picture:
        draw(found, chosen.picture)


if __name__ == "__main__":
    main()
