"""The one table of figures: what all faces measure, name, explain and write.

A figure is a line in the section of what it is taken of. One with a truth is from there on in
`measure` and `compare`, in their CSV, JSON and pages, and in napari's table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.evaluation.evidence import Evidence
from napari_photon_denoise.evaluation.figure import Figure, Reading, read, read_all
from napari_photon_denoise.metrics.affine import nrmse, si_psnr
from napari_photon_denoise.metrics.applicable import NotApplicable
from napari_photon_denoise.metrics.distributions import ks_distance
from napari_photon_denoise.metrics.exposure import mse_to_noisy_truth, scale_truth
from napari_photon_denoise.metrics.held_out import Difference, HeldOutScore
from napari_photon_denoise.metrics.poisson import METRIC_EPSILON, poisson_kl, symmetric_kl
from napari_photon_denoise.metrics.resolution import Resolution
from napari_photon_denoise.metrics.signal_improvement import SignalImprovement
from napari_photon_denoise.metrics.squared_error import bias, mse, psnr, snr
from napari_photon_denoise.metrics.structure import ssim


@dataclass(frozen=True, eq=False)
class Beside:
    """An image beside its truth.

    Parameters
    ----------
    image, truth : (..., Y, X) float32, e-
        The truth at the exposure of the image.
    extent : float, e-
        The truth's maximum minus its minimum.
    exposure : float
        How many times as long the truth was exposed, before it was scaled.
    obstacle : NotApplicable, optional
        Why their photons can't be compared; up to scale and offset they can.
    """

    image: Float32
    truth: Float32
    extent: float
    exposure: float = 1.0
    obstacle: NotApplicable | None = None

    @property
    def range(self) -> str:
        """Say what the range is."""
        return f"The range is {self.extent:.4g} e-."

    @property
    def mse_behind_noise(self) -> float:
        """Squared error to what the truth, a noisy exposure itself, is a measurement of, e-²."""
        measured = scale_truth(self.truth, 1, self.exposure)
        return mse_to_noisy_truth(self.image, measured, self.exposure, 1)


def _certain(score: HeldOutScore) -> HeldOutScore:
    """Refuse a score that the camera's numbers contradict."""
    if score.doubt:
        raise PhotonDenoiseError(score.doubt)
    return score


RAISED = f"means raised by {METRIC_EPSILON} e-"
UNCERTAIN = "The error is smaller than its own uncertainty: take a larger image."
ALONE = "The image has no two neighbours, or no residual, to measure it of."
OF_NEIGHBOURS = "Of neighbours; 0 for noise, above where structure was removed."

WITH_TRUTH: tuple[Figure[Beside], ...] = (
    Figure(
        "mse", "Mean squared error", "e-²", "lower",
        "Mean square of the distance to the truth; the lower the better.",
        lambda one: mse(one.image, one.truth), title="MSE", studied=True,
    ),
    Figure(
        "psnr", "PSNR", "dB", "higher",
        "Peak signal-to-noise ratio: the truth's range (maximum minus minimum) over the "
        "root-mean-square error; the higher the better.",
        lambda one: psnr(one.image, one.truth, one.extent), remark=lambda one: one.range,
        title="PSNR", digits=".2f", studied=True,
    ),
    Figure(
        "si-psnr", "Scale-invariant PSNR", "dB", "higher",
        "PSNR after the best scale and offset, which the raw image is given as well.",
        lambda one: si_psnr(one.image, one.truth, one.extent),
        title="SI-PSNR", digits=".2f", further=True, fitted=True,
    ),
    Figure(
        "nrmse", "NRMSE, fitted", "", "lower",
        "Error after the best scale and offset, which the raw image is given as well, over the "
        "truth's range (percentiles 0.1 to 99.9).",
        lambda one: nrmse(one.image, one.truth), title="NRMSE", further=True, fitted=True,
    ),
    Figure(
        "ssim", "SSIM", "", "higher",
        "Structural similarity to the truth, windows of 11×11 px, range of the truth; 1 is equal.",
        lambda one: ssim(one.image, one.truth, one.extent), remark=lambda one: one.range,
        title="SSIM", digits=".3f", studied=True,
    ),
    Figure(
        "snr", "Signal-to-noise ratio", "dB", "higher",
        "The truth's power over the error's; grows with the background.",
        lambda one: snr(one.image, one.truth), title="SNR", digits=".2f", further=True,
    ),
    Figure(
        "kl", "Poisson divergence from the truth", "nats/px", "lower",
        f"What is lost by taking the image for the truth ({RAISED}).",
        lambda one: poisson_kl(one.truth, one.image), title="KL", further=True,
    ),
    Figure(
        "kl-backward", "Poisson divergence, backward", "nats/px", "lower",
        f"What is lost by taking the truth for the image ({RAISED}).",
        lambda one: poisson_kl(one.image, one.truth), title="KL backward", further=True,
    ),
    Figure(
        "kl-symmetric", "Poisson divergence, both", "nats/px", "lower",
        f"Forward plus backward: about 1 for photons from their mean ({RAISED}).",
        lambda one: symmetric_kl(one.truth, one.image), title="KL both", further=True,
    ),
    Figure(
        "ks", "Kolmogorov-Smirnov distance", "", "lower",
        "Kolmogorov-Smirnov distance: widest gap between the cumulative histograms of image and "
        "truth, blind to position; 0 is equal, 1 the most.",
        lambda one: ks_distance(one.image, one.truth), title="KS", digits=".3f", studied=True,
    ),
    Figure(
        "bias", "Bias", "e-", "zero",
        "Mean photons too many, or, negative, too few, in a pixel; the raw image's is chance, so "
        "that there is no ratio.",
        lambda one: bias(one.image, one.truth), title="Bias", digits="z.3f", studied=True,
    ),
)  # fmt: skip

