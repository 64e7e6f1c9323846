"""Several methods on one image, ranked by photons that none of them has seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Literal, TypeVar

import numpy as np

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.evaluation.method_run import Runnable, as_photons, run_method_job
from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.metrics.applicable import NotApplicable, find_obstacle
from napari_photon_denoise.metrics.held_out import (
    Difference,
    HeldOutScore,
    differences,
    score_held_out,
)
from napari_photon_denoise.metrics.thinning import Thinned, split
from napari_photon_denoise.photons import Photons

SHARE = 0.8  # of the photons that a method is given
CERTAIN = 2.0  # standard errors, from which on one method is called better than another

By = Literal["mse", "deviance"]
Value = TypeVar("Value", HeldOutScore, Difference)


@dataclass(frozen=True)
class Comparison:
    """Methods judged on the same image by the same photons held back.

    Parameters
    ----------
    scores : mapping of name to HeldOutScore
    differences : mapping of two names to Difference
        First minus second, for every two methods in the order of `scores`.
    share : float
        Of the photons that the methods were given.
    folds : int
    """

    scores: Mapping[str, HeldOutScore]
    differences: Mapping[tuple[str, str], Difference]
    share: float
    folds: int

    def ranking(self, by: By = "mse") -> tuple[str, ...]:
        """Names, best first, by squared error (e-²) or by Poisson deviance."""
        return tuple(sorted(self.scores, key=lambda name: float(getattr(self.scores[name], by))))

    def difference(self, first: str, second: str) -> Difference:
        """Scores of the first method minus those of the second."""
        if (first, second) in self.differences:
            return self.differences[first, second]
        other = self.differences[second, first]
        return Difference(-other.mse, other.mse_error, -other.deviance, other.deviance_error)

    def ties(self, by: By = "mse") -> tuple[str, ...]:
        """Names of the methods that can't be told from the best, that one included."""
        best, *rest = self.ranking(by)
        return (best, *(name for name in rest if not self._is_better(best, name, by)))

    def verdict(self, by: By = "mse") -> str:
        """Say in a sentence which method is best, and how sure that is."""
        best = self.ranking(by)[0]
        equal = self.ties(by)
        if len(self.scores) == 1:
            return f"Only {best} was run: nothing to compare it with."
        if len(equal) == 1:
            return f"{best} comes nearest to photons that no method has seen."
        return (
            f"{', '.join(equal[:-1])} and {equal[-1]} come nearest to photons that no method has "
            "seen, and this image can't tell them apart."
        )

    @property
    def doubt(self) -> str:
        """Say so where a score can't be, because the camera is another; else empty."""
        return next((score.doubt for score in self.scores.values() if score.doubt), "")

    def _is_better(self, first: str, second: str, by: By) -> bool:
        found = self.difference(first, second)
        return bool(getattr(found, by) < -CERTAIN * getattr(found, f"{by}_error"))


def estimate_held_out_job(
    method: Runnable, part: Thinned, photons: Photons, *, device: str = "auto"
) -> Job[Float32]:
    """Run a method on the photons it is given; the piece that `rank_job` is made of.

    Parameters
    ----------
    method : Denoiser, or function ``(photons, read_noise) -> photons``
    part : Thinned
        Of the whole image.
    photons : Photons
        The image, for its axes.
    device : {"auto", "cpu", "cuda", "mps"}

    Returns
    -------
    array of the image's shape, float32, e-
        The estimate at full exposure, for `score_held_out`.
    """
    thinned = as_photons(part.kept, part.read_noise, photons)
    clean = yield from run_method_job(method, thinned, device=device)
    return clean / np.float32(part.share)


def rank_job(
    photons: Photons,
    methods: Mapping[str, Runnable],
    *,
    share: float = SHARE,
    folds: int = 1,
    seed: int = 0,
    device: str = "auto",
) -> Job[Comparison | NotApplicable]:
    """Run methods on a part of the photons, and score them by the rest.

    One fold decides an image of a million pixels; smaller ones need more. The whole image is
    held in memory, once a method.

    Parameters
    ----------
    photons : Photons
        The raw image and its camera.
    methods : mapping of name to Denoiser, or to a function ``(photons, read_noise) -> photons``
        A denoiser is prepared for each fold, from the photons that it is given.
    share : float, from 0 to 1
        Of the photons that a method is given.
    folds : int
        How often, with other photons held back each time; at most ``1 / (1 - share)``.
    seed : int
    device : {"auto", "cpu", "cuda", "mps"}

    Returns
    -------
    Comparison or NotApplicable
        Through the generator's return value.

    Raises
    ------
    PhotonDenoiseError
        If there is no method, share or folds can't be, or a method fails.
    """
    if not methods:
        raise PhotonDenoiseError("There is no method to compare: choose at least one.")
    obstacle = find_obstacle(photons)
    if obstacle is not None:
        return obstacle
    whole = [slice(None)] * len(photons.shape)
    rng = np.random.default_rng(seed)
    parts = split(photons.read(whole), photons.read_noise(whole), share=share, folds=folds, rng=rng)
    scores: list[dict[str, HeldOutScore]] = []
    pairs: list[dict[tuple[str, str], Difference]] = []
    for fold, part in enumerate(parts):
        estimates: dict[str, Float32] = {}
        found: dict[str, HeldOutScore] = {}
        for number, (name, method) in enumerate(methods.items()):
            done = fold * len(methods) + number
            yield Progress(f"Judging {name} by photons held back", done, folds * len(methods))
            estimates[name] = yield from estimate_held_out_job(method, part, photons, device=device)
            found[name] = score_held_out(part, estimates[name])
        scores.append(found)
        pairs.append(differences(part, estimates))
    yield Progress("Done", folds * len(methods), folds * len(methods))
    return Comparison(
        scores={name: _mean([fold[name] for fold in scores]) for name in methods},
        differences=widen_over_folds(
            {names: _mean([fold[names] for fold in pairs]) for names in pairs[0]}, folds, share
        ),
        share=share,
        folds=folds,
    )


def widen_over_folds(
    found: Mapping[tuple[str, str], Difference], folds: int, share: float
) -> dict[tuple[str, str], Difference]:
    """Widen the errors of differences over several folds for what these have in common.

    What one fold holds back the others are given. Where two results differ by noise alone, the
    folds correlate by ``(1 - p) / p``; where they differ by structure, less: so this is the most
    that it can be.

    Parameters
    ----------
    found : mapping of two names to Difference
        With errors as of folds that have nothing in common.
    folds : int
    share : float
        p.
    """
    factor = float(np.sqrt(1 + (folds - 1) * (1 - share) / share))
    return {
        names: replace(
            one,
            mse_error=factor * one.mse_error,
            deviance_error=factor * one.deviance_error,
        )
        for names, one in found.items()
    }


def _mean(folds: list[Value]) -> Value:
    """Average values over folds; no photon is held back twice, so errors add in squares.

    Simulated with five folds, two standard errors of a score hold the true error in 89 to 96 of
    100 images. For differences see `widen_over_folds`.
    """
    first = folds[0]
    averaged = {}
    for entry in fields(first):
        values = np.array([getattr(fold, entry.name) for fold in folds])
        if entry.name.endswith("_error"):
            averaged[entry.name] = float(np.sqrt(np.sum(values**2)) / len(values))
        else:
            averaged[entry.name] = float(np.mean(values))
    return type(first)(**averaged)
