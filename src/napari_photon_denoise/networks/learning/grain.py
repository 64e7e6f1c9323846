"""Noise that neighbouring pixels share: resampled, smoothed, behind an amplifier, line by line."""

from __future__ import annotations

from functools import lru_cache
from math import log

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from napari_photon_denoise.calibration import Float32

Float64 = NDArray[np.float64]

RADIUS = 6  # px, of the longest blur
CUTOFFS = (0.15, 0.45)  # cycles/px, where a sharp spectrum ends
DECAYS = (1.0, 3.0)  # px; how long it rings
LINE_OFFSET = 0.3  # of the noise of a pixel; standard deviation of a scanner's lines, at most


def draw_taps(
    count: int, lengths: tuple[float, float], sharp: float, rng: np.random.Generator
) -> tuple[Float32, Float32]:
    """Draw blurs along y and x, and what their lengths are told to be.

    Parameters
    ----------
    count : int
    lengths : (float, float), px
        Of Gaussian blurs, log-uniform.
    sharp : float
        Share whose spectrum ends at a frequency, not in the tail of a Gaussian.
    rng : numpy.random.Generator

    Returns
    -------
    taps : (count, 2, 2 * RADIUS + 1) float32
        Of power 1: they keep the variance of white noise.
    told : (count, 2) float32, px
        Length of the Gaussian that correlates next neighbours as much, wrong by up to a fifth;
        0 where there is no blur: along y, with blurs along x alone.
    """
    at = np.arange(-RADIUS, RADIUS + 1)
    length = np.exp(rng.uniform(log(lengths[0]), log(lengths[1]), (count, 2)))
    cutoff, decay = (rng.uniform(*between, (count, 2, 1)) for between in (CUTOFFS, DECAYS))
    gaussian = np.exp(-0.5 * np.square(at / length[..., None]))
    ringing = np.sinc(2 * cutoff * at) * np.exp(-0.5 * np.square(at / decay))
    taps = np.where((rng.random(count) < sharp)[:, None, None], ringing, gaussian)
    kind = rng.random((count, 1))
    along_x = np.where(at == 0, 1.0, 0.0)
    taps[:, 0] = np.where(kind < 0.4, along_x, np.where(kind < 0.8, taps[:, 1], taps[:, 0]))
    taps /= np.sqrt(np.square(taps).sum(-1, keepdims=True))
    shared = (taps[..., 1:] * taps[..., :-1]).sum(-1)
    told = length_of(shared) * rng.normal(1, 0.08, (count, 2)).clip(0.8, 1.2)
    return taps.astype(np.float32), told.astype(np.float32)


def length_of(shared: Float64) -> Float64:
    """Length, px, of the sampled Gaussian that correlates next neighbours so."""
    return np.interp(shared, *_correlations())


@lru_cache
def _correlations() -> tuple[Float64, Float64]:
    """Correlation of next neighbours, and the length of its Gaussian."""
    at = np.arange(-4 * RADIUS, 4 * RADIUS + 1)
    lengths = np.concatenate([[0], np.arange(0.2, 6, 0.02)])
    taps = np.exp(-0.5 * np.square(at / np.maximum(lengths, 1e-3)[:, None]))
    shared = (taps[:, 1:] * taps[:, :-1]).sum(1) / np.square(taps).sum(1)
    return shared, lengths


def blur(noise: Tensor, taps: Float32) -> Tensor:
    """Blur the planes of each patch along y and x by its own taps.

    Parameters
    ----------
    noise : (B, ..., Y, X) float32
    taps : (B, 2, 2 * RADIUS + 1) float32
    """
    count, shape = len(noise), noise.shape
    ky = torch.from_numpy(taps[:, 0, None, :, None])
    kx = torch.from_numpy(taps[:, 1, None, None, :])
    # Patches become channels, so that each has taps of its own.
    planes = noise.reshape(count, shape[1:-2].numel(), *shape[-2:]).transpose(0, 1)
    planes = F.pad(planes, (RADIUS,) * 4, mode="reflect")
    planes = F.conv2d(F.conv2d(planes, ky, groups=count), kx, groups=count)
    return planes.transpose(0, 1).reshape(shape)


def offset_lines(noise: Tensor, rng: np.random.Generator, source: torch.Generator) -> Tensor:
    """Give each line along x an offset, of a strength that each patch has of its own.

    Parameters
    ----------
    noise : (B, ..., Y, X) float32
    """
    count = len(noise)
    strength = torch.from_numpy(rng.uniform(0, LINE_OFFSET, count).astype(np.float32))
    deviation = noise.flatten(1).square().mean(1).sqrt() * strength
    offsets = torch.randn((*noise.shape[:-1], 1), generator=source)
    return noise + offsets * deviation.reshape(count, *(1,) * (noise.ndim - 1))
