"""What stands around the body of a blind-spot network: photons in, photons out.

As in the stabilised form of `photon_network`, a pixel is seen relative to its surroundings, in
units of the noise expected there; but the local mean leaves the pixel itself out, and nothing of
its own value is handed on beside the body. Before any training the result is that local mean.

Three kinds:

plain
    The expected photons of a pixel from its surroundings.
samples
    Many guesses of them, weighed by the pixel's own photons: see `posterior`.
psf
    The body returns an image that becomes the expected photons when it is blurred by the point
    spread function (Goncharova et al. 2020, doi:10.48550/arXiv.2008.08414).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from napari_photon_denoise.networks.blind_spot.posterior import posterior
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

EXTRAS = 4  # channels beside the image's own planes
DEVIATION, DECONVOLVED = "standard deviation", "deconvolved"


class BlindNetwork(nn.Module):
    """A body that guesses each pixel from the others.

    Parameters
    ----------
    body : Body, an nn.Module
        ``(B, planes + 4, [Z,] Y, X) -> (B, samples, [Z,] Y, X)``.
    planes : int
        Odd: the plane to denoise with its neighbours in z or time; 1 is plain 2-D or 3-D.
    samples : int
        Guesses of a pixel; 1 for its mean alone.
    psf : tuple of int, optional
        Shape of the point spread function, odd, ([Z,] Y, X); None for none. Its values are the
        buffer ``psf``, of sum 1, and belong to the weights.
    """

    form = "blind"
    body: Body
    psf: Tensor | None

    def __init__(
        self, body: Body, planes: int = 1, samples: int = 1, psf: tuple[int, ...] | None = None
    ) -> None:
        super().__init__()
        self.body, self.planes, self.samples = body, planes, samples
        self.register_buffer("near", gaussian_taps(NEAR_SIGMA), persistent=False)
        self.register_buffer("far", gaussian_taps(FAR_SIGMA), persistent=False)
        self.register_buffer("psf", None if psf is None else _delta(psf))

    @property
    def halo_around(self) -> int:
        """How much further than its body a pixel sees, px."""
        return mean_halo() + (0 if self.psf is None else max(self.psf.shape[-2:]) // 2)

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
        image, guess = self.expect(photons, read_noise, present)
        if self.psf is not None:
            return torch.cat([image, guess], 1)
        if self.samples == 1:
            return image
        middle = self.planes // 2
        counted = photons[:, middle : middle + 1]
        variance = read_noise.expand_as(counted).square()
        return torch.cat(posterior(guess, counted, variance), 1)

    def expect(
        self, photons: Tensor, read_noise: Tensor, present: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Say what is expected of each pixel without its own photons.

        Parameters as in `forward`.

        Returns
        -------
        image : (B, 1, [Z,] Y, X) float32, e-, above zero
        guess : (B, samples, [Z,] Y, X) float32, e-
            What the image is the mean of, above zero; with a point spread function what it is
            the blur of, which may be negative.
        """
        middle = self.planes // 2
        centre = photons[:, middle : middle + 1]
        read_noise = read_noise.expand_as(centre)
        with torch.autocast(centre.device.type, enabled=False):
            mean, wide = self._means(centre, read_noise)
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
            ],
            1,
        )
        if channels.ndim == 4:
            channels = channels.contiguous(memory_format=torch.channels_last)
        clean: Tensor = mean + noise * self.body(channels).float()
        soft = SOFTNESS * noise
        if self.psf is not None:
            return _positive(convolved(clean, self.psf), soft), clean
        guess = _positive(clean, soft)
        return guess.mean(1, keepdim=True), guess

    def _means(self, centre: Tensor, read_noise: Tensor) -> tuple[Tensor, Tensor]:
        """Local mean of the pixels around each, and the wide mean; noisy pixels count less."""
        shape = centre.shape
        weighted = weigh(centre, read_noise)
        taps = self.get_buffer("near")
        # The blur without its middle.
        around = blurred(weighted, taps) - taps[len(taps) // 2].square() * weighted
        wide = wide_mean(weighted, self.get_buffer("far"))
        return (around[:, :1] / around[:, 1:]).reshape(shape), wide.reshape(shape)


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


def _reflected(image: Tensor, pad: list[int]) -> Tensor:
    """Reflect at the border where the image is wide enough, else repeat the last pixel."""
    sizes = [size for size in reversed(image.shape[2:]) for _ in range(2)]
    wide = all(size > width for size, width in zip(sizes, pad, strict=True))
    return F.pad(image, pad, mode="reflect" if wide else "replicate")


def _delta(shape: tuple[int, ...]) -> Tensor:
    psf = torch.zeros(shape)
    psf[tuple(size // 2 for size in shape)] = 1
    return psf
