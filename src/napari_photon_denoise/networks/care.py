"""CARE's network: a U-Net with wide convolutions, in 2-D and 3-D.

Weigert et al. 2018, doi:10.1038/s41592-018-0216-7: two convolutions a level, maxima are pooled,
nearest neighbours go up again, and skips are concatenated. By default the sizes of their standard
network: two poolings, 32 channels before the first of them, kernels of 5 px in 2-D and 3 px in
3-D. With one channel in and two out, a mean and a scale, it has 996 802 weights in 3-D. This is
the U-Net alone: what is added to its output, and what that means, stands around it.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

WIDTHS = (32, 64, 128)
STEP_Z = 8  # planes; blocks begin at multiples of as many, see `tiles.STEP`


class CareUnet(nn.Module):
    """Maps ``(B, C_in, [Z,] Y, X)`` to ``(B, C_out, [Z,] Y, X)``; Y and X multiples of `multiple`.

    In 3-D planes are pooled too. Stacks of any depth go: they are filled up by their mirror image
    where they end, which is the same in every block that begins at a multiple of `multiple`.

    Parameters
    ----------
    dimensions : {2, 3}
    in_channels, out_channels : int
    widths : tuple of int
        Channels of each level, two or more; every level halves Y and X, and Z.
    """

    def __init__(
        self,
        dimensions: int = 2,
        in_channels: int = 1,
        out_channels: int = 1,
        widths: tuple[int, ...] = WIDTHS,
    ) -> None:
        super().__init__()
        self.dimensions, self.depth = dimensions, len(widths) - 1
        self.kernel = 5 if dimensions == 2 else 3

        def convolve(ins: int, outs: int) -> nn.Module:
            return _conv(dimensions, ins, outs, self.kernel)

        ins = (in_channels, *widths)
        self.down = nn.ModuleList(
            Level(convolve(ins[i], widths[i]), convolve(widths[i], widths[i]))
            for i in range(self.depth)
        )
        self.bottom = Level(convolve(widths[-2], widths[-1]), convolve(widths[-1], widths[-2]))
        self.up = nn.ModuleList(
            Level(convolve(2 * widths[i], widths[i]), convolve(widths[i], widths[max(0, i - 1)]))
            for i in range(self.depth)
        )
        self.tail = _conv(dimensions, widths[0], out_channels, 1)

    @property
    def multiple(self) -> int:
        """What Y and X must be multiples of, and where tiles must start, px."""
        return 1 << self.depth

    @property
    def halo(self) -> int:
        """How far a pixel sees in Y and X, px."""
        # Two convolutions a level on each side, and two at the bottom.
        levels = 2 * self.multiple + sum(4 << level for level in range(self.depth))
        # A pixel of the bottom stands for a square, and may lie at its other end.
        return levels * (self.kernel // 2) + self.multiple - 1

    @property
    def halo_z(self) -> int:
        """How many planes a pixel sees up and down, in the steps at which blocks begin."""
        return 0 if self.dimensions == 2 else -(-self.halo // STEP_Z) * STEP_Z

    def forward(self, x: Tensor) -> Tensor:
        """Return the tail's channels for those of an image."""
        planes = x.shape[2]
        if self.dimensions == 3:
            x = self._filled_up(x)
        passed = []
        for level in self.down:
            x = level(x)  # (B, widths[i], [Z,] Y, X)
            passed.append(x)
            x = F.max_pool2d(x, 2) if self.dimensions == 2 else F.max_pool3d(x, 2)
        x = self.bottom(x)  # (B, widths[-2], ...)
        for i in reversed(range(self.depth)):
            x = F.interpolate(x, scale_factor=2.0, mode="nearest")
            x = self.up[i](torch.cat([x, passed.pop()], 1))  # (B, widths[i - 1], ...)
        tail: Tensor = self.tail(x)  # (B, C_out, [Z,] Y, X)
        return tail if self.dimensions == 2 else tail[:, :, :planes]

    def _filled_up(self, x: Tensor) -> Tensor:
        """Add planes at the end until the poolings divide them."""
        more = -x.shape[2] % self.multiple
        if more == 0:
            return x
        mirrored = x.shape[2] > more
        return F.pad(x, (0, 0, 0, 0, 0, more), mode="reflect" if mirrored else "replicate")


class Level(nn.Sequential):
    """Two convolutions, each with a ReLU."""

    def __init__(self, first: nn.Module, second: nn.Module) -> None:
        super().__init__(first, nn.ReLU(inplace=True), second, nn.ReLU(inplace=True))


def _conv(dimensions: int, ins: int, outs: int, size: int) -> nn.Module:
    kind = nn.Conv2d if dimensions == 2 else nn.Conv3d
    layer = kind(ins, outs, size, padding=size // 2)
    nn.init.xavier_uniform_(layer.weight)  # as published
    for bias in (part for name, part in layer.named_parameters() if name == "bias"):
        nn.init.zeros_(bias)
    return layer
