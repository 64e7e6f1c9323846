"""Histograms of several images on common bins, their cumulative curves, and the widest gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from math import ceil, floor

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.text import as_csv
from napari_photon_denoise.metrics.checks import check_image
from napari_photon_denoise.metrics.distributions import at_or_below, widest_gap

Float64 = NDArray[np.float64]

BINS = 150
POINTS = 1000  # of a cumulative curve: finer than a screen shows it
TAIL = 0.0005  # share of pixels that may lie beyond either end of common bins


@dataclass(frozen=True, eq=False)
class Curves:
    """Histograms of several images and their cumulative curves.

    Parameters
    ----------
    names : tuple of str
        Of the images.
    edges : (bins + 1,) float64, `unit`
        Of the bins, which all images share.
    shares : (images, bins) float64
        Share of each image's pixels in each bin, of the pixels in all of them and beyond.
    values : (points,) float64, `unit`
    cumulative : (images, points) float64
        Share of each image's pixels at or below each of `values`.
    unit : str
        Such as "photons".
    """

    names: tuple[str, ...]
    edges: Float64
    shares: Float64
    values: Float64
    cumulative: Float64
    unit: str = "photons"


@dataclass(frozen=True)
class Gap:
    """Where two cumulative curves are farthest apart.

    Parameters
    ----------
    distance : float
        The Kolmogorov-Smirnov statistic, from 0 to 1.
    at : float, e-
        The value at which it lies; the lowest one if there are several.
    first, second : float
        Shares of the two images' pixels at or below `at`.
    """

    distance: float
    at: float
    first: float
    second: float


def largest_gap(first: Float32, second: Float32) -> Gap:
    """Find the Kolmogorov-Smirnov distance of two images, and the value where it lies.

    Exact, over the union of the values, without bins; see `ks_distance`. Massey 1951,
    doi:10.1080/01621459.1951.10500769.

    Parameters
    ----------
    first, second : arrays of any shape, which may differ, float32, e-

    Raises
    ------
    PhotonDenoiseError
        If an image is empty, or a pixel is NaN or infinite.
    """
    check_image(first, "first image")
    check_image(second, "second image")
    return Gap(*widest_gap(first, second))


def common_edges(
    images: Sequence[Float32],
    bins: int = BINS,
    *,
    tail: float = TAIL,
    step: float | None = None,
    phase: float = 0.0,
) -> Float64:
    """Choose bins that several images share.

    Parameters
    ----------
    images : sequence of arrays of any shape, e-
    bins : int
        About how many.
    tail : float
        Share of an image's pixels that may lie beyond either end, such as hot ones.
    step, phase : float, e-
        Values of a camera come in steps, at ``phase``, ``phase + step`` and so on. Bins
        then hold equally many steps each: others would show a comb that isn't there.

    Returns
    -------
    (bins + 1,) float64, e-

    Raises
    ------
    PhotonDenoiseError
        If an image is empty, or a pixel is NaN or infinite.
    """
    for image in images:
        check_image(image)
    ends = np.array([np.quantile(image, (tail, 1 - tail)) for image in images])
    low, high = float(ends[:, 0].min()), float(ends[:, 1].max())
    if high <= low:
        low, high = low - 0.5, low + 0.5
    width = (high - low) / bins
    if step is None:
        return np.asarray(np.linspace(low, high, bins + 1), dtype=np.float64)
    width = step * max(1, ceil(width / step))
    start = phase + step * (floor((low - phase) / step) - 0.5)
    count = ceil((high - start) / width)
    return np.asarray(start + width * np.arange(count + 1), dtype=np.float64)


def measure_curves(
    images: Sequence[Float32], edges: ArrayLike, names: Sequence[str], unit: str = "photons"
) -> Curves:
    """Sort the pixels of images into bins, and sum up.

    Parameters
    ----------
    images : sequence of arrays of any shape, which may differ, e-
    edges : (bins + 1,) float, e-
        Increasing. A bin holds what lies above its lower edge, up to and with its upper one.
    names : sequence of str
        Of the images.
    unit : str
        Of the values.

    Raises
    ------
    PhotonDenoiseError
        If there is no image, one is empty, or a pixel is NaN or infinite.
    """
    if not images:
        raise PhotonDenoiseError("There is no image to make a histogram of: choose one.")
    edges = np.asarray(edges, dtype=np.float64)
    values = np.linspace(edges[0], edges[-1], POINTS)
    shares, cumulative = [], []
    for image, name in zip(images, names, strict=True):
        check_image(image, f"image '{name}'")
        ordered = np.sort(image, axis=None)
        shares.append(np.diff(at_or_below(ordered, edges)))
        cumulative.append(at_or_below(ordered, values))
    return Curves(tuple(names), edges, np.array(shares), values, np.array(cumulative), unit)


def curves_as_csv(curves: Curves) -> str:
    """Write histograms and cumulative curves as one table, with units in its header.

    Parameters
    ----------
    curves : Curves

    Returns
    -------
    str
        Comma-separated: bins with the share of pixels in them, then values with the share
        of pixels at or below them.
    """
    unit = curves.unit
    columns: list[tuple[str, ArrayLike]] = [
        (f"bin from ({unit})", curves.edges[:-1]),
        (f"bin to ({unit})", curves.edges[1:]),
    ]
    columns += [
        (f"{name} (% of pixels)", 100 * share)
        for name, share in zip(curves.names, curves.shares, strict=True)
    ]
    columns.append((f"value ({unit})", curves.values))
    columns += [
        (f"{name} cumulative (share of pixels)", share)
        for name, share in zip(curves.names, curves.cumulative, strict=True)
    ]
    return columns_as_csv(columns)


def columns_as_csv(columns: Sequence[tuple[str, ArrayLike]]) -> str:
    """Write columns of numbers, which may differ in length, as comma-separated text.

    Parameters
    ----------
    columns : sequence of (str, 1-D array)
        Header and numbers; NaN becomes an empty cell.
    """
    cells = [[_cell(value) for value in np.asarray(numbers)] for _, numbers in columns]
    return as_csv([header for header, _ in columns], zip_longest(*cells))


def _cell(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.7g}"
