"""How good the classical filters are, on simulated scenes whose truth is known.

Each method has its default parameters and the camera's calibration; the Gaussian is also
shown at the sigma that is best when the truth is known, which no user can choose. "NLM in
the stabilised domain" averages the transformed values and inverts the average, as is
usual, with the same patches and weights.

    python -m benchmarks.quality                    prints a Markdown table
    python -m benchmarks.quality --scenes nuclei    of these scenes alone
    python -m benchmarks.quality --json FILE        writes the figures too
"""

from __future__ import annotations

import argparse
import json
from functools import partial
from pathlib import Path

from benchmarks.gaussians import BEST, GAUSSIANS, best_gaussian
from benchmarks.markdown import head, print_row
from benchmarks.validation.peers import stabilised

import napari_photon_denoise as npd
from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.denoisers import AnyMethod
from napari_photon_denoise.evaluation.study import Shot, Taken, study_job
from napari_photon_denoise.evaluation.study.cells import Cell, measure_cell
from napari_photon_denoise.job import run
from napari_photon_denoise.kernels.nonlocal_means import nonlocal_means
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.virtual.samples import make_sample

SCENES = ("filaments", "nuclei", "membranes", "stack")
PHOTONS = (1, 10, 100)
METHODS: dict[str, AnyMethod] = {
    "box 3": npd.Box(),
    "median 3": npd.Median(),
    "Gaussian 1": npd.Gaussian(),
    "NLM": npd.NonlocalMeans(),
}
DEEP: dict[str, AnyMethod] = {
    "NLM 3-D": npd.NonlocalMeans(patch=3, distance=4, patch_z=3, distance_z=2)
}
STABILISED = "NLM in the stabilised domain"


def taken(scene: str, photons: float) -> Taken:
    """Photograph a scene."""
    sample = make_sample(scene, photons=photons)
    return Taken(Photons(sample.counts, sample.calibration, sample.axes), sample.truth)


def average(guide: Float32) -> Float32:
    """Average like patches of a plane of unit noise."""
    block = guide[None]
    sizes = {"patch": (1, 5, 5), "distance": (0, 6, 6)}
    return nonlocal_means(block, block, None, **sizes, h=0.9, sigma=1.0)[0]


def measured(scene: str, photons: float) -> tuple[dict[str, Cell], str]:
    """Measure every method on a scene; also say which Gaussian is the best."""
    shot = Shot(scene, photons, partial(taken, scene, photons))
    one = shot.make()
    whole = (slice(None),) * len(one.photons.shape)
    raw, read_noise = one.photons.read(whole), one.photons.read_noise(whole)
    deep = DEEP if one.photons.axes == "ZYX" else {}
    study = run(study_job([shot], GAUSSIANS | METHODS | deep, device="cpu"))
    best = best_gaussian(study, scene)
    cells = {"raw": measure_cell(raw, raw, one.truth), BEST: best.cell}
    cells |= {row.method: row.cell for row in study.rows}
    clean = stabilised(raw, read_noise, average)
    return cells | {STABILISED: measure_cell(raw, clean, one.truth)}, best.method


def main() -> None:
    """Print a row a scene and light level: PSNR, SSIM, bias."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--scenes", nargs="+", choices=SCENES, default=SCENES)
    parser.add_argument("--json", type=Path)
    chosen, everything = parser.parse_args(), {}
    columns = ("raw", BEST, *METHODS, *DEEP, STABILISED)
    print(head("scene, photons", *columns))
    for scene in chosen.scenes:
        for photons in PHOTONS:
            cells, best = measured(scene, photons)
            texts = {
                name: f"{cell['psnr'].value:.1f} / {cell['ssim'].value:.2f} "
                f"/ {cell.bias_percent:+.1f}"
                for name, cell in cells.items()
            }
            texts[BEST] += best.removeprefix(BEST)
            print_row(f"{scene}, {photons}", *(texts.get(name, "") for name in columns))
            everything[f"{scene}, {photons}"] = {n: cell.as_dict() for n, cell in cells.items()}
    if chosen.json:
        chosen.json.write_text(json.dumps(everything, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
