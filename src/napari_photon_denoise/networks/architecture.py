"""What a network is, in words: enough to build it again around its weights."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

import torch
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)
from torch import nn

from napari_photon_denoise.networks.blind_network import EXTRAS, BlindNetwork
from napari_photon_denoise.networks.blur_unet import BlurUnet
from napari_photon_denoise.networks.care import CareUnet
from napari_photon_denoise.networks.cluster_masks import ClusterMasks, count_masks
from napari_photon_denoise.networks.committee import Committee
from napari_photon_denoise.networks.dncnn import Dncnn
from napari_photon_denoise.networks.percentile_network import PercentileNetwork
from napari_photon_denoise.networks.photon_network import Form as PhotonForm
from napari_photon_denoise.networks.photon_network import PhotonNetwork, count_channels
from napari_photon_denoise.networks.rcan import Rcan
from napari_photon_denoise.networks.residual_unet import ResidualUnet

Body = Literal["resunet", "u-net", "autoencoder", "rcan", "dncnn", "care", "n2v", "n2v2"]
Form = Literal[PhotonForm, "percentiles", "blind"]
Network = PhotonNetwork | BlindNetwork | Committee
Width = Annotated[int, Field(ge=1, le=65_536)]
BODIES: tuple[Body, ...] = ("resunet", "u-net", "autoencoder", "rcan", "dncnn")
OF_DNCNN = ("layers", "channels", "clusters")


class Architecture(BaseModel):
    """Everything that shapes a network; JSON beside its weights.

    Parameters
    ----------
    body : {"resunet", "u-net", "autoencoder", "rcan", "dncnn", "care", "n2v", "n2v2"}
        The last two, of Noise2Void and N2V2, are bodies of the blind form alone.
    form : {"stabilised", "plain", "percentiles", "blind"}
        See `photon_network`, `percentile_network`, which is CARE's alone, and `blind_network`.
    dimensions : {2, 3}
    planes : int
        Odd; neighbouring planes or frames that a 2-D network is shown: 5 is "2.5-D".
    widths : tuple of int
        Channels of the levels of RESUNET, U-Net, autoencoder and CARE.
    bottom : int
        Blocks of the last level.
    samples : int
        Guesses of a pixel, of the blind form.
    psf : tuple of int, optional
        Shape of the point spread function that a blind network blurs by, ([Z,] Y, X), odd.
    uncertainty : bool
        Whether CARE says how sure it is.
    members : int
        Networks of a CARE that is several.
    layers, channels : int
        Of DnCNN.
    clusters : int
        Whose masks DnCNN is shown, see `cluster_masks`; 1 for none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    body: Body = "resunet"
    form: Form = "stabilised"
    dimensions: Literal[2, 3] = 2
    planes: int = Field(1, ge=1, le=15)
    widths: tuple[Width, ...] = Field((32, 64, 96, 128), min_length=1, max_length=16)
    bottom: int = Field(2, ge=1, le=8)
    samples: int = Field(1, ge=1, le=2)
    psf: tuple[int, ...] | None = None
    layers: int = Field(17, ge=2, le=64)
    channels: Width = 64
    clusters: int = Field(1, ge=1, le=20)
    uncertainty: bool = False
    members: int = Field(1, ge=1, le=32)

    @model_serializer(mode="wrap")
    def _without_others(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Say of others what was said before CARE and clusters, which earlier versions read."""
        said: dict[str, Any] = write(self)
        if self.body != "care":
            del said["uncertainty"], said["members"]
        for name in OF_DNCNN:  # as usual
            if said[name] == type(self).model_fields[name].default:
                del said[name]
        return said

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.planes % 2 == 0:
            raise ValueError("planes must be odd: the one to denoise and its neighbours")
        if self.dimensions == 3 and (self.planes > 1 or self.body == "dncnn"):
            raise ValueError("a network in 3-D has 1 plane, and DnCNN is 2-D")
        if self.body != "dncnn" and (self.form == "blind") != (self.body in ("n2v", "n2v2")):
            raise ValueError("the blind form has a body of n2v or n2v2, and no other form has")
        if self.clusters > 1 and (self.body != "dncnn" or self.form == "plain"):
            raise ValueError("clusters are shown to dncnn, and not in the plain form")
        if self.body == "dncnn" and (self.samples > 1 or self.psf):
            raise ValueError("dncnn has one sample and no psf")
        if self.form != "blind" and (self.samples > 1 or self.psf):
            raise ValueError("samples and psf belong to the blind form")
        if self.body == "care":
            if self.form == "plain" or len(self.widths) < 2:
                raise ValueError("CARE has two levels or more, stabilised or by percentiles")
        elif self.form == "percentiles" or self.uncertainty or self.members > 1:
            raise ValueError("percentiles, uncertainty and members belong to CARE")
        if self.psf is not None and (
            self.samples > 1
            or len(self.psf) != self.dimensions
            or any(size < 1 or size % 2 == 0 for size in self.psf)
        ):
            raise ValueError("psf is an odd size of each dimension, for 1 sample")
        return self

    def build(self) -> Network:
        """Return the network with random weights, of which the last are zero.

        What it returns before any training is then a local mean, not noise.
        """
        if self.form == "blind":
            return self._build_blind()
        if self.form == "percentiles" or self.body == "care":
            members = [self._build_care() for _ in range(self.members)]
            return Committee(members, self.uncertainty)
        body = self._body(*count_channels(self.form, self.planes))
        # RESUNET begins with a stem and ends with a head; the others with a head and a tail.
        last = body.head if isinstance(body, ResidualUnet) else body.tail
        for weight in last.parameters():
            nn.init.zeros_(weight)
        return PhotonNetwork(body, self.form, self.planes, self._masks())

    def _masks(self) -> ClusterMasks | None:
        return ClusterMasks(self.clusters) if self.clusters > 1 else None

    def _build_care(self) -> PhotonNetwork | PercentileNetwork:
        if self.form == "percentiles":
            return PercentileNetwork(self._care_body(self.planes, 1), self.planes)
        body = self._care_body(*count_channels("stabilised", self.planes))
        return PhotonNetwork(body, "stabilised", self.planes)

    def _care_body(self, ins: int, outs: int) -> CareUnet:
        """Return CARE's body, with a channel more if it says how sure it is."""
        body = CareUnet(self.dimensions, ins, outs + self.uncertainty, self.widths)
        for weight in body.tail.parameters():
            nn.init.zeros_(weight)
        return body

    def _build_blind(self) -> BlindNetwork:
        if self.body == "dncnn":
            plain = self._dncnn(self.planes + EXTRAS, 1)
            nn.init.zeros_(plain.tail.weight)
            return BlindNetwork(plain, self.planes, masks=self._masks())
        body = BlurUnet(
            self.dimensions,
            self.planes + EXTRAS,
            self.samples,
            self.widths,
            smooth=self.body == "n2v2",
        )
        # Samples that were equal would stay so: they begin as quantiles of the noise.
        shares = (torch.arange(self.samples) + 0.5) / self.samples
        body.head.load_state_dict(
            {
                "weight": torch.zeros_like(body.head.state_dict()["weight"]),
                "bias": torch.special.ndtri(shares),
            }
        )
        return BlindNetwork(body, self.planes, self.samples, self.psf)

    def _body(self, ins: int, outs: int) -> ResidualUnet | Rcan | Dncnn:
        if self.body == "rcan":
            return Rcan(self.dimensions, ins, outs)
        if self.body == "dncnn":
            return self._dncnn(ins, outs)
        return ResidualUnet(
            self.dimensions,
            ins,
            outs,
            self.widths,
            self.bottom,
            shortcuts=self.body == "resunet",
            skips=self.body != "autoencoder",
        )

    def _dncnn(self, ins: int, outs: int) -> Dncnn:
        return Dncnn(ins + count_masks(self.clusters), outs, self.channels, self.layers)
