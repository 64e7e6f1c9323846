"""What a network is, in words: enough to build it again around its weights."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import nn

from napari_photon_denoise.networks.dncnn import Dncnn
from napari_photon_denoise.networks.photon_network import Form, PhotonNetwork, count_channels
from napari_photon_denoise.networks.rcan import Rcan
from napari_photon_denoise.networks.resunet import Resunet

Body = Literal["resunet", "u-net", "autoencoder", "rcan", "dncnn"]
BODIES: tuple[Body, ...] = ("resunet", "u-net", "autoencoder", "rcan", "dncnn")


class Architecture(BaseModel):
    """Everything that shapes a network; JSON beside its weights.

    Parameters
    ----------
    body : {"resunet", "u-net", "autoencoder", "rcan", "dncnn"}
    form : {"stabilised", "plain"}
        See `photon_network`.
    dimensions : {2, 3}
    planes : int
        Odd; neighbouring planes or frames that a 2-D network is shown: 5 is "2.5-D".
    widths : tuple of int
        Channels of the levels of RESUNET, U-Net and autoencoder.
    bottom : int
        Blocks of the last level.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    body: Body = "resunet"
    form: Form = "stabilised"
    dimensions: Literal[2, 3] = 2
    planes: int = Field(1, ge=1, le=15)
    widths: tuple[int, ...] = (32, 64, 96, 128)
    bottom: int = Field(2, ge=1, le=8)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.planes % 2 == 0:
            raise ValueError("planes must be odd: the one to denoise and its neighbours")
        if self.dimensions == 3 and (self.planes > 1 or self.body == "dncnn"):
            raise ValueError("a network in 3-D has 1 plane, and DnCNN is 2-D")
        return self

    def build(self) -> PhotonNetwork:
        """Return the network with random weights, of which the last are zero.

        What it returns before any training is then a local mean, not noise.
        """
        body = self._body(*count_channels(self.form, self.planes))
        # RESUNET begins with a stem and ends with a head; the others with a head and a tail.
        last = body.head if isinstance(body, Resunet) else body.tail
        for weight in last.parameters():
            nn.init.zeros_(weight)
        return PhotonNetwork(body, self.form, self.planes)

    def _body(self, ins: int, outs: int) -> Resunet | Rcan | Dncnn:
        if self.body == "rcan":
            return Rcan(self.dimensions, ins, outs)
        if self.body == "dncnn":
            return Dncnn(ins, outs)
        return Resunet(
            self.dimensions,
            ins,
            outs,
            self.widths,
            self.bottom,
            shortcuts=self.body == "resunet",
            skips=self.body != "autoencoder",
        )
