"""What stands around CARE's network as it was published: percentiles instead of photons.

An image is shifted and stretched so that its 2nd and 99.8th percentile become 0 and 1, the network
adds its correction to that, and the result is shifted and stretched back: photons go in and photons
come out, but the network is told neither how many they are nor how noisy. After Weigert et al.
2018, doi:10.1038/s41592-018-0216-7. There, clean images have percentiles of their own, so that
results are right up to a factor and an offset; here both have those of the noisy image.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from napari_photon_denoise.networks.photon_network import Body

LEAST_SCALE = 1e-3  # of the span
LEAST_SPAN = 1e-6  # e-; a constant image has none


class PercentileNetwork(nn.Module):
    """A body between photons and photons that sees them relative to an image's percentiles.

    Parameters
    ----------
    body : Body, an nn.Module
        ``(B, planes, [Z,] Y, X) -> (B, 1 or 2, [Z,] Y, X)``: correction, and scale.
    planes : int
        Odd: the plane to denoise with its neighbours in z or time; 1 is plain 2-D or 3-D.

    Attributes
    ----------
    usual : (2,) float32, e-
        The two percentiles of the images that it learnt from, for who has no image to take
        them from.
    """

    form = "percentiles"
    body: Body
    usual: Tensor

    def __init__(self, body: Body, planes: int = 1) -> None:
        super().__init__()
        self.body, self.planes = body, planes
        self.register_buffer("usual", torch.tensor([0.0, 1.0]))

    @property
    def halo_around(self) -> int:
        """How much further than its body a pixel sees: no further."""
        return 0

    @property
    def halo_across(self) -> int:
        """How many planes further than its body a pixel sees: no further."""
        return 0

    def forward(
        self,
        photons: Tensor,
        read_noise: Tensor,
        lengths: Tensor,
        present: Tensor | None = None,
        limits: Tensor | None = None,
    ) -> Tensor:
        """Denoise.

        Parameters
        ----------
        photons, present
            As of `PhotonNetwork`.
        read_noise, lengths
            Not used.
        limits : (B, 2) float32, e-, optional
            Low and high percentile of the image that the photons are of; None takes the usual.

        Returns
        -------
        (B, 1 or 2, [Z,] Y, X) float32, e-
            Denoised photons, and their scale.
        """
        around = (1,) * (photons.ndim - 2)
        limits = self.usual[None] if limits is None else limits
        low, high = (side.reshape(-1, 1, *around) for side in limits.unbind(1))
        span = (high - low).clamp(min=LEAST_SPAN)
        seen = (photons - low) / span
        if present is not None:
            seen = seen * present.reshape(*present.shape, *around).to(seen.dtype)
        if seen.ndim == 4:
            seen = seen.contiguous(memory_format=torch.channels_last)
        change = self.body(seen).float()
        middle = self.planes // 2
        clean = span * (seen[:, middle : middle + 1] + change[:, :1]) + low
        if change.shape[1] == 1:
            return clean
        return torch.cat([clean, span * (F.softplus(change[:, 1:]) + LEAST_SCALE)], 1)
