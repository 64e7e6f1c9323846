"""By what factor denoising brings images nearer to their truth, over slices and exposures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_photon_denoise.errors import PhotonDenoiseError

CONFIDENCE = 0.95


@dataclass(frozen=True)
class SignalImprovement:
    """The slope of the input's divergence against the output's; above 1 is better.

    Parameters
    ----------
    factor : float
        s of ``KL_in = s · KL_out``, the line through the origin.
    low, high : float
        The factor's 95 % confidence interval.
    slope, intercept : float, intercept in nats per pixel
        Of the ordinary line, which is free to miss the origin; NaN where every output
        has one divergence. An intercept far from 0 says that one factor does not
        describe the images.
    points : int
        Slices × exposures.
    """

    factor: float
    low: float
    high: float
    slope: float
    intercept: float
    points: int


def fit_signal_improvement(kl_in: ArrayLike, kl_out: ArrayLike) -> SignalImprovement:
    """Fit ``KL_in = s · KL_out`` through the origin, ``s = Σ KL_in KL_out / Σ KL_out²``.

    The interval is ``s ± t · SE`` with Student's t of n - 1 degrees of freedom and the
    regression's HC3 standard error (MacKinnon & White 1985,
    doi:10.1016/0304-4076(85)90158-7), because the scatter grows with the divergence and
    the textbook error would be too small. Simulated with scatter in proportion, it holds
    the factor in 92 to 95 of 100 cases from 3 points up. It takes the points as
    independent; slices of one volume, which resemble each other, make it too narrow. The
    factor is that of Xypakis et al. 2023, doi:10.1364/OE.504606.

    Parameters
    ----------
    kl_in, kl_out : arrays of one shape, nats per pixel
        Divergence from the truth of each noisy and each denoised slice, all exposures
        together, such as ``by_slice(symmetric_kl, truth, image)``.

    Returns
    -------
    SignalImprovement

    Raises
    ------
    PhotonDenoiseError
        If the shapes differ, there are fewer than two points, a divergence is negative
        or not finite, or all outputs equal their truth.
    """
    y, x = _points(kl_in, kl_out)
    factor = float(y @ x / (x @ x))
    half_width = _half_width(x, y - factor * x)
    slope, intercept = _ordinary_line(x, y)
    return SignalImprovement(
        factor, factor - half_width, factor + half_width, slope, intercept, x.size
    )


def _points(kl_in: ArrayLike, kl_out: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    y, x = np.asarray(kl_in, np.float64), np.asarray(kl_out, np.float64)
    if x.shape != y.shape:
        raise PhotonDenoiseError(
            f"There are divergences of {y.size} inputs and {x.size} outputs, of the shapes "
            f"{y.shape} and {x.shape}: they must be equal."
        )
    if x.size < 2:
        raise PhotonDenoiseError("A signal improvement needs at least two slices or exposures.")
    if not (np.isfinite([x, y]).all() and min(x.min(), y.min()) >= 0):
        raise PhotonDenoiseError("Divergences must be 0 or more and finite.")
    if not x.any():
        raise PhotonDenoiseError("All outputs equal their truth: the improvement is infinite.")
    return y.ravel(), x.ravel()


def _half_width(x: NDArray[np.float64], residual: NDArray[np.float64]) -> float:
    """Half of the factor's confidence interval, from its HC3 standard error."""
    from scipy.special import stdtrit

    power = x @ x
    # A point that alone decides the line has leverage 1 and residual 0.
    free = np.maximum(1 - x**2 / power, 1e-12)
    error = np.sqrt(np.sum((x * residual / free) ** 2)) / power
    return float(error * stdtrit(x.size - 1, (1 + CONFIDENCE) / 2))


def _ordinary_line(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float]:
    spread = x - x.mean()
    if not spread.any():
        return float("nan"), float("nan")
    slope = float(spread @ y / (spread @ spread))
    return slope, float(y.mean() - slope * x.mean())
