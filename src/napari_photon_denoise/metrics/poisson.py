"""How far one Poisson distribution lies from another: divergences of photon numbers.

Two images are two sets of Poisson means. A photon number below zero, which read noise can
make, counts as 0: no Poisson distribution has a negative mean. Both means are raised by
`epsilon`, half a photon unless told otherwise, so that an empty pixel does not make the
divergence infinite; a divergence without its epsilon says little at low light.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.checks import check_pair

METRIC_EPSILON = 0.5  # e-; makes the J of Poisson counts and their mean 1.0 from 5 photons up


def poisson_kl(mu: Float32, w: Float32, epsilon: float = METRIC_EPSILON) -> float:
    """Kullback-Leibler divergence of Poisson(w) from Poisson(mu), the mean over pixels.

    ``KL(μ, W) = μ log(μ / W) + W - μ``, of means raised by `epsilon`. It is not
    symmetric: ``poisson_kl(truth, image)`` is the forward divergence,
    ``poisson_kl(image, truth)`` the backward one. Xypakis et al. 2023
    (doi:10.1364/OE.504606) print its negative; Csiszár 1991, doi:10.1214/aos/1176348385.

    Parameters
    ----------
    mu, w : (..., Y, X) float32, e-
    epsilon : float, e-
        0 for the bare formula, which is infinite where `w` is 0 and `mu` is not.

    Returns
    -------
    float, nats per pixel

    Raises
    ------
    PhotonDenoiseError
        If the shapes differ, a pixel is not finite, or epsilon is negative.
    """
    from scipy.special import kl_div

    return float(np.mean(kl_div(*_raised(mu, w, epsilon))))


def symmetric_kl(mu: Float32, w: Float32, epsilon: float = METRIC_EPSILON) -> float:
    """J divergence, forward plus backward, the mean over pixels.

    ``J = KL(μ, W) + KL(W, μ) = (μ - W) (log(μ + ε) - log(W + ε))``. For small errors J is
    the squared error in units of the shot noise, so noisy counts lie about 1 from their
    own mean. Xypakis et al. (doi:10.1364/OE.504606) write ½(KL + KLᵀ), which is J / 2.
    Jeffreys 1946, doi:10.1098/rspa.1946.0056.

    Parameters
    ----------
    mu, w : (..., Y, X) float32, e-
        In either order.
    epsilon : float, e-

    Returns
    -------
    float, nats per pixel

    Raises
    ------
    PhotonDenoiseError
        If the shapes differ, a pixel is not finite, or epsilon is negative.
    """
    first, second = _raised(mu, w, epsilon)
    with np.errstate(divide="ignore", invalid="ignore"):
        divergence = (first - second) * np.log(first / second)
    # Without epsilon, 0 beside 0 is 0 / 0 above and no difference.
    return float(np.mean(np.where(first == second, 0, divergence)))


def _raised(
    mu: Float32, w: Float32, epsilon: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    check_pair(mu, w, ("first image", "second"))
    if not (np.isfinite(epsilon) and epsilon >= 0):
        raise PhotonDenoiseError(f"The divergence's epsilon must be 0 or more, not {epsilon}.")
    means = (np.maximum(a.astype(np.float64), 0) + epsilon for a in (mu, w))
    return next(means), next(means)
