"""A U-Net for blind spots, in 2-D and 3-D, that leaves no chequerboard.

A network that must not see a pixel, but sees it when it is put to use, prints its own grid onto
the result where strided steps and the uppermost skip carry single pixels on. As in N2V2 (Höck et
al. 2022, doi:10.48550/arXiv.2211.08512), pooling is a maximum of stride 1 blurred with [1 2 1]/4
before every second pixel is taken, and the uppermost level has no skip; steps up are bilinear.
With ``smooth=False`` it is the network of Noise2Void (Krull et al. 2019,
doi:10.1109/CVPR.2019.00223) in these respects: plain maxima, all skips.
"""

from __future__ import annotations

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class BlurUnet(nn.Module):
    """Maps ``(B, C_in, [Z,] Y, X)`` to ``(B, C_out, [Z,] Y, X)``; Y and X multiples of `multiple`.

    Parameters
    ----------
    dimensions : {2, 3}
        In 3-D, planes are never pooled: stacks are shallow, and their planes lie far apart.
    in_channels, out_channels : int
    widths : tuple of int
        Channels of each level; every level halves Y and X.
    smooth : bool
        True blurs before it takes every second pixel, and leaves out the uppermost skip.
    """

    blur: Tensor

    def __init__(
        self,
        dimensions: int,
        in_channels: int,
        out_channels: int,
        widths: tuple[int, ...] = (32, 64, 128),
        *,
        smooth: bool = True,
    ) -> None:
        super().__init__()
        self.dimensions, self.smooth = dimensions, smooth
        self.depth = len(widths) - 1
        ins = (in_channels, *widths[:-1])
        self.encoder = nn.ModuleList(
            Block(dimensions, a, b) for a, b in zip(ins, widths, strict=True)
        )
        self.up = nn.ModuleList(_conv(dimensions, b, a, 1) for a, b in pairwise(widths))
        self.decoder = nn.ModuleList(Block(dimensions, width, width) for width in widths[:-1])
        self.head = _conv(dimensions, widths[0], out_channels, 3)
        taps = torch.tensor([1.0, 2.0, 1.0]) / 4
        self.register_buffer("blur", taps[:, None] * taps, persistent=False)

    @property
    def multiple(self) -> int:
        """What Y and X must be multiples of, and where tiles must start, px."""
        return 1 << self.depth

    @property
    def halo(self) -> int:
        """How far a pixel sees in Y and X, px."""
        blocks = sum(4 << level for level in range(self.depth)) + 2 * self.multiple
        # Pooled from two pixels around; interpolated from the next pixel of the level above.
        changes = sum(4 << level for level in range(self.depth))
        return 1 + blocks + changes

    @property
    def halo_z(self) -> int:
        """How many planes a pixel sees up and down."""
        # One convolution across planes a block, and the head.
        return 0 if self.dimensions == 2 else 2 + 2 * self.depth

    def forward(self, x: Tensor) -> Tensor:
        """Return the head's channels for those of an image."""
        passed = []
        for level, encode in enumerate(self.encoder):
            x = encode(self._pool(x) if level else x)  # (B, widths[i], [Z,] Y, X)
            passed.append(x)
        passed.pop()
        for level in reversed(range(self.depth)):
            x = _double(self.up[level](x))  # (B, widths[i], [Z,] 2 Y, 2 X)
            skip = passed.pop()
            if level or not self.smooth:
                x = x + skip
            x = self.decoder[level](x)
        head: Tensor = self.head(x)  # (B, C_out, [Z,] Y, X)
        return head

    def _pool(self, x: Tensor) -> Tensor:
        """Halve Y and X; planes one by one."""
        planes = _flat(x)
        if not self.smooth:
            return _deep(F.max_pool2d(planes, 2), x)
        planes = F.max_pool2d(F.pad(planes, (0, 1, 0, 1), mode="replicate"), 2, 1)
        channels = planes.shape[1]
        kernel = self.blur.to(planes.dtype).expand(channels, 1, 3, 3)
        planes = F.pad(planes, (1, 1, 1, 1), mode="replicate")
        return _deep(F.conv2d(planes, kernel, stride=2, groups=channels), x)


class Block(nn.Module):
    """Two convolutions with ReLU; what comes from the first is added to the second's."""

    def __init__(self, dimensions: int, ins: int, outs: int) -> None:
        super().__init__()
        self.first = _conv(dimensions, ins, outs, 3)
        # In 3-D one of the two looks across planes.
        self.second = _conv(dimensions, outs, outs, 3, across=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return features of the same size."""
        x = self.first(x).relu_()
        change: Tensor = self.second(x)
        return change.add_(x).relu_()


def _conv(dimensions: int, ins: int, outs: int, edge: int, *, across: bool = True) -> nn.Module:
    if dimensions == 2:
        return nn.Conv2d(ins, outs, edge, padding=edge // 2)
    depth = edge if across else 1
    return nn.Conv3d(ins, outs, (depth, edge, edge), padding=(depth // 2, edge // 2, edge // 2))


def _double(x: Tensor) -> Tensor:
    planes = F.interpolate(_flat(x), scale_factor=2, mode="bilinear", align_corners=False)
    return _deep(planes, x)


def _flat(x: Tensor) -> Tensor:
    """Planes of a stack as a batch: (B, C, Z, Y, X) as (B Z, C, Y, X)."""
    if x.ndim == 4:
        return x
    return x.transpose(1, 2).flatten(0, 1).contiguous(memory_format=torch.channels_last)


def _deep(planes: Tensor, like: Tensor) -> Tensor:
    """Undo `_flat`."""
    if like.ndim == 4:
        return planes
    return planes.reshape(like.shape[0], like.shape[2], *planes.shape[1:]).transpose(1, 2)
