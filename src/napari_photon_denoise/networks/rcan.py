"""RCAN, the residual channel attention network, in 2-D and 3-D.

Groups of residual blocks, each of which weighs its channels by their means over the whole tile;
what went into a block, a group and the body is added to what comes out. Zhang et al. 2018,
doi:10.1007/978-3-030-01234-2_18, without their upsampling; with the sizes of Chen et al. 2021,
doi:10.1038/s41592-021-01155-x, whose 3-D default has 1 002 621 parameters and whose large one
(``blocks=5``) has 1 559 141.

Chen et al. scale images to percentiles and put ``2 x - 1`` before the network and ``x / 2 + 1/2``
behind it. Both are normalisation and not here: what turns photons into channels, and channels
into photons, stands around this body and replaces them.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Rcan(nn.Module):
    """Maps ``(B, C_in, [Z,] Y, X)`` to ``(B, C_out, [Z,] Y, X)`` of any size.

    The means over the tile make the result depend on where the tile ends: one pixel has another
    value in another tile, however far from its border. Denoise with tiles of the size of the
    training patches, always the same.

    Parameters
    ----------
    dimensions : {2, 3}
    in_channels, out_channels : int
    channels : int
        Width of all that lies between.
    groups, blocks : int
        Residual groups, and residual blocks in each.
    reduction : int
        The attention looks at the channels through ``channels // reduction`` values.
    """

    def __init__(
        self,
        dimensions: int = 2,
        in_channels: int = 1,
        out_channels: int = 1,
        channels: int = 32,
        groups: int = 5,
        blocks: int = 3,
        reduction: int = 8,
    ) -> None:
        super().__init__()
        self.dimensions = dimensions
        self.head = _conv(dimensions, in_channels, channels)
        self.groups = nn.Sequential(
            *(Group(dimensions, channels, blocks, reduction) for _ in range(groups))
        )
        self.fuse = _conv(dimensions, channels, channels)
        self.tail = _conv(dimensions, channels, out_channels)

    @property
    def multiple(self) -> int:
        """What Y and X must be multiples of, px: any size goes."""
        return 1

    @property
    def halo(self) -> None:
        """How far a pixel sees in Y and X: over the whole tile, so no halo makes tiles agree."""
        return None

    @property
    def halo_z(self) -> None:
        """How many planes a pixel sees: all of the tile, as in `halo`."""
        return None

    def forward(self, x: Tensor) -> Tensor:
        """Return the tail's channels for those of an image."""
        x = self.head(x)  # (B, channels, [Z,] Y, X)
        x = x + self.fuse(self.groups(x))  # (B, channels, [Z,] Y, X): the long skip
        tail: Tensor = self.tail(x)  # (B, C_out, [Z,] Y, X)
        return tail


class Group(nn.Module):
    """Residual blocks and a convolution, over a short skip."""

    def __init__(self, dimensions: int, channels: int, blocks: int, reduction: int) -> None:
        super().__init__()
        self.blocks = nn.Sequential(
            *(Block(dimensions, channels, reduction) for _ in range(blocks))
        )
        self.fuse = _conv(dimensions, channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        """Return features of the same shape."""
        change: Tensor = self.fuse(self.blocks(x))
        return x + change


class Block(nn.Module):
    """Convolution, ReLU, convolution, channel attention; what came in is added."""

    def __init__(self, dimensions: int, channels: int, reduction: int) -> None:
        super().__init__()
        self.first = _conv(dimensions, channels, channels)
        self.second = _conv(dimensions, channels, channels)
        self.attention = Attention(dimensions, channels, reduction)

    def forward(self, x: Tensor) -> Tensor:
        """Return features of the same shape."""
        change: Tensor = self.attention(self.second(torch.relu(self.first(x))))
        return x + change


class Attention(nn.Module):
    """Multiplies each channel by a number between 0 and 1 that all channels' means decide."""

    def __init__(self, dimensions: int, channels: int, reduction: int) -> None:
        super().__init__()
        self.squeeze = _conv(dimensions, channels, channels // reduction, size=1)
        self.excite = _conv(dimensions, channels // reduction, channels, size=1)

    def forward(self, x: Tensor) -> Tensor:
        """Return features of the same shape."""
        means = x.mean(dim=tuple(range(2, x.ndim)), keepdim=True)  # (B, channels, [1,] 1, 1)
        few = torch.relu(self.squeeze(means))  # (B, channels // reduction, [1,] 1, 1)
        return x * torch.sigmoid(self.excite(few))


def _conv(dimensions: int, ins: int, outs: int, size: int = 3) -> nn.Module:
    if dimensions == 2:
        return nn.Conv2d(ins, outs, size, padding=size // 2)
    return nn.Conv3d(ins, outs, size, padding=size // 2)
