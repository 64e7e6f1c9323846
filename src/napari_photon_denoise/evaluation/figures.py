"""One line of the table of figures, and the lines that need a truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.affine import nrmse, si_psnr
from napari_photon_denoise.metrics.applicable import NotApplicable
from napari_photon_denoise.metrics.checks import truth_range
from napari_photon_denoise.metrics.distributions import ks_distance
from napari_photon_denoise.metrics.exposure import mse_to_noisy_truth, scale_truth
from napari_photon_denoise.metrics.poisson import METRIC_EPSILON, poisson_kl, symmetric_kl
from napari_photon_denoise.metrics.squared_error import bias, mse, psnr, snr
from napari_photon_denoise.metrics.structure import ssim

Better = Literal["higher", "lower", "one", "zero", ""]
RELATIVE: dict[str, Callable[[float, float], float]] = {
    "lower": lambda before, after: before / after,
    "higher": lambda before, after: after / before,
}


@dataclass(frozen=True)
class Figure:
    """One figure of a denoised image.

    Parameters
    ----------
    key : str
        Kebab-case, the same in every version.
    name : str
    value : float or None
        Of the denoised image; None where it does not apply.
    unit : str
        Empty for a pure number.
    says : str
        What it means, in a sentence.
    error : float or None
        Standard error of the value.
    before : float or None
        The same of the raw image.
    better : {"higher", "lower", "one", "zero", ""}
        What a better image has: more, less, a value nearer to 1 or to 0; empty where it
        only describes.
    reason : str
        Why it does not apply; empty where it does.
    """

    key: str
    name: str
    value: float | None
    unit: str
    says: str
    error: float | None = None
    before: float | None = None
    better: Better = ""
    reason: str = ""

    @property
    def applies(self) -> bool:
        """True if there is a value."""
        return not self.reason

    @property
    def improvement(self) -> float | None:
        """How many times better than the raw image; in dB, how many more. None if unknown."""
        if self.value is None or self.before is None or self.better not in RELATIVE:
            return None
        if self.unit == "dB":
            return self.value - self.before
        if not (self.value > 0 and self.before > 0):
            return None
        return RELATIVE[self.better](self.before, self.value)

    @property
    def gain(self) -> str:
        """`improvement` for people, such as "× 3.2" or "+4.20 dB"; empty if unknown."""
        found = self.improvement
        if found is None:
            return ""
        return f"{found:+.2f} dB" if self.unit == "dB" else f"× {found:.3g}"

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON: infinity and NaN, which it does not know, are None."""
        plain = {
            "metric": self.key,
            "name": self.name,
            "value": self.value,
            "error": self.error,
            "before": self.before,
            "improvement": self.improvement,
            "unit": self.unit,
            "applies": self.applies,
            "says": self.says,
            "reason": self.reason,
        }
        return {
            key: None if isinstance(value, float) and not isfinite(value) else value
            for key, value in plain.items()
        }


def without_value(key: str, name: str, unit: str, says: str, obstacle: NotApplicable) -> Figure:
    """Make the line of a figure that does not apply."""
    return Figure(key, name, None, unit, says, reason=obstacle.reason)


@dataclass(frozen=True)
class _Measure:
    key: str
    name: str
    unit: str
    better: Better
    says: str
    take: Callable[[Float32, Float32, float], float]


_MEASURES = (
    _Measure(
        "mse", "Mean squared error", "e-²", "lower", "Mean square of the distance to the truth.",
        lambda image, truth, _: mse(image, truth),
    ),
    _Measure(
        "psnr", "PSNR", "dB", "higher",
        "Range over error; the range is the truth's maximum minus its minimum, {range} e-.", psnr,
    ),
    _Measure(
        "si-psnr", "Scale-invariant PSNR", "dB", "higher",
        "PSNR after the best scale and offset, of the raw image as well.", si_psnr,
    ),
    _Measure(
        "nrmse", "NRMSE, fitted", "", "lower",
        "Error after the best scale and offset, of the raw image as well, over the truth's range.",
        lambda image, truth, _: nrmse(image, truth),
    ),
    _Measure(
        "ssim", "SSIM", "", "higher",
        "Likeness of structure, over the truth's range of {range} e-; 1 for equal images.", ssim,
    ),
    _Measure(
        "snr", "Signal-to-noise ratio", "dB", "higher", "The truth's power over the error's.",
        lambda image, truth, _: snr(image, truth),
    ),
    _Measure(
        "kl", "Poisson divergence from the truth", "nats/px", "lower",
        f"What is lost by taking the image for the truth (means raised by {METRIC_EPSILON} e-).",
        lambda image, truth, _: poisson_kl(truth, image),
    ),
    _Measure(
        "kl-backward", "Poisson divergence, backward", "nats/px", "lower",
        f"What is lost by taking the truth for the image (means raised by {METRIC_EPSILON} e-).",
        lambda image, truth, _: poisson_kl(image, truth),
    ),
    _Measure(
        "kl-symmetric", "Poisson divergence, both", "nats/px", "lower",
        f"Forward plus backward: about 1 for photons from their mean (ε = {METRIC_EPSILON} e-).",
        lambda image, truth, _: symmetric_kl(truth, image),
    ),
    _Measure(
        "ks", "Kolmogorov-Smirnov distance", "", "lower",
        "Widest gap between the cumulative histograms of image and truth; blind to position.",
        lambda image, truth, _: ks_distance(image, truth),
    ),
    _Measure(
        "bias", "Bias", "e-/px", "zero",
        "Photons too many, or, negative, too few in a pixel; the raw image's is chance, so that "
        "there is no ratio.",
        lambda image, truth, _: bias(image, truth),
    ),
)  # fmt: skip


def figures_with_truth(raw: Float32 | None, denoised: Float32, truth: Float32) -> Iterator[Figure]:
    """Take every figure that needs a truth, before and after.

    Parameters
    ----------
    raw, denoised, truth : (..., Y, X) float32, e-
        The truth at the exposure of the image. Without the raw image there is no before.

    Yields
    ------
    Figure
        One a metric; one that can't be taken, such as SSIM of an image that is too small,
        says so.

    Raises
    ------
    PhotonDenoiseError
        If the truth is constant or not finite.
    """
    extent = truth_range(truth)
    for one in _MEASURES:
        says = one.says.format(range=f"{extent:.4g}")
        try:
            value = one.take(denoised, truth, extent)
            before = None if raw is None else one.take(raw, truth, extent)
        except PhotonDenoiseError as error:
            yield without_value(one.key, one.name, one.unit, says, NotApplicable(str(error)))
            continue
        yield Figure(one.key, one.name, value, one.unit, says, before=before, better=one.better)


def figure_behind_noise(
    raw: Float32 | None, denoised: Float32, truth: Float32, exposure: float
) -> Figure:
    """Mean squared error to what a longer, still noisy exposure is a measurement of.

    Parameters
    ----------
    raw, denoised, truth : (..., Y, X) float32, e-
        The truth scaled to the exposure of the image.
    exposure : float
        How many times as long it was exposed.

    Returns
    -------
    Figure
    """
    measured = scale_truth(truth, 1, exposure)
    return Figure(
        "mse-behind-noise",
        "Mean squared error, less the truth's shot noise",
        mse_to_noisy_truth(denoised, measured, exposure, 1),
        "e-²",
        "the truth was counted too, and its own noise is no error of the image",
        before=None if raw is None else mse_to_noisy_truth(raw, measured, exposure, 1),
        better="lower",
    )
