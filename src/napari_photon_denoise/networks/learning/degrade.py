"""The virtual camera of the training: from clean densities to noisy photons, a batch at once.

Every patch gets its own light level, camera and mistake in the calibration, over the whole
range that microscopes have, so that the network learns to use what it is told (read noise,
correlation) and to bear what it is told wrongly (gain, offset, correlation length).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log

import numpy as np
import torch
from torch import Tensor

from napari_photon_denoise.networks.batch import Batch
from napari_photon_denoise.networks.learning.grain import blur, draw_taps, offset_lines


@dataclass(frozen=True)
class Noise:
    """Ranges that a training draws from; shares are of patches, the rest of them has none.

    Parameters
    ----------
    photons : (float, float), e-
        Mean of a scene; log-uniform.
    dark : float
        Share without any light.
    additive : float
        Share whose read noise outweighs the shot noise, as in rescaled images: up to
        `additive_read_noise`, e-.
    quiet : float
        Share without any read noise (photon counting, EMCCD).
    maps : float
        Share with a read noise of its own in each pixel and a few hot pixels.
    excess : float
        Share from an electron-multiplying camera, in effective photons.
    correlated : float
        Share whose noise is correlated between pixels, with a length of `lengths`, px.
    sharp : float
        Share of these whose spectrum ends at a frequency, as behind an amplifier.
    lines : float
        Share of those correlated along x alone, as a scanner writes them, whose lines have
        an offset each, see `grain`.
    rounded : float
        Share whose photons come in steps, as from 8-bit files.
    miscalibrated : float
        Share with gain and offset wrong by up to `mistake`.
    """

    photons: tuple[float, float] = (0.05, 2000)
    read_noise: tuple[float, float] = (0.3, 5)
    dark: float = 0.03
    additive: float = 0.2
    additive_read_noise: tuple[float, float] = (3, 100)
    quiet: float = 0.35
    maps: float = 0.2
    excess: float = 0.15
    correlated: float = 0.4
    lengths: tuple[float, float] = (0.3, 1.6)
    sharp: float = 0.35
    lines: float = 0.5
    rounded: float = 0.15
    miscalibrated: float = 0.3
    mistake: float = 0.1


def degrade(density: Tensor, noise: Noise, rng: np.random.Generator) -> Batch:
    """Photograph clean patches.

    Parameters
    ----------
    density : (B, planes, [Z,] Y, X) float32
        Of scenes of mean 1, zero or above; the middle plane is to be denoised.
    noise : Noise
    rng : numpy.random.Generator
        Draws the cameras, and seeds the noise.
    """
    source = torch.Generator().manual_seed(int(rng.integers(2**63)))
    count, planes = density.shape[:2]
    flat = (count, *(1,) * (density.ndim - 1))
    camera = [_draw_camera(noise, rng) for _ in range(count)]
    level = torch.tensor([one[0] for one in camera]).reshape(flat)
    read_noise = torch.tensor([one[1] for one in camera]).reshape(flat)
    read_noise = read_noise.expand(count, 1, *(1,) * (density.ndim - 4), *density.shape[-2:])
    mapped = torch.from_numpy(rng.random(count) < noise.maps).reshape(flat)
    read_noise = torch.where(mapped, _as_map(read_noise, source), read_noise)

    level = level * torch.from_numpy(rng.random(count) >= noise.dark).reshape(flat)
    expected = density * level
    photons = torch.poisson(expected, generator=source)
    excess = np.flatnonzero(rng.random(count) < noise.excess)
    if len(excess):
        photons[excess] = _multiplied(expected[excess], rng)
    photons += read_noise * torch.randn(photons.shape, generator=source)

    lengths = torch.zeros(count, 2)
    correlated = np.flatnonzero(rng.random(count) < noise.correlated)
    if len(correlated):
        taps, told = draw_taps(len(correlated), noise.lengths, noise.sharp, rng)
        lengths[correlated] = torch.from_numpy(told)
        grain = blur(photons[correlated] - expected[correlated], taps)
        scanned = np.flatnonzero((told[:, 0] == 0) & (rng.random(len(told)) < noise.lines))
        grain[scanned] = offset_lines(grain[scanned], rng, source)
        photons[correlated] = expected[correlated] + grain

    photons, read_noise = _round(photons, read_noise, noise.rounded, rng)
    target = expected[:, planes // 2 : planes // 2 + 1]
    photons, target = _miscalibrate(photons, target, read_noise, noise, rng)
    present = torch.ones(count, planes, dtype=torch.bool)
    return Batch(photons, read_noise, lengths, target, present)


def _draw_camera(noise: Noise, rng: np.random.Generator) -> tuple[float, float]:
    """Mean photons of a scene, and the read noise of its camera."""
    # The middle of the range is where most images lie: half of the draws.
    low, high = noise.photons
    middle = (low ** (2 / 3) * high ** (1 / 3), low ** (1 / 3) * high ** (2 / 3))
    level = _log_uniform(middle if rng.random() < 0.4 else noise.photons, rng)
    kind = rng.random()
    if kind < noise.quiet:
        return level, 0.0
    if kind < 1 - noise.additive:
        return level, _log_uniform(noise.read_noise, rng)
    # As light as makes the signal stand out from the noise 0.3 to 30 times.
    read_noise = _log_uniform(noise.additive_read_noise, rng)
    return read_noise * _log_uniform((0.3, 30), rng), read_noise


def _log_uniform(between: tuple[float, float], rng: np.random.Generator) -> float:
    return exp(rng.uniform(log(between[0]), log(between[1])))


def _as_map(read_noise: Tensor, source: torch.Generator) -> Tensor:
    """Spread the read noise as a scientific CMOS camera does: a long tail of hot pixels."""
    # Body and tail as measured on an ORCA-Flash4.0, see `virtual.simulate`.
    spread = 0.2 * torch.randn(read_noise.shape, generator=source)
    chance = torch.rand(read_noise.shape, generator=source)
    tail = torch.where(chance < 0.05, 0.5 - 0.4 * torch.log(chance * 20 + 1e-3), 0.0)
    return read_noise * torch.exp(spread + tail)


def _multiplied(expected: Tensor, rng: np.random.Generator) -> Tensor:
    """Effective photons of an electron-multiplying register: variance equal to the mean."""
    # Multiplication doubles the variance, so the camera's slope counts two photons as one.
    electrons = rng.poisson(2 * expected.numpy())
    return torch.from_numpy((rng.standard_gamma(electrons) / 2).astype(np.float32))


def _round(
    photons: Tensor, read_noise: Tensor, share: float, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Bring some patches into steps of up to twice their noise; the read noise tells it."""
    count = len(photons)
    flat = (count, *(1,) * (photons.ndim - 1))
    steps = np.exp(rng.uniform(log(0.1), log(2), count)) * (rng.random(count) < share)
    mean = photons.reshape(count, -1).mean(1).clamp(min=0)
    typical = (mean + read_noise.reshape(count, -1).square().mean(1)).sqrt()
    step = (torch.from_numpy(steps.astype(np.float32)) * typical).reshape(flat)
    stepped = torch.where(step > 0, torch.round(photons / step.clamp(min=1e-6)) * step, photons)
    return stepped, (read_noise.square() + step.square() / 12).sqrt()


def _miscalibrate(
    photons: Tensor, target: Tensor, read_noise: Tensor, noise: Noise, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """State some patches with a wrong gain and offset, the truth alike."""
    count = len(photons)
    flat = (count, *(1,) * (photons.ndim - 1))
    wrong = rng.random(count) < noise.miscalibrated
    gain, offset = rng.uniform(-noise.mistake, noise.mistake, (2, count)) * wrong
    gain_there = torch.from_numpy((1 + gain).astype(np.float32)).reshape(flat)
    unit = read_noise.reshape(count, -1).mean(1).clamp(min=0.3)
    shift = (torch.from_numpy(offset.astype(np.float32)) * unit).reshape(flat)
    # A network can't state less than nothing.
    return photons * gain_there + shift, (target * gain_there + shift).clamp(min=0)
