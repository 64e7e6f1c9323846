"""How near a method comes to photons it has not seen: its error, with no truth at hand.

The photons are sorted into two independent images (`metrics.thinning`). A method works on the
first; the second, noisy as it is, tells how far the result is from the truth, because its noise
is known and shares nothing with the result. Judged is the method at the first image's exposure,
a little darker than the whole: at 80 % its error is slightly larger than on the whole image.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.metrics.checks import check_pair
from napari_photon_denoise.metrics.squared_error import decibels
from napari_photon_denoise.metrics.support import slope_of_contrast
from napari_photon_denoise.metrics.thinning import Thinned

LEAST = 0.01  # e-; a photon where a method expects none would cost infinitely much
PERCENTILES = (0.1, 99.9)  # of the result, whose difference is the range of its PSNR
IMPOSSIBLE = 3.0  # standard errors below 0; more is no chance
TOO_LOUD = (
    "The camera's read noise seems too high, or its gain too low: by photons held back the error "
    "is below zero, by more than chance explains; calibrate the camera, or check its numbers."
)


@dataclass(frozen=True)
class HeldOutScore:
    """What the photons held back say of one method.

    Parameters
    ----------
    mse, mse_error : float, e-²
        Mean squared error to the truth at full exposure, estimated, and its standard error.
        It may come out below 0 where the error is smaller than its own uncertainty.
    deviance, deviance_error : float
        Mean Poisson deviance of the photons held back; about 1 for the truth where these are
        several a pixel, less where they are few. Differences between methods equal
        differences of twice the forward Kullback-Leibler divergence.
    support, support_error : float
        Share of the result's fine contrast that the photons held back show as well: 1 if all
        of it is real; 0 if it is noise or invention.
    data_range : float, e-
        Of the result, from its percentile 0.1 to 99.9.
    """

    mse: float
    mse_error: float
    deviance: float
    deviance_error: float
    support: float
    support_error: float
    data_range: float

    @property
    def psnr(self) -> float:
        """``10 log10(range² / mse)``, dB; NaN where the estimated error is not above 0."""
        if self.mse <= 0 or self.data_range <= 0:
            return float("nan")
        return decibels(self.data_range, self.mse)

    @property
    def doubt(self) -> str:
        """Say so where the error is so far below 0 that the camera can't be right; else empty.

        The noise that the camera's numbers promise is taken off the squares. Where it is more
        than there was, what is left falls below 0 for every method that is good enough.
        """
        return TOO_LOUD if self.mse < -IMPOSSIBLE * self.mse_error else ""


@dataclass(frozen=True)
class Difference:
    """One method's scores minus another's, on the same pixels and the same photons.

    Its errors are much smaller than those of the scores: what chance does to the photons held
    back, it does to both methods.

    Parameters
    ----------
    mse, mse_error : float, e-²
    deviance, deviance_error : float
        Negative where the first method is the better one.
    """

    mse: float
    mse_error: float
    deviance: float
    deviance_error: float


def score_held_out(thinned: Thinned, estimate: Float32) -> HeldOutScore:
    """Score a method by the photons that it has not seen.

    With x the expected minus the counted photons held back, B, of a share q, the error is
    ``(mean x² - mean B) / q²``. Given the result, the variance of x² - B in a pixel is
    ``2 λ² + 4 λ d²`` (λ the mean of B, d its error), estimated without bias by
    ``4 B (x + 1)² - 2 B (B - 1)``.

    Parameters
    ----------
    thinned : Thinned
    estimate : (..., Y, X) float32, e-
        What the method made of ``thinned.kept``, divided by the share: at full exposure.

    Returns
    -------
    HeldOutScore

    Raises
    ------
    PhotonDenoiseError
        If the shapes differ, or a pixel is NaN or infinite.
    """
    check_pair(thinned.held, estimate, ("photons held back", "denoised image"))
    held, mean = thinned.held.astype(np.float64), thinned.expected(estimate)
    short, size = 1 - thinned.share, held.size
    spread = 4 * held * (mean - held + 1) ** 2 - 2 * held * (held - 1)
    deviance = _deviance(held, np.maximum(mean, LEAST * short))
    low, high = np.percentile(estimate, PERCENTILES)
    support, support_error = slope_of_contrast(
        (held - thinned.extra) / short, estimate, np.maximum(mean, LEAST * short) / short**2
    )
    return HeldOutScore(
        mse=float(np.mean((mean - held) ** 2 - held)) / short**2,
        mse_error=float(np.sqrt(max(spread.mean(), 0.0) / size)) / short**2,
        deviance=float(deviance.mean()),
        deviance_error=float(deviance.std() / np.sqrt(size)),
        support=support,
        support_error=support_error,
        data_range=float(high - low),
    )


def held_out_difference(thinned: Thinned, first: Float32, second: Float32) -> Difference:
    """Compare two methods by the photons that neither has seen.

    Given both results, chance enters the difference of their errors only through the photons
    held back where the results differ, so that its variance in a pixel is ``4 λ (m1 - m2)²``
    for the squared error and ``4 λ log(m1 / m2)²`` for the deviance.

    Parameters
    ----------
    thinned : Thinned
    first, second : (..., Y, X) float32, e-
        What the methods made of ``thinned.kept``, at full exposure.

    Returns
    -------
    Difference
        First minus second.

    Raises
    ------
    PhotonDenoiseError
        If the shapes differ, or a pixel is NaN or infinite.
    """
    check_pair(first, second, ("first image", "second"))
    check_pair(thinned.held, first, ("photons held back", "denoised image"))
    held = thinned.held.astype(np.float64)
    means = [thinned.expected(estimate) for estimate in (first, second)]
    apart = means[0] - means[1]
    squares = apart * (means[0] + means[1] - 2 * held)
    floored = [np.maximum(mean, LEAST * (1 - thinned.share)) for mean in means]
    ratio = np.log(floored[0] / floored[1])
    deviances = 2 * (floored[0] - floored[1] - held * ratio)
    scale = (1 - thinned.share) ** 2
    return Difference(
        mse=float(squares.mean()) / scale,
        mse_error=_error(4 * held * apart**2) / scale,
        deviance=float(deviances.mean()),
        deviance_error=_error(4 * held * ratio**2),
    )


def differences(
    thinned: Thinned, estimates: dict[str, Float32]
) -> dict[tuple[str, str], Difference]:
    """Compare every two methods; the key names first and second."""
    return {
        (first, second): held_out_difference(thinned, estimates[first], estimates[second])
        for first, second in combinations(estimates, 2)
    }


def _deviance(held: NDArray[np.float64], mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """Poisson deviance of each pixel, ``2 (B log(B / m) - B + m)``."""
    from scipy.special import kl_div

    deviance: NDArray[np.float64] = 2 * kl_div(held, mean)
    return deviance


def _error(variance: NDArray[np.float64]) -> float:
    """Return the standard error of a mean from the variance of each pixel."""
    return float(np.sqrt(variance.mean() / variance.size))
