"""How fast the classical filters are on the CPU, beside SciPy, scikit-image and OpenCV.

    python -m benchmarks.classical                prints a table
    python -m benchmarks.classical --json FILE    writes the figures too
    python -m benchmarks.classical --quick        smaller images, in seconds

Times are medians of five after a warm-up; scikit-image's non-local means, which takes half a
minute for a volume, runs once. Everybody may use all CPUs, and smooths with the same kernel: the
Gaussian reaches 4 sigma. Non-local means is compared twice, since scikit-image's fast mode sums
over a patch one pixel smaller than its `patch_size` and divides by the whole: with the same
numbers, and with the patch and the h that it really has. Errors are measured there against the
truth of a simulated scene with unit noise.

Peak memory is the growth of the process's resident set during the second call, from the
kernel's own high-water mark (Linux only), plus the input, over the input.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.markdown import head, print_row
from numpy.typing import NDArray
from scipy import ndimage
from skimage.restoration import denoise_nl_means

from napari_photon_denoise.camera.anscombe import anscombe
from napari_photon_denoise.kernels.median import median
from napari_photon_denoise.kernels.nonlocal_means import nonlocal_means as average_alike
from napari_photon_denoise.kernels.separable import correlate
from napari_photon_denoise.metrics.checks import truth_range
from napari_photon_denoise.metrics.squared_error import psnr
from napari_photon_denoise.virtual import scenes

Float32 = NDArray[np.float32]
Filter = Callable[[Float32], Float32]

PHOTONS = 30
READ_NOISE = 1.5
SIGMA = 2.0
RADIUS = int(4 * SIGMA + 0.5)
PATCH, DISTANCE, H = 5, 6, 0.8
ONE = np.ones(1, np.float32)
PEERS = ("SciPy", "OpenCV", "scikit-image")
COLUMNS = ("fastest peer / ours", "PSNR ours", "PSNR theirs", "memory")


def gaussian_taps() -> Float32:
    """Sample a Gaussian of `SIGMA` to 4 sigma."""
    x = np.arange(-RADIUS, RADIUS + 1)
    taps = np.exp(-(x**2) / (2 * SIGMA**2))
    return (taps / taps.sum()).astype(np.float32)


def nonlocal_means(volume: Float32, patch: int, h: float) -> Float32:
    """Ours, within planes for an image and in three dimensions for a stack."""
    deep = len(volume) > 1
    return average_alike(
        volume,
        volume,
        None,
        patch=(patch if deep else 1, patch, patch),
        distance=(DISTANCE if deep else 0, DISTANCE, DISTANCE),
        h=h,
    )


def same_as_scikit_image(volume: Float32) -> Float32:
    """Ours with the patch and the strength that scikit-image's fast mode really has."""
    dimensions = 3 if len(volume) > 1 else 2
    return nonlocal_means(volume, PATCH - 1, H * (PATCH / (PATCH - 1)) ** (dimensions / 2))


def scikit_image(volume: Float32) -> Float32:
    """Theirs, in fast mode."""
    clean = denoise_nl_means(
        volume.squeeze(),
        patch_size=PATCH,
        patch_distance=DISTANCE,
        h=H,
        sigma=1.0,
        fast_mode=True,
        preserve_range=True,
    )
    return clean.reshape(volume.shape)


def our_filters(deep: bool) -> dict[str, Filter]:
    """Return ours, by name of the task, for an image or a stack."""
    box, gauss = np.full(5, 0.2, np.float32), gaussian_taps()
    nlm: Filter = lambda v: nonlocal_means(v, PATCH, H)  # noqa: E731
    if deep:
        return {
            "box 5": lambda v: correlate(v, box, box, box),
            "Gaussian 2": lambda v: correlate(v, gauss, gauss, gauss),
            "median 3": lambda v: median(v, 3, 3, 3),
            "NLM": nlm,
            "NLM, same patch": same_as_scikit_image,
        }
    return {
        "box 5": lambda v: correlate(v, ONE, box, box),
        "Gaussian 2": lambda v: correlate(v, ONE, gauss, gauss),
        "median 5": lambda v: median(v, 1, 5, 5),
        "NLM": nlm,
        "NLM, same patch": same_as_scikit_image,
    }


def their_filters(deep: bool) -> dict[str, dict[str, Filter]]:
    """Return the peers' filters, by task and name of the peer."""
    axes = (0, 1, 2) if deep else (1, 2)
    median = 3 if deep else 5
    theirs: dict[str, dict[str, Filter]] = {
        "box 5": {"SciPy": lambda v: ndimage.uniform_filter(v, 5, axes=axes)},
        "Gaussian 2": {"SciPy": lambda v: ndimage.gaussian_filter(v, SIGMA, axes=axes)},
        f"median {median}": {"SciPy": lambda v: ndimage.median_filter(v, median, axes=axes)},
        "NLM": {"scikit-image": scikit_image},
        "NLM, same patch": {"scikit-image": scikit_image},
    }
    try:
        cv2 = importlib.import_module("cv2")
    except ImportError:
        return theirs
    if not deep:
        side, reflect = (2 * RADIUS + 1,) * 2, cv2.BORDER_REFLECT
        theirs["box 5"]["OpenCV"] = lambda v: cv2.blur(v[0], (5, 5), borderType=reflect)
        theirs["Gaussian 2"]["OpenCV"] = lambda v: cv2.GaussianBlur(
            v[0], side, SIGMA, borderType=reflect
        )
        theirs["median 5"]["OpenCV"] = lambda v: cv2.medianBlur(v[0], 5)
    return theirs


