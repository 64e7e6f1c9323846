"""Figures of denoised images, their means over sets, and the tables.

PSNR's range is the truth's maximum minus its minimum. The variance of the truth's own noise
is subtracted from the mean squared error; SSIM has no such correction, so with a noisy truth
it only ranks. Means are over cases, of decibels as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from os import getpid
from pathlib import Path
from time import perf_counter

import numpy as np
from benchmarks.markdown import table
from benchmarks.validation.case import Case, chi2, structure
from benchmarks.validation.peers import Candidate
from benchmarks.validation.sets import WHITE

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.metrics.structure import ssim

WHITE_MEAN = "mean of white sets"
SCORING = 1  # to be raised with what scores mean, or remembered ones are compared with new ones


@dataclass(frozen=True)
class Score:
    """One method on one case.

    Parameters
    ----------
    psnr : float, dB
    ssim : float
    bias_structure, bias_background : float, %
        Of the region's mean; the regions are parted by Otsu's threshold of the truth.
    seconds : float
    """

    psnr: float
    ssim: float
    bias_structure: float
    bias_background: float
    seconds: float = 0.0


Scores = dict[str, dict[str, dict[str, Score]]]  # set, case, method


def score(image: Float32, case: Case, seconds: float = 0.0) -> Score:
    """Compare a denoised image with the truth.

    Parameters
    ----------
    image : (..., Y, X) float32, e-
    case : Case
    seconds : float
        What it took.
    """
    image = case.where_known(image)
    bright = structure(case)
    return Score(
        psnr=case.psnr(image),
        ssim=ssim(image, case.truth, case.data_range),
        bias_structure=_bias(image[bright], case.truth[bright]),
        bias_background=_bias(image[~bright], case.truth[~bright]),
        seconds=seconds,
    )


def evaluate(
    candidates: Mapping[str, Candidate], cases: Iterable[Case], cache: Path | None = None
) -> Scores:
    """Score every candidate on every case.

    Parameters
    ----------
    candidates : dict
        Any functions from a case to photons of the same shape.
    cases : iterable of Case
    cache : Path, optional
        JSON file that remembers scores by the candidates' names and the cases' content; for
        candidates that do not change under their name.
    """
    found: Scores = {}
    for case in cases:
        # Read again for each case: another process may be at the same ones.
        known = _remembered(cache) if cache else {}
        key = digest(case)
        row = found.setdefault(case.set_name, {}).setdefault(case.name, {})
        for name, candidate in candidates.items():
            if f"{key} {name}" in known:
                row[name] = Score(**known[f"{key} {name}"])
                continue
            start = perf_counter()
            image = candidate(case)
            row[name] = score(image, case, perf_counter() - start)
            if cache:
                _remember(cache, f"{key} {name}", row[name])
    return found


def digest(case: Case) -> str:
    """Tell cases apart by their figures, which outlive a change in the last digit."""
    images = (case.photons, case.truth, np.asarray(case.read_noise))
    figures = [f"{figure:.4g}" for one in images for figure in (one.mean(), one.std())]
    shape = "x".join(map(str, case.photons.shape))
    figures.append(f"{case.truth_variance:.3g}")
    return f"{case.set_name} {case.name} {shape} {' '.join(figures)} v{SCORING}"


def means(scores: Scores) -> dict[str, dict[str, Score]]:
    """Average each method over each set, and over the white sets' means."""
    table = {
        set_name: {
            method: _mean([row[method] for row in rows.values()])
            for method in next(iter(rows.values()))
        }
        for set_name, rows in scores.items()
    }
    white = [table[one] for one in WHITE if one in table]
    if white:
        table[WHITE_MEAN] = {method: _mean([row[method] for row in white]) for method in white[0]}
    return table


def merge(*parts: Scores) -> Scores:
    """Put the columns of several evaluations of the same cases beside each other."""
    together: Scores = {}
    for part in parts:
        for set_name, rows in part.items():
            for name, row in rows.items():
                together.setdefault(set_name, {}).setdefault(name, {}).update(row)
    return together


def markdown(scores: Scores, each: bool = False) -> str:
    """Write PSNR / SSIM / bias of structure, background in % for each set, or each case."""
    rows = {f"{one}: {name}": row for one, part in scores.items() for name, row in part.items()}
    rows = rows if each else means(scores)
    methods = list(next(iter(rows.values())))
    lines = [[title, *(_cell(one[method]) for method in methods)] for title, one in rows.items()]
    return table(["", *methods], lines)


def checks(cases: Iterable[Case]) -> str:
    """Write what each case is, and whether its noise is what it says: chi2 of 1."""
    lines = []
    for case in cases:
        bright = structure(case)
        lengths = f"{case.length_y:.2f}, {case.length_x:.2f}"
        noise = [chi2(case), chi2(case, bright), chi2(case, ~bright)]
        figures = [f"{case.truth.mean():.2f}", f"{case.one_read_noise:.2f}", lengths]
        figures += [f"{one:.3f}" for one in noise]
        lines.append([f"{case.set_name}: {case.name}", *figures])
    titles = ["case", "mean e-", "read noise e-", "length y, x", "chi2", "structure", "background"]
    return table(titles, lines)


def _remembered(cache: Path) -> dict[str, dict[str, float]]:
    return json.loads(cache.read_text("utf-8")) if cache.exists() else {}


def _remember(cache: Path, key: str, one: Score) -> None:
    """Add to the file what another process may have added to meanwhile."""
    cache.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(_remembered(cache) | {key: asdict(one)}, indent=0)
    fresh = cache.with_suffix(f".{getpid()}")
    fresh.write_text(text, "utf-8")
    fresh.replace(cache)


def _cell(one: Score) -> str:
    bias = f"{one.bias_structure:+.1f}, {one.bias_background:+.1f}"
    return f"{one.psnr:.2f} / {one.ssim:.3f} / {bias}"


def _bias(image: Float32, truth: Float32) -> float:
    """Mean photons too many, % of the mean."""
    expected = float(np.mean(truth, dtype=np.float64))
    return 100 * (float(np.mean(image, dtype=np.float64)) - expected) / expected


def _mean(scores: list[Score]) -> Score:
    rows = np.array([list(asdict(one).values()) for one in scores])
    return Score(*map(float, rows.mean(axis=0)))
