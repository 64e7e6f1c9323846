"""RESUNET: a U-Net whose convolutions are residual blocks, in 2-D and 3-D.

After Xypakis et al., Opt. Express 31(26):43838 (2023), doi:10.1364/OE.504606, who publish
neither depth nor widths; those here were chosen for two CPU cores (see the model cards). No
normalisation layers: what a pixel becomes must not depend on the tile it lies in. Skips are
added, not concatenated, which halves the work of the widest level.

The paper's ablations are the same code: a U-Net is ``shortcuts=False``, an autoencoder also
``skips=False``.
"""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn


class ResidualUnet(nn.Module):
    """Maps ``(B, C_in, [Z,] Y, X)`` to ``(B, C_out, [Z,] Y, X)``; Y and X multiples of `multiple`.

    Parameters
    ----------
    dimensions : {2, 3}
        In 3-D, planes are never pooled: stacks are shallow, and their planes lie far apart.
    in_channels, out_channels : int
    widths : tuple of int
        Channels of each level; every level halves Y and X.
    bottom : int
        Residual blocks of the last level.
    shortcuts : bool
        False makes the residual blocks plain ones: a U-Net.
    skips : bool
        False cuts the connections between equal levels: an autoencoder.
    """

    def __init__(
        self,
        dimensions: int = 2,
        in_channels: int = 1,
        out_channels: int = 1,
        widths: tuple[int, ...] = (32, 64, 96, 128),
        bottom: int = 2,
        *,
        shortcuts: bool = True,
        skips: bool = True,
    ) -> None:
        super().__init__()
        self.dimensions, self.bottom_blocks, self.depth = dimensions, bottom, len(widths) - 1
        self.skips = skips

        def block(width: int) -> Block:
            return Block(dimensions, width, shortcut=shortcuts)

        self.stem = _conv(dimensions, in_channels, widths[0])
        self.encoder = nn.ModuleList(block(width) for width in widths[:-1])
        self.down = nn.ModuleList(_halve(dimensions, *pair) for pair in pairwise(widths))
        self.bottom = nn.Sequential(*(block(widths[-1]) for _ in range(bottom)))
        self.up = nn.ModuleList(_double(dimensions, b, a) for a, b in pairwise(widths))
        self.decoder = nn.ModuleList(block(width) for width in widths[:-1])
        self.head = _conv(dimensions, widths[0], out_channels)

    @property
    def multiple(self) -> int:
        """What Y and X must be multiples of, and where tiles must start, px."""
        return 1 << self.depth

    @property
    def halo(self) -> int:
        """How far a pixel sees in Y and X, px."""
        # Two convolutions a block, one block each way; stem and head see one pixel more.
        levels = sum(4 << level for level in range(self.depth))
        # A 2x2 convolution down and its mirror up reach one pixel of the level above.
        changes = sum(1 << level for level in range(self.depth))
        return 2 + levels + changes + 2 * self.bottom_blocks * self.multiple

    @property
    def halo_z(self) -> int:
        """How many planes a pixel sees up and down."""
        # One convolution across planes a block, and the stem and the head.
        return 0 if self.dimensions == 2 else 2 + 2 * self.depth + self.bottom_blocks

    def forward(self, x: Tensor) -> Tensor:
        """Return the head's channels for those of an image."""
        x = self.stem(x)  # (B, widths[0], Y, X)
        passed = []
        for encode, down in zip(self.encoder, self.down, strict=True):
            x = encode(x)
            passed.append(x)
            x = down(x)  # (B, widths[i + 1], Y / 2, X / 2)
        x = self.bottom(x)
        for level in reversed(range(self.depth)):
            x = self.up[level](x)  # (B, widths[i], 2 Y, 2 X)
            if self.skips:
                x += passed.pop()  # in place: nobody needs the tensor before, and memory is short
            x = self.decoder[level](x)
        head: Tensor = self.head(x)  # (B, C_out, Y, X)
        return head


class Block(nn.Module):
    """Convolution, ReLU, convolution; what came in is added to what comes out."""

    def __init__(self, dimensions: int, width: int, *, shortcut: bool) -> None:
        super().__init__()
        self.first = _conv(dimensions, width, width)
        # In 3-D one of the two looks across planes: as good, and a third cheaper.
        self.second = _conv(dimensions, width, width, across=False)
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        """Return features of the same shape."""
        change: Tensor = self.second(self.first(x).relu_())
        return change.add_(x) if self.shortcut else change.relu_()


def _conv(dimensions: int, ins: int, outs: int, *, across: bool = True) -> nn.Module:
    if dimensions == 2:
        return nn.Conv2d(ins, outs, 3, padding=1)
    depth = 3 if across else 1
    return nn.Conv3d(ins, outs, (depth, 3, 3), padding=(depth // 2, 1, 1))


def _halve(dimensions: int, ins: int, outs: int) -> nn.Module:
    if dimensions == 2:
        return nn.Conv2d(ins, outs, 2, stride=2)
    return nn.Conv3d(ins, outs, (1, 2, 2), stride=(1, 2, 2))


def _double(dimensions: int, ins: int, outs: int) -> nn.Module:
    if dimensions == 2:
        return nn.ConvTranspose2d(ins, outs, 2, stride=2)
    return nn.ConvTranspose3d(ins, outs, (1, 2, 2), stride=(1, 2, 2))
