"""What a pixel's own photons add to what its surroundings say (probabilistic Noise2Void).

The surroundings give mean and spread of what the expected photons s may be, a gamma law; the
camera's noise gives the likelihood of what was counted. No noise model is recorded: the noise of
a calibrated camera is known, ``x + σ² ~ Poisson(s + σ²)``, which is exact without read noise and
has the right mean and variance with it. The gamma law of ``s + σ²`` then makes the posterior a
gamma law too: a sum of mean and counted photons, each as sure as it is. After Krull et al. 2020,
doi:10.3389/fcomp.2020.00005, with recorded histograms and 800 free samples there.
"""

from __future__ import annotations

import torch
from torch import Tensor

from napari_photon_denoise.networks.photon_network import FLOOR

LEAST = 0.01  # e-², as if of read noise; keeps logarithms and quotients finite
LEAST_SHAPE = 0.1  # of a gamma law, raised by the counted photons
SHIFT = 6  # Stirling's series is exact enough from here on


def log_likelihood(expected: Tensor, photons: Tensor, variance: Tensor) -> Tensor:
    """Log-probability of the counted photons, less what does not depend on the expected ones.

    Parameters
    ----------
    expected : float32, e-
        Zero or above.
    photons : float32, e-
        Counted; may be negative.
    variance : float32, e-²
        Of the read noise. All three of one shape.

    Returns
    -------
    float32
    """
    raised = expected + variance + FLOOR
    # Not clamped at zero, where the law ends: linear in x, so that negative photons bias nothing.
    # The floor is added to both, which moves no maximum.
    return (photons + variance + FLOOR) * raised.log() - raised


def surprise(mean: Tensor, spread: Tensor, photons: Tensor, variance: Tensor) -> Tensor:
    """Minus the logarithm of how probable photons were: of a negative binomial law.

    Parameters
    ----------
    mean, spread : float32, e-
        Of the expected photons, a gamma law; the spread is above zero.
    photons, variance : float32
        As of `log_likelihood`; all four of one shape.

    Returns
    -------
    float32
        Less what depends on the photons alone.
    """
    raised = mean + variance + LEAST
    shape = raised.square() / spread.square()
    counted = torch.maximum(photons + variance + LEAST, LEAST_SHAPE - shape)
    # log Γ(shape + counted) - log Γ(shape), without the difference of large numbers.
    far = shape + SHIFT
    gammas = (far - 0.5) * torch.log1p(counted / far) + counted * (far + counted).log() - counted
    gammas = gammas + (1 / (far + counted) - 1 / far) / 12
    for step in range(SHIFT):
        gammas = gammas - torch.log1p(counted / (shape + step))
    return (
        shape * torch.log1p(raised / shape) - counted * (raised / (shape + raised)).log() - gammas
    )


def posterior(
    mean: Tensor, spread: Tensor, photons: Tensor, variance: Tensor
) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of the expected photons, now that some are counted.

    Parameters as in `surprise`.

    Returns
    -------
    mean, deviation : float32, e-
        The mean, zero or above, has the least squared error of all that are linear in x.
    """
    raised = mean + variance + LEAST
    share = spread.square() / (raised + spread.square())
    found = (mean + share * (photons - mean)).clamp(min=0)
    return found, (share * (found + variance + LEAST)).sqrt()
