"""How long each figure takes, beside reading the image and beside scikit-image's SSIM.

    python -m benchmarks.metrics                prints a table, of 2048 × 2048 px
    python -m benchmarks.metrics --json FILE    writes the figures too
    python -m benchmarks.metrics --size 512     smaller images, in seconds

Times are medians of three after a warm-up, in a process that may use all CPUs. "Reading" is the
time to read the same float32 image from a file that the system holds in memory: what nobody can
do without. Figures that run a method are shown with one that does nothing, so that only their own
work is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.markdown import head, print_row
from benchmarks.timing import median_seconds
from skimage.metrics import structural_similarity

import napari_photon_denoise as npd
from napari_photon_denoise.denoiser import Filter
from napari_photon_denoise.evaluation.ranking import rank_job
from napari_photon_denoise.evaluation.resolution import resolution_job
from napari_photon_denoise.job import run
from napari_photon_denoise.metrics.affine import nrmse, si_psnr
from napari_photon_denoise.metrics.applicable import find_obstacle
from napari_photon_denoise.metrics.checks import truth_range
from napari_photon_denoise.metrics.conservation import measure_photon_balance
from napari_photon_denoise.metrics.consistency import measure_consistency, z_map
from napari_photon_denoise.metrics.distributions import ks_distance
from napari_photon_denoise.metrics.exposure import mse_to_noisy_truth
from napari_photon_denoise.metrics.flags import find_flags
from napari_photon_denoise.metrics.held_out import held_out_difference, score_held_out
from napari_photon_denoise.metrics.poisson import poisson_kl, symmetric_kl
from napari_photon_denoise.metrics.regions import measure_region_consistency, tile_labels
from napari_photon_denoise.metrics.resolution import ring_correlation
from napari_photon_denoise.metrics.signal_improvement import fit_signal_improvement
from napari_photon_denoise.metrics.slices import by_slice
from napari_photon_denoise.metrics.squared_error import bias, mse, psnr, snr
from napari_photon_denoise.metrics.structure import ssim
from napari_photon_denoise.metrics.support import measure_support
from napari_photon_denoise.metrics.thinning import thin
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


def nothing(photons: Any, read_noise: Any) -> Any:
    """Return what is given: a method that costs nothing."""
    return photons


def bands(image: Any) -> Any:
    """See an image as four planes, ``(4, size / 4, size)``."""
    return image.reshape(4, -1, image.shape[-1])


def figures(truth: Any, noisy: Any, clean: Any, path: Path) -> dict[str, Callable[[], object]]:
    """Work by name, reading first."""
    extent = truth_range(truth)
    camera = npd.Calibration(1, 0, READ_NOISE)
    photons = Photons(noisy, camera, "YX")
    pair = (clean, truth)
    triple = (noisy, clean, READ_NOISE)
    method: Filter = nothing
    tiles = tile_labels(noisy.shape)
    rng = np.random.default_rng(0)
    thinned = thin(noisy, READ_NOISE, rng=rng)
    return {
        "reading": lambda: np.load(path),
        "MSE": lambda: mse(*pair),
        "PSNR": lambda: psnr(*pair, extent),
        "scale-invariant PSNR": lambda: si_psnr(*pair, extent),
        "NRMSE": lambda: nrmse(*pair),
        "SNR": lambda: snr(*pair),
        "bias": lambda: bias(*pair),
        "Poisson KL": lambda: poisson_kl(*pair),
        "symmetric KL": lambda: symmetric_kl(*pair),
        "Kolmogorov-Smirnov": lambda: ks_distance(*pair),
        "SSIM": lambda: ssim(*pair, extent),
        "SSIM of scikit-image": lambda: structural_similarity(
            clean.astype(np.float64),
            truth.astype(np.float64),
            data_range=extent,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        ),
        "signal improvement": lambda: fit_signal_improvement(
            *(by_slice(symmetric_kl, bands(truth), bands(i)) for i in (noisy, clean))
        ),
        "MSE less the truth's noise": lambda: mse_to_noisy_truth(clean, truth, 4, 1),
        "z-map": lambda: z_map(*triple),
        "consistency": lambda: measure_consistency(*triple),
        "consistency by region": lambda: measure_region_consistency(*triple),
        "photon balance": lambda: measure_photon_balance(*triple),
        "photon balance by region": lambda: measure_photon_balance(*triple, tiles),
        "fine contrast": lambda: measure_support(*triple),
        "flags": lambda: find_flags(*triple),
        "flags of a bad image": lambda: find_flags(noisy, 0.9 * clean, READ_NOISE),
        "fit for it?": lambda: find_obstacle(photons),
        "thinning": lambda: thin(noisy, READ_NOISE, rng=rng),
        "held-out score": lambda: score_held_out(thinned, clean),
        "held-out difference": lambda: held_out_difference(thinned, clean, truth),
        "held-out, all": lambda: run(rank_job(photons, {"nothing": method})),
        "FRC": lambda: ring_correlation(noisy, clean),
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
    print(head("figure", "ms", "times reading"))
    times: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "image.npy"
        np.save(path, images[1])
        for name, work in figures(*images, path).items():
            times[name] = 1e3 * median_seconds(work, REPEATS)
            print_row(name, f"{times[name]:.1f}", f"{times[name] / times['reading']:.0f}")
    if chosen.json:
        chosen.json.write_text(json.dumps(times, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
