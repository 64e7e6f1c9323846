"""Photons in, photons out: what stands around every network body.

A body (RESUNET, RCAN, DnCNN) maps channels to channels and knows nothing of photons. This
module makes its channels from photons and the camera's noise, and photons from what it
returns. Two forms:

"stabilised"
    A pixel's photons n are seen relative to their surroundings, in units of the noise
    expected there: ``r = (n - m) / s`` with a local mean m and ``s² = m + read_noise² + 0.1``.
    The body returns how much of r is signal (a share, 0 to 1) and a correction in units of s:
    ``m + s (share r + correction)``. All channels are of order one from an empty dark frame to
    millions of photons, so that half-precision arithmetic is exact enough and exposures never
    trained on behave; float32 holds the photons themselves.
"plain"
    As published (Xypakis et al. 2023, doi:10.1364/OE.504606): photons go in, divided by a
    constant, and a softplus of what comes out is multiplied by it.

Local means are convolutions, so a tile gives what the whole image gives; nothing is taken from
a tile's statistics.
"""

from __future__ import annotations

from typing import Literal, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from napari_photon_denoise.networks.cluster_masks import ClusterMasks

Form = Literal["stabilised", "plain"]

NEAR_SIGMA = 1.5  # px, of the local mean
FAR_POOL, FAR_SIGMA = 4, 2.0  # the wide mean: pooled, then blurred by this many pooled pixels
FLOOR = 0.1  # e-²; no pixel is quieter, so that a lone photon is no outlier
PLAIN_UNIT = 10.0  # photons
SOFTNESS = 0.1  # of s; how softly photons are kept above zero
LEAST_SCALE = 1e-3  # of s; nobody is surer than that of photons

# Channels beside the image's own planes.
STABILISED_EXTRAS, PLAIN_EXTRAS = 6, 3


def count_channels(form: Form, planes: int) -> tuple[int, int]:
    """Return how many channels a body gets and gives."""
    return (planes + STABILISED_EXTRAS, 2) if form == "stabilised" else (planes + PLAIN_EXTRAS, 1)


class Body(Protocol):
    """What a network's body says of itself."""

    dimensions: int

    def __call__(self, x: Tensor) -> Tensor:
        """Map channels to channels."""

    @property
    def multiple(self) -> int:
        """What Y and X must be multiples of, px."""

    @property
    def halo(self) -> int | None:
        """How far a pixel sees in Y and X, px; None for the whole tile."""

    @property
    def halo_z(self) -> int | None:
        """How many planes a pixel sees up and down; None for all."""


