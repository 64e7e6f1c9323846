"""How long each figure takes, beside reading the image and beside scikit-image's SSIM.

    python benchmarks/metrics.py                prints a table, of 2048 × 2048 px
    python benchmarks/metrics.py --json FILE    writes the figures too
    python benchmarks/metrics.py --size 512     smaller images, in seconds

Times are medians of three after a warm-up, in a process that may use all CPUs. "Reading" is the
time to read the same float32 image from a file that the system holds in memory: what nobody can
do without. Figures that run a method are shown with one that does nothing, so that only their own
work is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from skimage.metrics import structural_similarity

import napari_photon_denoise as npd
from napari_photon_denoise import metrics
from napari_photon_denoise.denoiser import Filter
from napari_photon_denoise.evaluation.ranking import rank_job
from napari_photon_denoise.evaluation.resolution import resolution_job
from napari_photon_denoise.job import run
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.virtual import scenes

READ_NOISE = 1.6
PHOTONS = 10
REPEATS = 3


def photograph(size: int) -> tuple[Any, Any, Any]:
    """Truth, noisy image and a denoised one, ``(size, size)`` float32, e-."""
    rng = np.random.default_rng(3)
    # One scene, repeated: to draw a large one takes longer than to measure it.
    scene = scenes.nuclei((256, 256), rng) * np.float32(PHOTONS)
    copies = -(-size // 256)
    truth = np.tile(scene, (copies, copies))[:size, :size]
    noise = READ_NOISE * rng.standard_normal(truth.shape)
    noisy = (rng.poisson(truth) + noise).astype(np.float32)
    clean = npd.denoise(noisy, npd.Calibration(1, 0, READ_NOISE), npd.NonlocalMeans())
    return truth, noisy, clean


def milliseconds(work: Callable[[], object]) -> float:
    """Median time of some work after a warm-up."""
    work()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times)


def nothing(photons: Any, read_noise: Any) -> Any:
    """Return what is given: a method that costs nothing."""
    return photons


def bands(image: Any) -> Any:
    """See an image as four planes, ``(4, size / 4, size)``."""
    return image.reshape(4, -1, image.shape[-1])


def figures(truth: Any, noisy: Any, clean: Any, path: Path) -> dict[str, Callable[[], object]]:
    """Work by name, reading first."""
    extent = metrics.truth_range(truth)
    camera = npd.Calibration(1, 0, READ_NOISE)
    photons = Photons(noisy, camera, "YX")
    pair = (clean, truth)
    triple = (noisy, clean, READ_NOISE)
    method: Filter = nothing
    tiles = metrics.tile_labels(noisy.shape)
    rng = np.random.default_rng(0)
    thinned = metrics.thin(noisy, READ_NOISE, rng=rng)
    return {
        "reading": lambda: np.load(path),
        "MSE": lambda: metrics.mse(*pair),
        "PSNR": lambda: metrics.psnr(*pair, extent),
        "scale-invariant PSNR": lambda: metrics.si_psnr(*pair, extent),
        "NRMSE": lambda: metrics.nrmse(*pair),
        "SNR": lambda: metrics.snr(*pair),
        "bias": lambda: metrics.bias(*pair),
        "Poisson KL": lambda: metrics.poisson_kl(*pair),
        "symmetric KL": lambda: metrics.symmetric_kl(*pair),
        "Kolmogorov-Smirnov": lambda: metrics.ks_distance(*pair),
        "SSIM": lambda: metrics.ssim(*pair, extent),
        "SSIM of scikit-image": lambda: structural_similarity(
            clean.astype(np.float64),
            truth.astype(np.float64),
            data_range=extent,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        ),
        "signal improvement": lambda: metrics.fit_signal_improvement(
            *(
                metrics.by_slice(metrics.symmetric_kl, bands(truth), bands(i))
                for i in (noisy, clean)
            )
        ),
        "MSE less the truth's noise": lambda: metrics.mse_to_noisy_truth(clean, truth, 4, 1),
        "z-map": lambda: metrics.z_map(*triple),
        "consistency": lambda: metrics.measure_consistency(*triple),
        "consistency by region": lambda: metrics.measure_region_consistency(*triple),
        "photon balance": lambda: metrics.measure_photon_balance(*triple),
        "photon balance by region": lambda: metrics.measure_photon_balance(*triple, tiles),
        "fine contrast": lambda: metrics.measure_support(*triple),
        "flags": lambda: metrics.find_flags(*triple),
        "flags of a bad image": lambda: metrics.find_flags(noisy, 0.9 * clean, READ_NOISE),
        "fit for it?": lambda: metrics.find_obstacle(photons),
        "thinning": lambda: metrics.thin(noisy, READ_NOISE, rng=rng),
        "held-out score": lambda: metrics.score_held_out(thinned, clean),
        "held-out difference": lambda: metrics.held_out_difference(thinned, clean, truth),
        "held-out, all": lambda: run(rank_job(photons, {"nothing": method})),
        "FRC": lambda: metrics.ring_correlation(noisy, clean),
        "resolution, both": lambda: run(resolution_job(photons, method)),
        "everything": lambda: npd.measure(clean, noisy, camera, truth, method=method),
    }


def main() -> None:
    """Print and write the times."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", type=Path, help="also write the figures there")
    parser.add_argument("--size", type=int, default=2048, help="edge of the image, px")
    chosen = parser.parse_args()
    images = photograph(chosen.size)
    print(f"{os.cpu_count()} CPUs; {chosen.size} × {chosen.size} px\n")
    print("| figure | ms | times reading |")
    print("|---|---|---|")
    times: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "image.npy"
        np.save(path, images[1])
        for name, work in figures(*images, path).items():
            times[name] = milliseconds(work)
            print(f"| {name} | {times[name]:.1f} | {times[name] / times['reading']:.0f} |")
    if chosen.json:
        chosen.json.write_text(json.dumps(times, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
