"""Are the photons still there, is flat flat, and is what was removed noise? See `honesty`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from benchmarks.honesty_images import (
    ABOVE,
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

from napari_photon_denoise.metrics.consistency import measure_consistency

LEVELS = (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500)  # e-, mean of a pixel
FLAT_LEVELS = (0, 0.1, 0.2, *LEVELS)
RESIDUAL_LEVELS = (1, 10, 100)
# Targets
BIAS = 1.0  # % of the region's mean
DARK_BIAS = 0.02  # e-
FLAT_SHARE, FLAT_PHOTONS = 2.0, 0.05  # %, e-; either is enough
VARIANCE = (0.97, 1.0)
AUTOCORRELATION = 0.02

Row = dict[str, Any]


def conservation(candidates: Mapping[str, Candidate], *, seeds: int, edge: int) -> list[Row]:
    """Print the bias of the mean of structure and background."""
    columns = [f"{name}: {part}" for name in candidates for part in ("structure", "background")]
    print_head(
        f"Bias of the mean, % ± standard error over {seeds} scenes of {edge} px (in e-), sCMOS; "
        f"structure is where the truth is above {ABOVE} medians; target below {BIAS:g} %",
        "scene",
        "photons",
        *columns,
    )
    rows: list[Row] = []
    for scene in SCENES:
        for level in LEVELS:
            found = _surplus(candidates, scene, level, seeds, edge)
            rows += found
            cells = [_bias_cell(one, part) for one in found for part in ("structure", "background")]
            print_row(scene, f"{level:g}", *cells)
    return rows


def _bias_cell(row: Row, part: str) -> str:
    """Bias of a region, with its error, as the table has it."""
    share, error, off = (row[part + kind] for kind in ("", "_error", "_photons"))
    return cell(f"{share:+.2f} ± {error:.2f} ({off:+.3f})", abs(share) < BIAS)


def _surplus(
    candidates: Mapping[str, Candidate], scene: str, level: float, seeds: int, edge: int
) -> list[Row]:
    """Bias of every model on one scene at one level, %."""
    # In photons, and in % of the truth's.
    parts = ("structure", "background")
    found: dict[str, dict[str, list[tuple[float, float]]]] = {
        name: {part: [] for part in parts} for name in candidates
    }
    for seed in range(seeds):
        rng = np.random.default_rng([seed, int(10 * level)])
        truth, read_noise = density(scene, edge, seed) * np.float32(level), sensor(edge, seed)
        noisy = photograph(truth, read_noise, rng)
        bright, luck = structure(truth), chance(noisy, truth, read_noise)
        for name, candidate in candidates.items():
            added = candidate.denoise(noisy, read_noise) - luck - truth
            for part, where in zip(parts, (bright, ~bright), strict=True):
                off, level_there = float(added[where].mean()), float(truth[where].mean())
                found[name][part].append((off, 100 * off / level_there))
    rows = []
    for name, regions in found.items():
        row: Row = {"table": "conservation", "model": name, "scene": scene, "photons": level}
        for part, values in regions.items():
            row[part + "_photons"], _ = _mean([off for off, _ in values])
            row[part], row[part + "_error"] = _mean([share for _, share in values])
        rows.append(row)
    return rows


def flats(candidates: Mapping[str, Candidate], *, seeds: int, edge: int) -> list[Row]:
    """Print the bias and the spread of evenly lit and dark frames."""
    columns = [f"{name}: {part}" for name in candidates for part in ("bias", "spread")]
    print_head(
        f"Evenly lit: bias, and standard deviation of the pixels; targets bias below {BIAS:g} %, "
        f"or {DARK_BIAS:g} e- below {LEVELS[0]:g} photons; spread at most {FLAT_SHARE:g} % or "
        f"{FLAT_PHOTONS:g} e-",
        "read noise",
        "photons",
        *columns,
    )
    rows: list[Row] = []
    for camera in ("1.6 e-", "sCMOS"):
        for level in FLAT_LEVELS:
            found = [
                _flat(candidate, name, camera, level, seeds, edge)
                for name, candidate in candidates.items()
            ]
            rows += found
            print_row(camera, f"{level:g}", *(text for row in found for text in _flat_cells(row)))
    return rows


def _flat(candidate: Candidate, name: str, camera: str, level: float, seeds: int, edge: int) -> Row:
    """Bias of the mean and spread of the pixels, e-."""
    added, spread = [], []
    for seed in range(seeds):
        rng = np.random.default_rng([seed, int(10 * level), 7])
        read_noise = READ_NOISE if camera == "1.6 e-" else sensor(edge, seed)
        truth = np.full((1, edge, edge), level, np.float32)
        noisy = photograph(truth, read_noise, rng)
        clean = candidate.denoise(noisy, read_noise).astype(np.float64)
        added.append(float((clean - chance(noisy, truth, read_noise)).mean()) - level)
        spread.append(float(clean.std()))
    bias, error = _mean(added)
    return {
        "table": "flat",
        "model": name,
        "read_noise": camera,
        "photons": level,
        "bias": bias,
        "bias_error": error,
        "spread": float(np.mean(spread)),
    }


def _flat_cells(row: Row) -> tuple[str, str]:
    """Bias and spread as the table has them."""
    level, bias, error, spread = (row[key] for key in ("photons", "bias", "bias_error", "spread"))
    if level < LEVELS[0]:
        relative = f"{100 * spread / level:.0f} %, " if level else ""
        return (
            cell(f"{bias:+.4f} ± {error:.4f} e-", abs(bias) < DARK_BIAS),
            cell(f"{relative}{spread:.3f} e-", spread <= FLAT_PHOTONS),
        )
    share, part, off = 100 * bias / level, 100 * spread / level, 100 * error / level
    return (
        cell(f"{share:+.2f} ± {off:.2f} %", abs(share) < BIAS),
        cell(f"{part:.1f} %, {spread:.3f} e-", part <= FLAT_SHARE or spread <= FLAT_PHOTONS),
    )


def residuals(candidates: Mapping[str, Candidate], *, seeds: int, edge: int) -> list[Row]:
    """Print variance and memory of what was removed, in units of its expected noise."""
    columns = [f"{name}: {part}" for name in candidates for part in ("variance", "neighbours y, x")]
    print_head(
        "What was removed, over the noise that the result predicts: variance (target "
        f"{VARIANCE[0]:g} to {VARIANCE[1]:g}, within two standard errors; behind the slash what "
        "the best of all estimates with an error as large would show) and correlation of "
        f"neighbours (0: white; target within {AUTOCORRELATION:g})",
        "scene",
        "photons",
        "truth: variance",
        *columns,
    )
    rows: list[Row] = []
    for scene in SCENES:
        for level in RESIDUAL_LEVELS:
            truth, *found = _residual(candidates, scene, level, seeds, edge)
            rows += [truth, *found]
            cells = [text for one in found for text in _residual_cells(one)]
            print_row(scene, f"{level:g}", f"{truth['variance']:.3f}", *cells)
    return rows


def _residual(
    candidates: Mapping[str, Candidate], scene: str, level: float, seeds: int, edge: int
) -> list[Row]:
    """Consistency of the truth and of every model, means over seeds."""
    collected: dict[str, list[tuple[float, ...]]] = {}
    for seed in range(seeds):
        rng = np.random.default_rng([seed, level, 3])
        truth, read_noise = density(scene, edge, seed) * np.float32(level), sensor(edge, seed)
        noisy = photograph(truth, read_noise, rng)
        results = {"truth": truth}
        results |= {name: one.denoise(noisy, read_noise) for name, one in candidates.items()}
        for name, clean in results.items():
            found = measure_consistency(noisy, clean, np.broadcast_to(read_noise, noisy.shape))
            y, x = found.autocorrelation[-2:]
            error_y, error_x = found.autocorrelation_error[-2:]
            # An estimate that can't be bettered errs by what it kept of the noise: what it
            # removed is the noise less its own error.
            error = np.mean(np.square(clean - truth) / (truth + np.square(read_noise)))
            figures = (found.variance, found.variance_error, y, x, error_y, error_x, 1 - error)
            collected.setdefault(name, []).append(figures)
    rows = []
    keys = ("variance", "variance_error", "y", "x", "y_error", "x_error", "ideal")
    for name, values in collected.items():
        means = np.mean(values, axis=0)
        row: Row = {"table": "residual", "model": name, "scene": scene, "photons": level}
        row |= {key: float(mean) for key, mean in zip(keys, means, strict=True)}
        for key in keys:
            if key.endswith("error"):  # of a mean of independent images
                row[key] /= np.sqrt(seeds)
        rows.append(row)
    return rows


def _residual_cells(row: Row) -> tuple[str, str]:
    keys = ("variance", "variance_error", "y", "x", "ideal")
    variance, error, y, x, ideal = (row[key] for key in keys)
    low, high = VARIANCE[0] - 2 * error, VARIANCE[1] + 2 * error
    return (
        cell(f"{variance:.3f} ± {error:.3f} / {ideal:.3f}", low <= variance <= high),
        cell(f"{y:+.3f}, {x:+.3f}", max(abs(y), abs(x)) <= AUTOCORRELATION),
    )


def _mean(values: list[float]) -> tuple[float, float]:
    """Mean and its standard error."""
    error = float(np.std(values, ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0
    return float(np.mean(values)), error
