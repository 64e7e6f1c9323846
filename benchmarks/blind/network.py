"""What it costs, in decibels, that nobody tells the camera: RESUNET told nothing, and the truth."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from benchmarks.blind.case import LEAST, Case, Truth
from benchmarks.blind.figures import levels
from benchmarks.blind.truth import version
from benchmarks.validation.camera import fit_line
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.denoisers import Resunet
from napari_photon_denoise.job import run
from napari_photon_denoise.metrics.affine import affine_fit
from napari_photon_denoise.models import digest, find_model
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.pipeline import denoise_job
from napari_photon_denoise.settling import settle_job

MODEL = "resunet-2d"
EDGE = 256  # px, of the middle that is denoised; the noise is estimated from all of it
PERCENTILES = (0.1, 99.9)  # of the truth: its range
STEADY = (20.0, 100.0)  # e- rms, of noise that does not grow with brightness


@dataclass(frozen=True)
class Denoised:
    """PSNR of an image, dB, each after the best straight line to the truth.

    Parameters
    ----------
    raw : float
    blind : float or None
        Denoised with what the image told; None if it was refused.
    told : float
        Denoised with the truth.
    unsettled : float or None
        As `blind`, without the last check; None where that has corrected nothing.
    notes : tuple of str
        What was said beside the image that was told nothing.
    """

    raw: float
    blind: float | None
    told: float
    unsettled: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def loss(self) -> float | None:
        """What it costs to be told nothing."""
        return None if self.blind is None else self.told - self.blind


def compare_denoised(case: Case, blind: Calibration | None, cache: Path | None) -> Denoised:
    """Denoise an image with what it told, and with the truth.

    Parameters
    ----------
    case : Case
        With a truth.
    blind : Calibration or None
        What it told; None if it was refused.
    cache : Path, optional
        Folder that keeps what the truth comes to, which no estimate changes.
    """
    told, whole = _remembered(cache, case), case.image
    case = middle(case)
    truth = known(case)
    if blind is None:
        return Denoised(psnr(case.image, truth), None, told)
    method = Resunet(model=MODEL)
    settled = run(settle_job(Photons(whole, blind, case.axes), method, own=True))
    unsettled = psnr(denoised(case, blind)[0], truth) if settled.notes else None
    clean, notes = denoised(case, settled.photons.calibration)
    notes = (*settled.notes, *notes)
    return Denoised(psnr(case.image, truth), psnr(clean, truth), told, unsettled, notes)


def known(case: Case) -> Truth:
    """Return the truth of a case that has one."""
    if case.truth is None:
        raise ValueError(f"Nobody knows the truth of {case.name}.")
    return case.truth


def middle(case: Case) -> Case:
    """Cut out the part that is denoised."""
    truth = known(case)
    y, x = (
        slice(max(0, size // 2 - EDGE // 2), size // 2 + EDGE // 2) for size in case.image.shape
    )
    cut = replace(
        truth,
        mean=truth.mean[y, x],
        variance=truth.variance[y, x],
        expected=None if truth.expected is None else truth.expected[y, x],
        valid=None if truth.valid is None else truth.valid[y, x],
    )
    return replace(case, image=case.image[y, x], truth=cut)


def denoised(case: Case, camera: Calibration) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """Denoise an image, and return what was said of it."""
    photons = Photons(case.image, camera, case.axes)
    result = run(denoise_job(photons, Resunet(model=MODEL)))
    return result.data, result.notes


def psnr(image: NDArray[np.generic], truth: Truth) -> float:
    """PSNR after the best straight line, without the truth's own noise, dB."""
    exact = truth.exact and truth.expected is not None
    signal = truth.expected if exact and truth.expected is not None else truth.mean
    known = np.ones(signal.shape, np.bool_) if truth.valid is None else truth.valid
    signal = signal[known]
    squared = affine_fit(image[known].astype(np.float32), signal).residual ** 2
    left = max(squared - (0 if exact else truth.own_variance), LEAST * squared)
    low, high = np.percentile(signal, PERCENTILES)
    return float(10 * np.log10((high - low) ** 2 / left))


def true_cameras(truth: Truth) -> Iterator[Calibration]:
    """Return the cameras whose noise is nearest to the true one.

    One where one is exact. Else offset and read noise can be parted in several ways that say the
    same of the noise; which of them a network likes best is not known before.
    """
    if truth.camera is not None:
        yield truth.camera
        return
    for camera in _lines(truth):
        yield replace(camera, length_y=truth.length_y, length_x=truth.length_x)


def _lines(truth: Truth) -> Iterator[Calibration]:
    mean, variance = levels(truth)
    line = fit_line(mean, variance, np.ones(mean.shape, np.bool_))
    floor = float(np.quantile(mean, 0.01))
    if line.slope > 0:
        below = floor - line.offset
        if below > 0:
            yield Calibration(gain=1 / line.slope, offset=line.offset)
        read_noise = np.sqrt(max(below * line.slope, float(variance.min()))) / line.slope
        yield Calibration(gain=1 / line.slope, offset=floor, read_noise=float(read_noise))
    if variance.max() < 1.5 * max(float(variance.min()), 1e-30) or line.slope <= 0:
        for noise in STEADY:
            gain = noise / np.sqrt(float(np.median(variance)))
            yield Calibration(gain=gain, offset=floor, read_noise=noise)


def _remembered(cache: Path | None, case: Case) -> float:
    """PSNR of the middle when the network is told the truth, dB."""
    kept, truth = {} if cache is None else _read(cache), known(case)
    key = f"{case.name} {version()} {digest(find_model(MODEL))[:10]} {EDGE} {_looks(truth)}"
    if key not in kept:
        part = middle(case)
        best = max(psnr(denoised(part, camera)[0], known(part)) for camera in true_cameras(truth))
        if cache is None:
            return best
        kept = _read(cache) | {key: best}
        cache.mkdir(parents=True, exist_ok=True)
        (cache / "told.json").write_text(json.dumps(kept, indent=1), encoding="utf-8")
    return kept[key]


def _read(cache: Path) -> dict[str, float]:
    path = cache / "told.json"
    found: dict[str, float] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return found


def _looks(truth: Truth) -> str:
    """Tell truths apart by their figures."""
    return f"{truth.mean.mean():.5g} {truth.variance.mean():.5g} {truth.length_y:.3g}"
