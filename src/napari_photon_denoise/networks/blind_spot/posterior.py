"""What a pixel's own photons add to what its surroundings say (probabilistic Noise2Void).

The surroundings give samples of what the expected photons may be; the camera's noise gives the
likelihood of what was counted. No noise model is recorded: the noise of a calibrated camera is
known, ``x + σ² ~ Poisson(s + σ²)``, which is exact without read noise and has the right mean and
variance with it. Krull et al. 2020, doi:10.3389/fcomp.2020.00005, with histograms there.
"""

from __future__ import annotations

from math import log

import torch
from torch import Tensor

LEAST = 1e-3  # e-; keeps logarithms finite


def log_likelihood(samples: Tensor, photons: Tensor, variance: Tensor) -> Tensor:
    """Log-probability of the counted photons, less what the samples do not change.

    Parameters
    ----------
    samples : (B, K, ...) float32, e-
        Expected photons, zero or above.
    photons : (B, 1, ...) float32, e-
        Counted; may be negative.
    variance : (B, 1, ...) float32, e-²
        Of the read noise.

    Returns
    -------
    (B, K, ...) float32
    """
    expected = samples + variance + LEAST
    # Not clamped at zero, where the law ends: linear in x, so that negative photons bias nothing.
    return (photons + variance) * expected.log() - expected


def negative_log_evidence(samples: Tensor, photons: Tensor, variance: Tensor) -> Tensor:
    """Minus the logarithm of the mean likelihood over samples: the loss, (B, 1, ...)."""
    likelihood = log_likelihood(samples, photons, variance)
    mean = torch.logsumexp(likelihood, 1, keepdim=True) - log(samples.shape[1])
    return -mean


def posterior(samples: Tensor, photons: Tensor, variance: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of the expected photons, given samples and counted photons.

    Returns
    -------
    mean, deviation : (B, 1, ...) float32, e-
        The mean has the least squared error that can be had.
    """
    share = log_likelihood(samples, photons, variance).softmax(1)
    mean = (share * samples).sum(1, keepdim=True)
    spread = (share * (samples - mean).square()).sum(1, keepdim=True)
    return mean, spread.sqrt()
