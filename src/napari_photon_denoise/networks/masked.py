"""Networks that are told clusters: shown each by itself, or all together beside the image.

Of an image x, stabilised, and masks m_k of sum 1, with a network f that removes noise:

"masked"
    ``Σ m_k f(m_k x)``: every cluster by itself, nothing around it.
"conditioned"
    ``f([x, m])``: the image, and the masks as further channels.

With one cluster both are f(x), to the bit. They are what a study of clusters compares; images are
denoised by the networks of `architecture`, whose DnCNN is of the second kind.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Residual(nn.Module):
    """Takes off what a body says is noise: ``x - body([x, m])``.

    Parameters
    ----------
    body : nn.Module
        ``(B, 1 + K, Y, X) -> (B, 1, Y, X)``, or of one channel if it is shown no masks.
    """

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, x: Tensor, masks: Tensor | None = None) -> Tensor:
        """Denoise.

        Parameters
        ----------
        x : (B, 1, Y, X) float32
        masks : (B, K, Y, X) float32, optional

        Returns
        -------
        (B, 1, Y, X)
        """
        shown = x if masks is None else torch.cat([x, masks], 1)
        clean: Tensor = x - self.body(shown)
        return clean


class Whole(nn.Module):
    """Shows a network the image alone."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor, masks: Tensor) -> Tensor:
        """Return ``f(x)``, (B, 1, Y, X); masks are not looked at."""
        clean: Tensor = self.network(x)
        return clean


class Masked(nn.Module):
    """Shows a network every cluster by itself."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor, masks: Tensor) -> Tensor:
        """Return ``Σ m_k f(m_k x)``, (B, 1, Y, X).

        Parameters
        ----------
        x : (B, 1, Y, X) float32
        masks : (B, K, Y, X) float32
            Of sum 1.
        """
        parts: Tensor = self.network((x * masks).flatten(0, 1)[:, None])
        return (parts.reshape(masks.shape) * masks).sum(1, keepdim=True)


class Conditioned(nn.Module):
    """Shows a network the image and the masks beside it; of one cluster, the image alone."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor, masks: Tensor) -> Tensor:
        """Return ``f([x, m])``, (B, 1, Y, X)."""
        clean: Tensor = self.network(x, masks) if masks.shape[1] > 1 else self.network(x)
        return clean
