"""DnCNN: a plain stack of convolutions that puts out the noise, in 2-D.

Zhang et al. 2017, doi:10.1109/TIP.2017.2662206. This is the stack alone: who subtracts its output
from the image gets the clean one, and with a last convolution of zeros the image itself.
"""

from __future__ import annotations

from torch import Tensor, nn


class Dncnn(nn.Module):
    """Maps ``(B, C_in, Y, X)`` to ``(B, C_out, Y, X)`` of any size.

    Biases are where the usual implementation in PyTorch has them, 556 096 parameters by default:
    in the first convolution; not in those that batch normalisation follows, which would take
    them away again; not in the last. Without batch normalisation all but
    the last have one.

    Parameters
    ----------
    in_channels, out_channels : int
    channels : int
        Width of all that lies between.
    layers : int
        Convolutions, two or more; each sees one pixel further.
    batch_norm : bool
        Normalise over the batch while training. In `eval` mode the learnt averages serve, and
        a pixel does not depend on the tile it lies in.
    """

    def __init__(
        self,
        in_channels: int = 1,
        out_channels: int = 1,
        channels: int = 64,
        layers: int = 17,
        batch_norm: bool = True,
    ) -> None:
        super().__init__()
        self.dimensions, self.layers = 2, layers
        self.head = nn.Conv2d(in_channels, channels, 3, padding=1)
        self.body = nn.Sequential(*(Layer(channels, batch_norm) for _ in range(layers - 2)))
        self.tail = nn.Conv2d(channels, out_channels, 3, padding=1, bias=False)
        for part in self.modules():
            if isinstance(part, nn.Conv2d):
                # As published; torch's own start shrinks the signal sixfold a layer, to nothing.
                nn.init.kaiming_normal_(part.weight, nonlinearity="relu")

    @property
    def multiple(self) -> int:
        """What Y and X must be multiples of, px: any size goes."""
        return 1

    @property
    def halo(self) -> int:
        """How far a pixel sees in Y and X, px."""
        return self.layers

    @property
    def halo_z(self) -> int:
        """How many planes a pixel sees up and down."""
        return 0

    def forward(self, x: Tensor) -> Tensor:
        """Return the noise, in the unit that the network was trained on."""
        x = self.head(x).relu()  # (B, channels, Y, X)
        x = self.body(x)  # (B, channels, Y, X)
        noise: Tensor = self.tail(x)  # (B, C_out, Y, X)
        return noise


class Layer(nn.Sequential):
    """Convolution, batch normalisation if wanted, ReLU."""

    def __init__(self, channels: int, batch_norm: bool) -> None:
        super().__init__(
            nn.Conv2d(channels, channels, 3, padding=1, bias=not batch_norm),
            nn.BatchNorm2d(channels) if batch_norm else nn.Identity(),
            nn.ReLU(inplace=True),
        )
