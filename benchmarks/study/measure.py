"""What a method did to an image: figures, and what the figures of the page are drawn from."""

from __future__ import annotations

from typing import Any

import numpy as np
from benchmarks.validation.case import Case
from benchmarks.validation.score import LEAST
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.metrics import (
    bias,
    ks_distance,
    mse,
    nrmse,
    psnr,
    ssim,
    symmetric_kl,
)

LINE = 96  # px, length of the line profile
CROP = 96  # px
POINTS = 150  # of a cumulative histogram
DIGITS = 5


def figures(case: Case, image: Float32) -> dict[str, float]:
    """Compare an image of a case with its truth.

    Returns
    -------
    dict
        "mse" (e-²) and "mse_true", which is less the truth's own noise; "ssim"; "ks"; "j",
        nats a pixel; "psnr", dB; "nrmse", after the affine fit; "bias", % of the mean.
    """
    error = mse(image, case.truth)
    return {
        "mse": error,
        "mse_true": max(error - case.truth_variance, LEAST * error),
        "ssim": ssim(image, case.truth, case.data_range),
        "ks": ks_distance(image, case.truth),
        "j": symmetric_kl(case.truth, image),
        "psnr": psnr(image, case.truth, case.data_range),
        "nrmse": nrmse(image, case.truth),
        "bias": 100 * bias(image, case.truth) / float(case.truth.mean()),
    }


def about(case: Case) -> dict[str, float]:
    """Return what a case is: its light, and the J that its truth's own noise alone makes."""
    mean = float(case.truth.mean())
    return {"mean": mean, "j_floor": case.truth_variance / mean}


def find_line(truth: Float32) -> tuple[int, int]:
    """Row and first column of the horizontal line with the most structure."""
    length = min(LINE, truth.shape[1])
    total = np.cumsum(np.pad(truth.astype(np.float64), ((0, 0), (1, 0))), axis=1)
    squares = np.cumsum(np.pad(np.square(truth, dtype=np.float64), ((0, 0), (1, 0))), axis=1)
    mean, mean_square = (
        (sums[:, length:] - sums[:, :-length]) / length for sums in (total, squares)
    )
    row, column = np.unravel_index(np.argmax(mean_square - mean**2), mean.shape)
    return int(row), int(column)


def profile(image: Float32, line: tuple[int, int]) -> list[float]:
    """Return the pixels of a line, e-."""
    row, column = line
    return _rounded(image[row, column : column + LINE])


def crop_of(image: Float32, line: tuple[int, int]) -> NDArray[np.float16]:
    """Return a square about the middle of the line, for pictures."""
    row, column = line
    top = int(np.clip(row - CROP // 2, 0, max(0, image.shape[0] - CROP)))
    left = int(np.clip(column + LINE // 2 - CROP // 2, 0, max(0, image.shape[1] - CROP)))
    return image[top : top + CROP, left : left + CROP].astype(np.float16)


def cumulative_grid(case: Case) -> Float32:
    """Photon numbers at which cumulative histograms are drawn."""
    low, high = np.quantile(case.photons, 0.002), np.quantile(case.truth, 0.998)
    return np.linspace(low, max(high, np.quantile(case.photons, 0.99)), POINTS, dtype=np.float32)


def cumulative(image: Float32, truth: Float32, grid: Float32) -> dict[str, Any]:
    """Return shares of pixels at or below the grid's values, and where the gap is widest."""
    at, gap = widest_gap(image, truth)
    return {
        "grid": _rounded(grid),
        "share": _rounded(_share(image, grid)),
        "ks": ks_distance(image, truth),
        "ks_at": at,
        "ks_from": float(_share(truth, np.array([at]))[0]),
        "ks_to": float(_share(truth, np.array([at]))[0]) + gap,
    }


def widest_gap(image: Float32, truth: Float32) -> tuple[float, float]:
    """Value at which the cumulative histograms are furthest apart, and image minus truth there."""
    values = np.union1d(image, truth)
    gaps = _share(image, values) - _share(truth, values)
    widest = int(np.argmax(np.abs(gaps)))
    return float(values[widest]), float(gaps[widest])


def _share(image: Float32, values: Float32) -> NDArray[np.float64]:
    ordered = np.sort(image, axis=None)
    return np.asarray(np.searchsorted(ordered, values, side="right") / ordered.size)


def _rounded(values: NDArray[Any]) -> list[float]:
    return [float(f"{value:.{DIGITS}g}") for value in values]
