"""How good the classical filters are, on simulated scenes whose truth is known.

Each method has its default parameters and the camera's calibration; the Gaussian is also
shown at the sigma that is best when the truth is known, which no user can choose. "NLM in
the stabilised domain" averages the transformed values and inverts the average, as is
usual, with the same patches and weights.

    python benchmarks/quality.py            prints a Markdown table
    python benchmarks/quality.py --json F   writes the figures too
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from napari_photon_denoise.kernels.cpu import nonlocal_means

import napari_photon_denoise as npd
from napari_photon_denoise.camera.anscombe import anscombe, inverse_anscombe
from napari_photon_denoise.metrics import bias, mse, psnr, ssim
from napari_photon_denoise.virtual.samples import Sample, make_sample

SCENES = ("filaments", "nuclei", "membranes", "stack")
PHOTONS = (1, 10, 100)
SIGMAS = np.arange(0.3, 4.01, 0.1)
METHODS = {
    "box 3": npd.Box(),
    "median 3": npd.Median(),
    "Gaussian 1": npd.Gaussian(),
    "NLM": npd.NonlocalMeans(),
}


def stabilised_average(sample: Sample) -> np.ndarray:
    """Non-local means the usual way: average in the Anscombe domain, then invert."""
    camera = sample.calibration
    # One number for the read noise: the transform of a map mixes what it averages.
    read_noise = float(np.median(camera.read_noise))
    photons = camera.to_photons(sample.counts)
    planes = photons.reshape(-1, 1, *photons.shape[-2:])
    clean = []
    for plane in planes:
        guide = anscombe(plane, read_noise)
        average = nonlocal_means(
            guide, guide, None, patch=(1, 5, 5), distance=(0, 6, 6), h=0.9, sigma=1.0
        )
        clean.append(inverse_anscombe(average, read_noise))
    return np.concatenate(clean).reshape(photons.shape)


def results(sample: Sample) -> dict[str, np.ndarray]:
    """Every method's result on one sample, with the best Gaussian first."""
    camera = sample.calibration
    gaussians = {
        f"best Gaussian ({sigma:.1f})": npd.denoise(
            sample.counts, camera, npd.Gaussian(sigma=sigma)
        )
        for sigma in SIGMAS
    }
    best = min(gaussians, key=lambda name: mse(gaussians[name], sample.truth))
    found = {"raw": camera.to_photons(sample.counts), best: gaussians[best]}
    for name, method in METHODS.items():
        found[name] = npd.denoise(sample.counts, camera, method)
    if sample.axes == "ZYX":
        deep = npd.NonlocalMeans(patch=3, distance=4, patch_z=3, distance_z=2)
        found["NLM 3-D"] = npd.denoise(sample.counts, camera, deep)
    found["NLM in the stabilised domain"] = stabilised_average(sample)
    return found


def measured(sample: Sample) -> dict[str, dict[str, float]]:
    """PSNR (dB), SSIM and bias (% of the mean) of every method."""
    peak = float(np.ptp(sample.truth))
    return {
        name: {
            "psnr": psnr(image, sample.truth, peak),
            "ssim": ssim(image, sample.truth, peak),
            "bias": 100 * bias(image, sample.truth) / float(sample.truth.mean()),
        }
        for name, image in results(sample).items()
    }


def main() -> None:
    """Print a row a scene and light level: PSNR, SSIM, bias."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    everything = {
        f"{scene}, {photons}": measured(make_sample(scene, photons=photons))
        for scene in SCENES
        for photons in PHOTONS
    }
    columns = ("raw", "best Gaussian", *METHODS, "NLM 3-D", "NLM in the stabilised domain")
    print("| scene, photons |", " | ".join(columns), "|")
    print("|---|" + "---|" * len(columns))
    for title, found in everything.items():
        cells = []
        for column in columns:
            # The best Gaussian's name ends with its sigma.
            name = next((one for one in found if one.split(" (")[0] == column), None)
            if name is None:
                cells.append("")
                continue
            figures = found[name]
            sigma = f", σ {name.split('(')[1][:-1]}" if "(" in name else ""
            cells.append(
                f"{figures['psnr']:.1f} / {figures['ssim']:.2f} / {figures['bias']:+.1f}{sigma}"
            )
        print(f"| {title} |", " | ".join(cells), "|")
    if chosen.json:
        chosen.json.write_text(json.dumps(everything, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
