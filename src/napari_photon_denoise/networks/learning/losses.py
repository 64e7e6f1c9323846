"""Losses between photons that a network put out and photons that it should have.

Which value a loss is smallest at decides what a network learns where it cannot be sure. Poisson
deviance, Poisson likelihood and squared error have the arithmetic mean: they are unbiased, and a
noisy target serves as well as a clean one. The absolute error has the median. The symmetric
Kullback-Leibler divergence lies between the arithmetic mean a and the geometric mean b of what
the target may be, at the W of ``log(W / b) + 1 = a / W``: below the mean, far below for noisy
targets of few photons, so it needs nearly clean ones.

The floor ε is added to output and target alike, which keeps logarithms finite at zero photons and
moves no minimum.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

# Photons; small beside a pixel worth denoising, large enough to bound gradients at zero.
EPSILON = 1e-2

# Variance that a patch is taken to have at least, e-²: an empty one must not outweigh the others.
SMALLEST_VARIANCE = 1e-2

# Next to -1, where the logarithm of float32 ends.
NO_PHOTONS = -1 + 1e-6


def symmetric_kl(output: Tensor, target: Tensor, epsilon: float) -> Tensor:
    """Kullback-Leibler divergence of two Poisson laws, both ways and added, J.

    Near its minimum it is ``(target - output)² / target``. The loss of Xypakis et al.,
    doi:10.1364/OE.504606.

    Parameters
    ----------
    output : (B, 1, [Z,] Y, X), e-, zero or above
    target : (B, 1, [Z,] Y, X), e-, zero or above
        Clean photons.
    epsilon : float, e-

    Returns
    -------
    (B, 1, [Z,] Y, X), of each pixel
    """
    # One quotient: the difference of two logarithms would round a tenfold worse.
    return (target - output) * torch.log((target + epsilon) / (output + epsilon))


def poisson_deviance(output: Tensor, target: Tensor, epsilon: float) -> Tensor:
    """Twice the logarithm of how much likelier the target itself would have made the target.

    ``2 (t log(t / w) - t + w)`` with ε in t and w; near its minimum ``(t - w)² / w``.

    Parameters
    ----------
    output : (B, 1, [Z,] Y, X), e-, zero or above
    target : (B, 1, [Z,] Y, X), e-, zero or above
        Counted or clean photons. Where read noise makes them negative, take `poisson_nll`.
    epsilon : float, e-

    Returns
    -------
    (B, 1, [Z,] Y, X), of each pixel
    """
    excess = target - output
    # log1p, for bright pixels: an error of noise's size changes the quotient's last digits only.
    # Below the clamp the term is nothing beside w; without ε it and its gradient vanish at t = 0.
    relative = (excess / (output + epsilon)).clamp(min=NO_PHOTONS)
    return 2 * ((target + epsilon) * torch.log1p(relative) - excess)


def poisson_nll(output: Tensor, target: Tensor, epsilon: float) -> Tensor:
    """Negative Poisson log-likelihood, without the terms that hold the target alone.

    Linear in the target: negative values, as read noise makes them, bias nothing.

    Parameters
    ----------
    output : (B, 1, [Z,] Y, X), e-, zero or above
    target : (B, 1, [Z,] Y, X), e-
        Counted or clean photons.
    epsilon : float, e-

    Returns
    -------
    (B, 1, [Z,] Y, X), of each pixel
    """
    return output - (target + epsilon) * torch.log(output + epsilon)


def mse(output: Tensor, target: Tensor, epsilon: float) -> Tensor:
    """Squared error; knows no floor.

    Parameters
    ----------
    output, target : (B, 1, [Z,] Y, X), e-
    epsilon : float
        Not used.

    Returns
    -------
    (B, 1, [Z,] Y, X), e-², of each pixel
    """
    return torch.square(output - target)


def l1(output: Tensor, target: Tensor, epsilon: float) -> Tensor:
    """Absolute error; knows no floor.

    Parameters
    ----------
    output, target : (B, 1, [Z,] Y, X), e-
    epsilon : float
        Not used.

    Returns
    -------
    (B, 1, [Z,] Y, X), e-, of each pixel
    """
    return torch.abs(output - target)


LOSSES: dict[str, Callable[[Tensor, Tensor, float], Tensor]] = {
    "symmetric-kl": symmetric_kl,
    "poisson-deviance": poisson_deviance,
    "poisson-nll": poisson_nll,
    "mse": mse,
    "l1": l1,
}


@dataclass(frozen=True)
class Loss:
    """A loss and its floor: what is written beside the weights.

    Parameters
    ----------
    name : str
        One of `LOSSES`.
    epsilon : float, e-
        Floor of the Poisson losses.

    Raises
    ------
    ValueError
        If the name is unknown or the floor negative.
    """

    name: str
    epsilon: float = EPSILON

    def __post_init__(self) -> None:
        """Refuse what no loss has."""
        if self.name not in LOSSES:
            raise ValueError(f"The loss must be one of {', '.join(LOSSES)}, not {self.name!r}.")
        if not self.epsilon >= 0:
            raise ValueError(f"The floor of a loss must be zero or above, not {self.epsilon}.")

    def __call__(self, output: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
        """Mean over all pixels, each times its weight.

        Parameters
        ----------
        output, target : (B, C, [Z,] Y, X), e-
        weight : (B, 1, [1,] 1, 1) or any that broadcasts, optional
            May depend on what the network is given, such as the noise of its input, and on
            nothing else: a weight that knows the target's pixel moves the minimum off the mean.

        Returns
        -------
        () float32, float64 for float64

        Raises
        ------
        ValueError
            If the shapes differ; they would broadcast to a wrong mean.
        """
        pixels = self.per_pixel(output, target)
        return pixels.mean() if weight is None else (pixels * weight).mean()

    def per_pixel(self, output: Tensor, target: Tensor) -> Tensor:
        """Return the loss of each pixel; parameters and errors as in `__call__`."""
        if output.shape != target.shape:
            shapes = f"{tuple(output.shape)} and {tuple(target.shape)}"
            raise ValueError(f"Output and target must share their shape, not {shapes}.")
        return LOSSES[self.name](_precise(output), _precise(target), self.epsilon)

    def weight(self, photons: Tensor, read_noise: Tensor) -> Tensor:
        """One over this loss of a noisy input: with it dim and bright patches count alike.

        Parameters
        ----------
        photons : (B, 1, [1,] 1, 1), e-
            Mean of each patch as the network sees it, of the input and not of the target.
        read_noise : (B, 1, [1,] 1, 1), e- rms

        Returns
        -------
        (B, 1, [1,] 1, 1)
        """
        mean = _precise(photons).clamp(min=0)
        variance = (mean + _precise(read_noise).square()).clamp(min=SMALLEST_VARIANCE)
        if self.name == "mse":
            return 1 / variance
        if self.name == "l1":
            return torch.rsqrt(variance)
        return mean / variance  # the Poisson losses are in units of shot noise already


def _precise(tensor: Tensor) -> Tensor:
    """At least float32; the operations above stay there under autocast."""
    return tensor.to(torch.promote_types(tensor.dtype, torch.float32))
