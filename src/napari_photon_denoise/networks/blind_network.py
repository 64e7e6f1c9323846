"""What stands around the body of a blind-spot network: photons in, photons out.

As in the stabilised form of `photon_network`, a pixel is seen relative to a local mean, in units
of the noise expected there. Pixels that are hidden in training do not count in that mean; when the
network is put to use all pixels do. A mean that left out the middle always would print the finest
noise onto the result, upside down. Before any training the result is the local mean.

Three kinds:

plain
    The expected photons of a pixel from its surroundings.
samples
    Two guesses: their mean, and by their difference how far that may be off. The pixel's own
    photons then decide: see `posterior`.
psf
    The body returns an image that becomes the expected photons when it is blurred by the point
    spread function (Goncharova et al. 2020, doi:10.48550/arXiv.2008.08414).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from napari_photon_denoise.networks.cluster_masks import ClusterMasks
from napari_photon_denoise.networks.photon_network import (
    FAR_SIGMA,
    FLOOR,
    NEAR_SIGMA,
    SOFTNESS,
    Body,
    blurred,
    gaussian_taps,
    mean_halo,
    weigh,
    wide_mean,
)
from napari_photon_denoise.networks.posterior import posterior

EXTRAS = 4  # channels beside the image's own planes
DEVIATION, DECONVOLVED = "standard deviation", "deconvolved"
SHARPEST = 0.7  # px, sigma of the local mean before it is blurred
# Of the spread of what is expected: how much less than the noise's e-fold it begins with, its
# largest logarithm, its largest share of the mean, its smallest share of the noise.
NARROWER, MOST, WIDEST, NARROWEST = 2.0, 4.0, 1.5, 0.02


class Expected(NamedTuple):
    """What a pixel's surroundings say of it.

    Parameters
    ----------
    image : (B, 1, [Z,] Y, X) float32, e-, above zero
        Expected photons.
    spread : (B, 1, [Z,] Y, X) float32, e-, optional
        Their standard deviation, of a network with two samples.
    sharp : (B, 1, [Z,] Y, X) float32, e-, optional
        What the image is the blur of, of a network with a point spread function; may be
        negative.
    """

    image: Tensor
    spread: Tensor | None = None
    sharp: Tensor | None = None


class BlindNetwork(nn.Module):
    """A body that guesses each pixel from the others.

    Parameters
    ----------
    body : Body, an nn.Module
        ``(B, planes + 4, [Z,] Y, X) -> (B, samples, [Z,] Y, X)``.
    planes : int
        Odd: the plane to denoise with its neighbours in z or time; 1 is plain 2-D or 3-D.
    samples : {1, 2}
        Guesses of a pixel: its mean alone, or its spread too.
    psf : tuple of int, optional
        Shape of the point spread function, odd, ([Z,] Y, X); None for none. Its values are the
        buffer ``psf``, of sum 1, and belong to the weights.
    masks : ClusterMasks, optional
        What the body is shown beside all that.
    """

    form = "blind"
    body: Body
    psf: Tensor | None

    def __init__(
        self,
        body: Body,
        planes: int = 1,
        samples: int = 1,
        psf: tuple[int, ...] | None = None,
        masks: ClusterMasks | None = None,
    ) -> None:
        super().__init__()
        self.body, self.planes, self.samples, self.masks = body, planes, samples, masks
        self.register_buffer("near", gaussian_taps(NEAR_SIGMA), persistent=False)
        self.register_buffer("far", gaussian_taps(FAR_SIGMA), persistent=False)
        self.register_buffer("psf", None if psf is None else _delta(psf))

    @property
    def halo_around(self) -> int:
        """How much further than its body a pixel sees, px."""
        return mean_halo() + (0 if self.psf is None else max(self.psf.shape[-2:]) // 2)

    @property
    def halo_across(self) -> int:
        """How many planes further than its body a pixel sees."""
        return 0 if self.psf is None or self.psf.ndim == 2 else self.psf.shape[0] // 2

    @property
    def results(self) -> tuple[str, ...]:
        """What is returned beside the denoised image."""
        if self.psf is not None:
            return (DECONVOLVED,)
        return (DEVIATION,) if self.samples > 1 else ()

    def forward(
        self, photons: Tensor, read_noise: Tensor, lengths: Tensor, present: Tensor | None = None
    ) -> Tensor:
        """Denoise.

        Parameters
        ----------
        photons : (B, planes, [Z,] Y, X) float32, e-
            May be negative. Y and X are multiples of the body's `multiple` and of 4.
        read_noise : float32, e- rms
            Of a shape that broadcasts to (B, 1, [Z,] Y, X).
        lengths : (B, 2) float32, px
            Not used: how far neighbours share noise is a matter of the mask.
        present : (B, planes) bool, optional
            False for planes that do not exist; None: all exist.

        Returns
        -------
        (B, 1 + results, [Z,] Y, X) float32, e-
            The denoised image, then `results`.
        """
        expected = self.expect(photons, read_noise, present)
        if expected.sharp is not None:
            return torch.cat([expected.image, expected.sharp], 1)
        if expected.spread is None:
            return expected.image
        middle = self.planes // 2
        counted = photons[:, middle : middle + 1]
        variance = read_noise.expand_as(counted).square()
        return torch.cat(posterior(expected.image, expected.spread, counted, variance), 1)

    def expect(
        self,
        photons: Tensor,
        read_noise: Tensor,
        present: Tensor | None = None,
        hidden: Tensor | None = None,
    ) -> Expected:
        """Say what is expected of each pixel from its surroundings.

        Parameters
        ----------
        photons, read_noise, present
            As in `forward`.
        hidden : (B, 1, [Z,] Y, X) bool, optional
            Pixels whose photons were replaced; None: none was.
        """
        middle = self.planes // 2
        centre = photons[:, middle : middle + 1]
        read_noise = read_noise.expand_as(centre)
        with torch.autocast(centre.device.type, enabled=False):
            mean, wide = self._means(centre, read_noise, hidden)
        noise = (mean.clamp(min=0) + read_noise.square() + FLOOR).sqrt()
        seen = (photons - mean) / noise
        if present is not None:
            there = present.reshape(*present.shape, *(1,) * (centre.ndim - 2))
            seen = seen * there.to(seen.dtype)
        channels = torch.cat(
            [
                seen,
                (mean - wide) / noise,
                torch.asinh(wide / noise),
                noise.log() / 2,
                read_noise / noise,
                *([] if self.masks is None else [self.masks(mean)]),
            ],
            1,
        )
        if channels.ndim == 4:
            channels = channels.contiguous(memory_format=torch.channels_last)
        clean: Tensor = mean + noise * self.body(channels).float()
        soft = SOFTNESS * noise
        if self.psf is not None:
            return Expected(_positive(convolved(clean, self.psf), soft), sharp=clean)
        if self.samples == 1:
            return Expected(_positive(clean, soft))
        image = _positive(clean.mean(1, keepdim=True), soft)
        return Expected(image, spread=_spread(clean, image, noise))

    def smoothed(self, photons: Tensor, read_noise: Tensor) -> Tensor:
        """Return the local mean of the plane in the middle, which clusters are of.

        Parameters
        ----------
        photons, read_noise
            As in `forward`.

        Returns
        -------
        (B, 1, [Z,] Y, X) float32, e-
        """
        middle = self.planes // 2
        centre = photons[:, middle : middle + 1]
        return self._means(centre, read_noise.expand_as(centre), None)[0]

    def _near(self) -> Tensor:
        """Taps of the local mean; what is blurred once more begins sharper, to end alike."""
        taps = self.get_buffer("near")
        if self.psf is None:
            return taps
        steps = torch.arange(len(taps), device=taps.device, dtype=taps.dtype) - len(taps) // 2
        variance = (NEAR_SIGMA**2 - _variance(self.psf)).clamp(min=SHARPEST**2)
        narrow = torch.exp(-0.5 * steps.square() / variance)
        return narrow / narrow.sum()

    def _means(
        self, centre: Tensor, read_noise: Tensor, hidden: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Local mean of the photons, and the wide mean; noisy pixels count less, hidden not."""
        shape = centre.shape
        weighted = weigh(centre, read_noise)
        if hidden is not None:
            weighted = weighted * ~hidden.reshape(weighted[:, :1].shape)
        taps = self._near()
        near = blurred(weighted, taps)
        if self.samples > 1:
            # The posterior adds the pixel's own photons: they must not count twice.
            near = near - taps[len(taps) // 2].square() * weighted
        wide = wide_mean(weighted, self.get_buffer("far"))
        return (near[:, :1] / near[:, 1:]).reshape(shape), wide.reshape(shape)


def _variance(psf: Tensor) -> Tensor:
    """Variance of a point spread function along y and x, their mean, px²."""
    sides = (torch.arange(size, device=psf.device) - size // 2 for size in psf.shape[-2:])
    y, x = torch.meshgrid(*sides, indexing="ij")
    return (psf * (y.square() + x.square())).sum() / 2


def convolved(image: Tensor, psf: Tensor) -> Tensor:
    """Blur by a point spread function; reflect at the border.

    Parameters
    ----------
    image : (B, 1, [Z,] Y, X) float32
    psf : ([Z,] Y, X) float32
        Of odd size; its middle is the point.

    Returns
    -------
    (B, 1, [Z,] Y, X) float32
    """
    with torch.autocast(image.device.type, enabled=False):
        # conv is a correlation: a point becomes the function only if that is turned round.
        kernel = psf.flip(tuple(range(psf.ndim)))[None, None]
        convolve = F.conv2d if image.ndim == 4 else F.conv3d
        pad = [size // 2 for size in reversed(psf.shape) for _ in range(2)]
        return convolve(_reflected(image, pad), kernel)


def _positive(image: Tensor, soft: Tensor) -> Tensor:
    return soft * F.softplus(image / soft)


def _spread(clean: Tensor, image: Tensor, noise: Tensor) -> Tensor:
    """Return the standard deviation of what is expected, from two guesses."""
    difference = (clean[:, 1:] - clean[:, :1]) / noise
    spread = noise * (difference - NARROWER).clamp(max=MOST).exp()
    return torch.minimum(spread, WIDEST * image) + NARROWEST * noise


def _reflected(image: Tensor, pad: list[int]) -> Tensor:
    """Reflect at the border where the image is wide enough, else repeat the last pixel."""
    sizes = [size for size in reversed(image.shape[2:]) for _ in range(2)]
    wide = all(size > width for size, width in zip(sizes, pad, strict=True))
    return F.pad(image, pad, mode="reflect" if wide else "replicate")


def _delta(shape: tuple[int, ...]) -> Tensor:
    psf = torch.zeros(shape)
    psf[tuple(size // 2 for size in shape)] = 1
    return psf