class PhotonNetwork(nn.Module):
    """A body between photons and photons.

    Parameters
    ----------
    body : Body, an nn.Module
        ``(B, C_in, [Z,] Y, X) -> (B, C_out, [Z,] Y, X)``; see `count_channels`.
    form : {"stabilised", "plain"}
    planes : int
        Odd: the plane to denoise with its neighbours in z or time; 1 is plain 2-D or 3-D.
    masks : ClusterMasks, optional
        Of the stabilised form: what the body is shown beside all that.
    """

    body: Body

    def __init__(
        self, body: Body, form: Form, planes: int = 1, masks: ClusterMasks | None = None
    ) -> None:
        super().__init__()
        self.body, self.form, self.planes, self.masks = body, form, planes, masks
        self.register_buffer("near", gaussian_taps(NEAR_SIGMA), persistent=False)
        self.register_buffer("far", gaussian_taps(FAR_SIGMA), persistent=False)

    @property
    def halo_around(self) -> int:
        """How much further than its body a pixel sees, px."""
        return mean_halo() if self.form == "stabilised" else 0

    @property
    def halo_across(self) -> int:
        """How many planes further than its body a pixel sees."""
        return 0

    @property
    def results(self) -> tuple[str, ...]:
        """What is returned beside the denoised image: nothing."""
        return ()

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
            Noise correlation along y and x; 0 is white.
        present : (B, planes) bool, optional
            False for planes that do not exist, above and below a stack; None: all exist.

        Returns
        -------
        (B, 1, [Z,] Y, X) float32, e-, above zero; a body in the stabilised form that has one
            channel more gives a second one, the scale of its error
        """
        middle = self.planes // 2
        centre = photons[:, middle : middle + 1]
        read_noise = read_noise.expand_as(centre)
        spatial = centre.ndim - 2
        lengths = lengths.reshape(*lengths.shape, *(1,) * spatial).expand(-1, -1, *centre.shape[2:])
        there = None
        if present is not None:
            there = present.reshape(*present.shape, *(1,) * spatial).to(photons.dtype)
        if self.form == "plain":
            seen = photons if there is None else photons * there
            channels = torch.cat([seen, read_noise, lengths * PLAIN_UNIT], 1) / PLAIN_UNIT
            return PLAIN_UNIT * F.softplus(self._run(channels)) + 1e-6
        with torch.autocast(centre.device.type, enabled=False):
            mean, wide = self._means(centre, read_noise)
        noise = (mean.clamp(min=0) + read_noise.square() + FLOOR).sqrt()
        seen = (photons - mean) / noise
        if there is not None:
            seen = seen * there
        channels = torch.cat(
            [
                seen,
                (mean - wide) / noise,
                torch.asinh(wide / noise),
                noise.log() / 2,
                read_noise / noise,
                lengths,
                *([] if self.masks is None else [self.masks(mean)]),
            ],
            1,
        )
        share, correction, *sure = torch.split(self._run(channels), 1, 1)
        clean = mean + noise * (share.sigmoid() * seen[:, middle : middle + 1] + correction)
        soft = SOFTNESS * noise
        clean = soft * F.softplus(clean / soft)
        if not sure:
            return clean
        return torch.cat([clean, noise * (F.softplus(sure[0]) + LEAST_SCALE)], 1)

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
        return self._means(centre, read_noise.expand_as(centre))[0]

    def _run(self, channels: Tensor) -> Tensor:
        """Run the body; what comes out is float32 again."""
        if channels.ndim == 4:
            channels = channels.contiguous(memory_format=torch.channels_last)
        return self.body(channels).float()

    def _means(self, centre: Tensor, read_noise: Tensor) -> tuple[Tensor, Tensor]:
        """Local and wide mean of the photons, noisy pixels counting less."""
        shape = centre.shape
        weighted = weigh(centre, read_noise)
        near = blurred(weighted, self.get_buffer("near"))
        wide = wide_mean(weighted, self.get_buffer("far"))
        return (near[:, :1] / near[:, 1:]).reshape(shape), wide.reshape(shape)


def weigh(centre: Tensor, read_noise: Tensor) -> Tensor:
    """Photons times their weight, and the weight, of planes one by one.

    Parameters
    ----------
    centre, read_noise : (B, 1, [Z,] Y, X) float32, e-

    Returns
    -------
    (B, 2, Y, X), of stacks (B Z, 2, Y, X)
        Noisy pixels count less.
    """
    plane = centre.reshape(-1, 1, *centre.shape[-2:])
    trust = (1 / (1 + read_noise.square())).reshape(-1, 1, *centre.shape[-2:])
    return torch.cat([plane * trust, trust], 1)


def wide_mean(weighted: Tensor, taps: Tensor) -> Tensor:
    """Mean over some tens of pixels, (B, 1, Y, X), from what `weigh` returns."""
    far = blurred(F.avg_pool2d(weighted, FAR_POOL), taps)
    wide = far[:, :1] / far[:, 1:]
    return F.interpolate(wide, scale_factor=FAR_POOL, mode="bilinear", align_corners=False)


def mean_halo() -> int:
    """How far the local means see, px."""
    # The interpolation looks at the next pooled pixel.
    return FAR_POOL * (_radius(FAR_SIGMA) + 2)


def _radius(sigma: float) -> int:
    return int(3 * sigma + 0.5)


def gaussian_taps(sigma: float) -> Tensor:
    """Gaussian of sum 1, px."""
    radius = _radius(sigma)
    taps = torch.exp(-0.5 * (torch.arange(-radius, radius + 1) / sigma) ** 2)
    return taps / taps.sum()


def blurred(images: Tensor, taps: Tensor) -> Tensor:
    """Blur each channel along y and x; outside lies zero, which the weights' blur undoes."""
    count, radius = images.shape[1], len(taps) // 2
    # Five times faster along y on a CPU than in torch's default layout.
    images = images.contiguous(memory_format=torch.channels_last)
    kernel = taps.expand(count, 1, -1)
    images = F.conv2d(images, kernel[..., None], padding=(radius, 0), groups=count)
    return F.conv2d(images, kernel[..., None, :], padding=(0, radius), groups=count)