OF_PLANES: Figure[SignalImprovement] = Figure(
    "signal-improvement", "Signal improvement", "", "",
    "Slope of the raw planes' Poisson divergence (both) over the denoised planes'; above 1 is "
    "better.",
    lambda fit: fit.factor,
    remark=lambda fit: (
        f"95 % confidence interval: {fit.low:.3g} to {fit.high:.3g}, {fit.points} planes."
    ),
)  # fmt: skip

# Of a truth that was counted too: a longer exposure than the image.
WITH_NOISY_TRUTH: tuple[Figure[Beside], ...] = (
    Figure(
        "mse-behind-noise", "Mean squared error, less the truth's shot noise", "e-²", "lower",
        "Mean squared error without the shot noise of a longer, noisy truth, which is no error of "
        "the image.",
        lambda one: one.mse_behind_noise, title="MSE less truth's noise", further=True,
    ),
)  # fmt: skip

OF_EVIDENCE: tuple[Figure[Evidence], ...] = (
    Figure(
        "residual-mean", "Mean of the residual", "", "zero",
        "In units of its noise; 0 for the truth, off 0 where photons were lost or made up.",
        lambda found: found.consistency.mean, lambda found: found.consistency.mean_error,
        undefined=ALONE,
    ),
    Figure(
        "residual-variance", "Variance of the residual", "", "one",
        "In units of its noise; 1 for the truth, above where structure was removed, a little below "
        "for a good denoiser that sees the pixel.",
        lambda found: found.consistency.variance, lambda found: found.consistency.variance_error,
        undefined=ALONE,
    ),
    Figure(
        "whiteness-y", "Correlation of the residual in y", "", "zero", OF_NEIGHBOURS,
        lambda found: found.consistency.autocorrelation[-2],
        lambda found: found.consistency.autocorrelation_error[-2], undefined=ALONE,
    ),
    Figure(
        "whiteness-x", "Correlation of the residual in x", "", "zero", OF_NEIGHBOURS,
        lambda found: found.consistency.autocorrelation[-1],
        lambda found: found.consistency.autocorrelation_error[-1], undefined=ALONE,
    ),
    Figure(
        "inconsistent-regions", "Regions whose residual is more than noise", "", "lower",
        "Of tiles of 64 px, beyond what chance does to one of all.",
        lambda found: len(found.inconsistent),
    ),
    Figure(
        "unbalanced-regions", "Regions that lost or gained photons", "", "lower",
        "Of tiles of 64 px, by more than 3 % and than chance does to one of all.",
        lambda found: len(found.unbalanced),
    ),
    Figure(
        "photons-gained", "Photons gained", "e-", "zero",
        "Sum of the denoised image minus the raw one's; the error is what noise allows.",
        lambda found: found.balance.gained, lambda found: found.balance.error,
    ),
    Figure(
        "over-smoothed", "Over-smoothed places", "", "lower",
        "Where photons show structure that the image has not.",
        lambda found: found.flags.over_smoothed,
    ),
    Figure(
        "invented", "Invented places", "", "lower",
        "Where the image shows structure that photons do not support.",
        lambda found: found.flags.invented,
    ),
    Figure(
        "contrast-support", "Fine contrast shown by the photons", "", "one",
        "Share of it that the raw image has: 1 real, 0 invented, above 1 smoothed; left-over noise "
        "supports itself.",
        lambda found: found.support.slope, lambda found: found.support.error, undefined=ALONE,
    ),
)  # fmt: skip

