"""One cell of a study: what a method made of an image, in figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.evaluation.figure import UNDEFINED, Figure, Reading, finite, read
from napari_photon_denoise.evaluation.figures import BY_KEY, WITH_TRUTH, Beside
from napari_photon_denoise.metrics.checks import check_pair, truth_range
from napari_photon_denoise.metrics.poisson import symmetric_kl
from napari_photon_denoise.metrics.slices import by_slice
from napari_photon_denoise.metrics.squared_error import decibels

STUDIED: tuple[Figure[Beside], ...] = tuple(figure for figure in WITH_TRUTH if figure.studied)
# The PSNR follows from the squared error, less the noise of the truth.
KEPT = tuple(figure for figure in STUDIED if figure.key != "psnr")


@dataclass(frozen=True)
class Cell:
    """Figures of one method on one image.

    Parameters
    ----------
    before, after : mapping of key to float
        Figures of the raw image and of the result, as measured; those that can't be taken are
        left out.
    data_range : float, e-
        The truth's maximum minus its minimum; 0 of a constant one, which has no PSNR.
    j_in, j_out : tuple of float, nats a pixel
        Symmetric Poisson divergence from the truth of each plane, before and after.
    mean : float, e-
        Of the truth's pixels.
    truth_noise : float, e-²
        That a measured truth's own noise adds to each squared error; 0 for an exact truth.
    """

    before: Mapping[str, float]
    after: Mapping[str, float]
    data_range: float
    j_in: tuple[float, ...]
    j_out: tuple[float, ...]
    mean: float
    truth_noise: float = 0.0

    def __getitem__(self, key: str) -> Reading:
        """Return the figure of a key, such as "psnr"; squared errors less the truth's noise."""
        before, after = (self._value(values, key) for values in (self.before, self.after))
        reason = UNDEFINED if after is None else ""
        return Reading(BY_KEY[key], after, before=before, reason=reason)

    @property
    def is_below_noise(self) -> bool:
        """True if an image is nearer to the truth than the truth's noise lets one see."""
        found = self["mse"]
        return min(x for x in (found.value, found.before, 0.0) if x is not None) < 0

    @property
    def bias_percent(self) -> float | None:
        """The bias over the truth's mean, %; None where one is not known, or there is no light."""
        bias = self["bias"].value
        return None if bias is None or self.mean <= 0 else 100 * bias / self.mean

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        figures = {f"{key}_in": finite(value) for key, value in self.before.items()}
        figures |= {f"{key}_out": finite(value) for key, value in self.after.items()}
        return {
            "improvement": {**figures, "data_range": self.data_range},
            "j_in": list(self.j_in),
            "j_out": list(self.j_out),
            "mean": self.mean,
            "truth_noise": self.truth_noise,
        }

    @classmethod
    def from_dict(cls, values: Any) -> Cell:
        """Make a cell of what `as_dict` gave, in this version or an earlier one.

        Raises
        ------
        PhotonDenoiseError
            If it is no cell.
        """
        try:
            figures = values["improvement"]
            return cls(
                _numbers(figures, "in"),
                _numbers(figures, "out"),
                float(figures["data_range"]),
                tuple(float(value) for value in values["j_in"]),
                tuple(float(value) for value in values["j_out"]),
                float(values["mean"]),
                # Studies of before it was taken off have exact truths, or another content.
                float(values.get("truth_noise", 0)),
            )
        except (AttributeError, KeyError, TypeError, ValueError):
            raise PhotonDenoiseError("It holds figures that are not understood.") from None

    def _value(self, values: Mapping[str, float], key: str) -> float | None:
        if key == "psnr" and self.data_range == 0:
            return None
        if key == "psnr":
            return finite(decibels(self.data_range, values["mse"] - self.truth_noise))
        if key == "mse":
            return values["mse"] - self.truth_noise
        return values.get(key)


def measure_cell(raw: Float32, clean: Float32, truth: Float32, truth_noise: float = 0.0) -> Cell:
    """Compare an image before and after denoising with its truth.

    Parameters
    ----------
    raw, clean, truth : (..., Y, X) float32, e-
    truth_noise : float, e-²
        Mean variance of the truth's pixels.

    Returns
    -------
    Cell

    Raises
    ------
    PhotonDenoiseError
        If shapes differ, or a pixel is not finite.
    """
    extent = truth_range(truth)
    for image in (raw, clean):
        check_pair(image, truth)
    before, after = (_take(Beside(image, truth, extent)) for image in (raw, clean))
    return Cell(
        before,
        after,
        extent,
        tuple(by_slice(symmetric_kl, truth, raw).ravel().tolist()),
        tuple(by_slice(symmetric_kl, truth, clean).ravel().tolist()),
        float(np.mean(truth, dtype=np.float64)),
        truth_noise,
    )


def _take(beside: Beside) -> dict[str, float]:
    """Take all figures that can be: a constant truth or a tiny image has no likeness."""
    found = {figure.key: read(figure, beside).value for figure in KEPT}
    return {key: value for key, value in found.items() if value is not None}


def _numbers(figures: Mapping[str, Any], end: str) -> dict[str, float]:
    """Return the figures of before ("in") or after ("out"), as far as they were kept."""
    names = {figure.key: f"{figure.key}_{end}" for figure in KEPT}
    known = {key: figures[name] for key, name in names.items() if figures.get(name) is not None}
    return {key: float(known[key]) for key in ("mse", *known)}
