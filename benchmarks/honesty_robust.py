"""Extreme images, exposures and tiles; see `honesty`."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from benchmarks.honesty_images import (
    READ_NOISE,
    SCENES,
    Candidate,
    cell,
    chance,
    density,
    photograph,
    print_head,
    sensor,
    structure,
)
from benchmarks.markdown import print_row

import napari_photon_denoise as npd
from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.virtual.samples import make_sample

GAIN = 0.46  # e-/ADU, of the saturated frame
EXPOSURES = (5, 10, 100, 1000, 10_000)  # e-, each beside its double
TILES = (256, 512)
# Targets
DOUBLED = 2.0  # %
SAME = 1e-4  # relative

Row = dict[str, Any]


def robustness(candidates: Mapping[str, Candidate], *, edge: int) -> list[Row]:
    """Print all three tables."""
    return [
        *extremes(candidates),
        *exposures(candidates, edge=min(edge, 512)),
        *tiles(candidates, edge=edge),
    ]


def _extreme_images(edge: int = 128) -> dict[str, Float32]:
    """Images that cameras do deliver, ``(1, Y, X)`` float32, e-."""
    rng = np.random.default_rng(3)
    truth = density("filaments", edge, 3)
    dim = photograph(truth * np.float32(3), READ_NOISE, rng)
    hot = dim.copy()
    hot.reshape(-1)[rng.integers(0, hot.size, 20)] = 65535 * GAIN
    bright = photograph(truth * np.float32(2e4), READ_NOISE, rng)
    return {
        "zeros": np.zeros_like(dim),
        "hot pixels on 3 photons": hot,
        "half saturated": np.minimum(bright, np.median(bright)),
        "wholly saturated": np.full_like(dim, 65535 * GAIN),
        "a million photons": photograph(truth * np.float32(1e6), READ_NOISE, rng),
        "all negative": dim - 50,
        "wrong offset of +1000": dim + 1000,
        "one pixel of 1e7": np.where(np.arange(dim.size).reshape(dim.shape) == 8000, 1e7, dim),
    }


def extremes(candidates: Mapping[str, Candidate]) -> list[Row]:
    """Print whether all results are finite and not negative."""
    print_head(
        "Extreme images, read noise 0 and 1.6 e-: smallest and largest of the result, e-; target "
        "finite and not negative",
        "image",
        *candidates,
    )
    rows: list[Row] = []
    for name, image in _extreme_images().items():
        cells = []
        for model, candidate in candidates.items():
            both = [candidate.denoise(image.astype(np.float32), noise) for noise in (0, READ_NOISE)]
            low, high = float(np.min(both)), float(np.max(both))
            good = bool(np.isfinite(both).all() and low >= 0)
            rows.append({"table": "extreme", "model": model, "image": name, "good": good})
            cells.append(cell(f"{low:.3g} to {high:.3g}", good))
        print_row(name, *cells)
    return rows


def exposures(candidates: Mapping[str, Candidate], *, edge: int) -> list[Row]:
    """Print by how much a doubled exposure misses a doubled result, structure and background."""
    print_head(
        "Exposure doubled: result over twice the result, minus 1, %: structure, background; "
        f"target within {DOUBLED:g}",
        "scene",
        "photons",
        *candidates,
    )
    rows: list[Row] = []
    for scene in SCENES:
        for level in EXPOSURES:
            cells = []
            for model, candidate in candidates.items():
                off = _doubled(candidate, scene, level, edge)
                rows.append(
                    {"table": "doubled", "model": model, "scene": scene, "photons": level}
                    | dict(zip(("structure", "background"), off, strict=True))
                )
                good = max(map(abs, off)) < DOUBLED
                cells.append(cell(f"{off[0]:+.2f}, {off[1]:+.2f}", good))
            print_row(scene, f"{level:g}", *cells)
    return rows


def _doubled(candidate: Candidate, scene: str, level: float, edge: int) -> tuple[float, float]:
    """How far the ratio of two exposures is from 2, in structure and background, %."""
    drawn, read_noise = density(scene, edge, 5), sensor(edge, 5)
    sums = []
    for exposure in (level, 2 * level):
        truth = drawn * np.float32(exposure)
        noisy = photograph(truth, read_noise, np.random.default_rng([5, int(exposure)]))
        clean = candidate.denoise(noisy, read_noise).astype(np.float64)
        bright = structure(truth)
        clean -= chance(noisy, truth, read_noise)
        sums.append([clean[where].sum() for where in (bright, ~bright)])
    once, twice = np.array(sums)
    in_structure, in_background = 100 * (twice / (2 * once) - 1)
    return float(in_structure), float(in_background)


def tiles(candidates: Mapping[str, Candidate], *, edge: int) -> list[Row]:
    """Print how far tiles are from the whole image."""
    print_head(
        f"Largest relative difference of tiles from the whole image of {edge} × {edge + 7} px; "
        f"target at most {SAME:g}",
        "photons",
        "tile",
        *candidates,
    )
    rows: list[Row] = []
    for level in (2, 50):
        sample = make_sample("membranes", photons=level, seed=2)
        counts = np.tile(sample.counts, (3, 3))[:edge, : edge + 7]
        camera = sample.calibration
        camera = npd.Calibration(
            gain=float(np.median(camera.gain)),
            offset=float(np.median(camera.offset)),
            read_noise=float(np.median(camera.read_noise)),
        )
        for tile in TILES:
            cells = []
            for model, candidate in candidates.items():
                method = npd.Resunet(model=candidate.model)
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    whole = npd.denoise(counts, camera, method, tile=2 * edge)
                    parts = npd.denoise(counts, camera, method, tile=tile)
                off = float(np.max(np.abs(parts - whole) / np.maximum(whole, 1e-3)))
                rows.append(
                    {"table": "tiles", "model": model, "photons": level, "tile": tile, "off": off}
                )
                cells.append(cell(f"{off:.1e}", off <= SAME))
            print_row(f"{level:g}", f"{tile}", *cells)
    return rows