HELD_OUT: tuple[Figure[HeldOutScore], ...] = (
    Figure(
        "held-out-mse", "Mean squared error by photons held back", "e-²", "lower",
        "Mean squared error to the unknown truth, of the method on 80 % of the photons, estimated "
        "from those that it has not seen, ± its standard error; the lower the better. Where it is "
        "smaller than its own uncertainty, what it is below.",
        lambda score: score.mse, lambda score: score.mse_error, title="Held-out MSE",
    ),
    Figure(
        "held-out-psnr", "PSNR by photons held back", "dB", "",
        "From that error and the result's own range.",
        # Of the raw image it would mislead: its own range is that of its noise.
        lambda score: _certain(score).psnr, undefined=UNCERTAIN, of_result=True,
    ),
    Figure(
        "held-out-deviance", "Deviance of photons held back", "", "lower",
        "Poisson deviance of a pixel; less is better.",
        lambda score: score.deviance, lambda score: score.deviance_error,
    ),
    Figure(
        "held-out-support", "Fine contrast shown by photons held back", "", "one",
        "Share of it that unseen photons have: 1 real, 0 noise or invented, above 1 smoothed.",
        lambda score: score.support, lambda score: score.support_error,
    ),
)  # fmt: skip

RESOLUTION: tuple[Figure[Resolution], ...] = (
    Figure(
        "resolution", "Resolution (FRC, 1/7)", "px", "lower",
        "Finest detail that repeats in two halves of the photons, each denoised; says nothing of "
        "detail that the method makes alike in both.",
        lambda found: found.period, lambda found: found.error,
    ),
    Figure(
        "resolution-um", "Resolution (FRC, 1/7)", "µm", "lower", "The same in µm.",
        lambda found: found.period * (found.pixel_size or nan),
        lambda found: found.error * (found.pixel_size or nan),
    ),
)  # fmt: skip

# Of several methods side by side alone.
BEHIND_BEST: Figure[Difference] = Figure(
    "behind-best", "Behind best", "e-²", "",
    "How much larger the held-out error is than that of the first, ± its standard error. Both are "
    "judged by the same photons, so this tells methods apart that their own errors do not: at more "
    "than twice its error, the first one is better.",
    lambda apart: apart.mse, lambda apart: apart.mse_error, title="Behind best",
)  # fmt: skip
SUPPORTED: Figure[HeldOutScore] = Figure(
    "supported", "Supported", "%", "",
    "How much of the result's fine contrast photons that the method has not seen show as well: "
    "100 % if all of it is real, less where noise is left or structure invented, more where "
    "contrast was lost.",
    lambda score: 100 * score.support, title="Supported", digits=".0f",
)  # fmt: skip
SECONDS: Figure[float] = Figure(
    "seconds", "Time", "s", "",
    "Computing time for this region, loading and training included.",
    float, title="Time", digits=".2g",
)  # fmt: skip


def read_beside(
    figures: Sequence[Figure[Beside]],
    after: Beside | NotApplicable,
    before: Beside | None = None,
) -> list[Reading]:
    """Take figures of an image beside its truth, those that its obstacle leaves.

    Parameters
    ----------
    figures : sequence of Figure
    after : Beside, or why there is no truth
    before : the same of the raw image, optional
    """
    if isinstance(after, NotApplicable) or after.obstacle is None:
        return read_all(figures, after, before)
    fitted = (figure for figure in figures if figure.fitted)
    found = {reading.key: reading for reading in read_all(list(fitted), after, before)}
    return [found.get(figure.key) or read(figure, after.obstacle) for figure in figures]


BY_KEY: dict[str, Figure[Any]] = {
    figure.key: figure
    for section in (
        WITH_TRUTH, (OF_PLANES,), WITH_NOISY_TRUTH, OF_EVIDENCE, HELD_OUT, RESOLUTION,
        (BEHIND_BEST, SUPPORTED, SECONDS),
    )
    for figure in section
}  # fmt: skip