def photograph(shape: tuple[int, int, int]) -> tuple[Float32, Float32]:
    """Truth and noisy image of a simulated scene, stabilised to unit noise."""
    rng = np.random.default_rng(5)
    # One scene of 256 x 256, repeated: drawing a large one takes longer than filtering it.
    depth, height, width = shape
    if depth > 1:
        structure = scenes.stack((depth, 256, 256), rng)
    else:
        structure = scenes.membranes((256, 256), rng)[None]
    copies = (1, -(-height // 256), -(-width // 256))
    truth = PHOTONS * np.tile(structure, copies)[:, :height, :width]
    photons = (rng.poisson(truth) + rng.normal(0, READ_NOISE, shape)).astype(np.float32)
    return anscombe(truth.astype(np.float32), READ_NOISE), anscombe(photons, READ_NOISE)


def milliseconds(work: Filter, volume: Float32, repeats: int) -> tuple[float, Float32]:
    """Median time of a filter after a warm-up, and its result."""
    result = work(volume) if repeats > 1 else volume
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = work(volume)
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times), result


def peak_memory(task: str, shape: tuple[int, int, int]) -> float | None:
    """Peak of one of our filters as a multiple of its input, from a process of its own."""
    if not Path("/proc/self/clear_refs").exists():
        return None
    command = [sys.executable, "-m", "benchmarks.classical", "--memory-of", task, *map(str, shape)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def print_peak_memory(task: str, shape: tuple[int, int, int]) -> None:
    """Measure in this process; see `peak_memory`."""

    def resident(what: str) -> int:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(1024 * int(line.split()[1]) for line in lines if line.startswith(what))

    volume = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    work = our_filters(shape[0] > 1)[task]
    small = np.ascontiguousarray(volume[:, :16, :16])
    work(small)
    before = resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    work(volume)
    print(1 + (resident("VmHWM") - before) / volume.nbytes)


def measure(shape: tuple[int, int, int]) -> list[dict[str, Any]]:
    """Run every task on one shape, ours and the peers'."""
    truth, noisy = photograph(shape)
    deep, extent = shape[0] > 1, truth_range(truth)
    peers = their_filters(deep)
    slow: dict[str, tuple[float, Float32]] = {}
    rows: list[dict[str, Any]] = []
    for task, work in our_filters(deep).items():
        ours, result = milliseconds(work, noisy, 5)
        row: dict[str, Any] = {"task": task, "shape": shape, "ours_ms": ours}
        row["memory"] = peak_memory(task, shape)
        if task.startswith("NLM"):
            row["ours_psnr"] = psnr(result, truth, extent)
        for name, peer in peers[task].items():
            if peer is scikit_image:
                slow.setdefault(name, milliseconds(peer, noisy, 1))
                time_theirs, result = slow[name]
                row["theirs_psnr"] = psnr(result, truth, extent)
            else:
                time_theirs, _ = milliseconds(peer, noisy, 5)
            row[f"{name}_ms"] = time_theirs
        fastest = min(v for k, v in row.items() if k.endswith("_ms") and k != "ours_ms")
        row["times_faster_than_fastest"] = fastest / ours
        rows.append(row)
        print_task(row)
    return rows


def print_task(row: dict[str, Any]) -> None:
    """Print a line of the table."""

    def cell(name: str, digits: int) -> str:
        value = row.get(name)
        return f"{value:.{digits}f}" if isinstance(value, float) else ""

    shape = " × ".join(str(n) for n in row["shape"] if n > 1)
    cells = [row["task"], shape, *(cell(f"{name}_ms", 1) for name in ("ours", *PEERS))]
    cells += [cell(name, 2) for name in ("times_faster_than_fastest", "ours_psnr", "theirs_psnr")]
    print_row(*map(str, cells), cell("memory", 2))


def main() -> None:
    """Read the options, measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="also write the figures there")
    parser.add_argument("--quick", action="store_true", help="smaller images")
    parser.add_argument("--memory-of", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory_of:
        task, *shape = options.memory_of
        print_peak_memory(task, (int(shape[0]), int(shape[1]), int(shape[2])))
        return
    print(f"{os.cpu_count()} CPUs; times in ms, PSNR in dB, memory in multiples of the input\n")
    print(head("filter", "size", "ours", *PEERS, *COLUMNS))
    shapes = [(1, 512, 512), (8, 64, 64)] if options.quick else [(1, 2048, 2048), (32, 256, 256)]
    rows = [row for shape in shapes for row in measure(shape)]
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
