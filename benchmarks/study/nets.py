"""The networks of the study: the same training, another body, form or loss."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.study.content import CLASSES

from napari_photon_denoise.networks.architecture import Architecture, Body
from napari_photon_denoise.networks.learning.losses import Loss
from napari_photon_denoise.networks.learning.objective import Objective
from napari_photon_denoise.networks.photon_network import Form

WIDTHS = (32, 64, 96, 128)
SHIPPED = Objective(((Loss("mse"), 1.0), (Loss("poisson-deviance"), 0.5)))
# The paper's: no logarithm of patches, no shift by the read noise.
SYMMETRIC_KL = Objective(((Loss("symmetric-kl"), 1.0),), decibels=False, shifted=False)
MIXED = "mixed"


@dataclass(frozen=True)
class Net:
    """A network to train.

    Parameters
    ----------
    title : str
        For tables and figures.
    body, form : str
        See `networks.architecture`.
    objective : Objective
    content : str
        What it learns from: "mixed", or one of `CLASSES`.
    """

    title: str
    body: Body
    form: Form = "stabilised"
    objective: Objective = SHIPPED
    content: str = MIXED

    def architecture(self, widths: tuple[int, ...] = WIDTHS) -> Architecture:
        """Return what to build; `widths` are those of RESUNET, U-Net and autoencoder."""
        return Architecture(body=self.body, form=self.form, widths=widths)


NETS: dict[str, Net] = {
    "resunet": Net("RESUNET", "resunet"),
    "resunet-plain": Net("RESUNET, plain", "resunet", "plain"),
    "u-net": Net("U-Net", "u-net"),
    "autoencoder": Net("Autoencoder", "autoencoder"),
    "rcan": Net("RCAN", "rcan"),
    "dncnn": Net("DnCNN", "dncnn"),
    "resunet-kl": Net("RESUNET, J loss", "resunet", objective=SYMMETRIC_KL),
    "resunet-plain-kl": Net("RESUNET, plain, J loss", "resunet", "plain", SYMMETRIC_KL),
    "u-net-plain": Net("U-Net, plain", "u-net", "plain"),
    "autoencoder-plain": Net("Autoencoder, plain", "autoencoder", "plain"),
    "rcan-plain": Net("RCAN, plain", "rcan", "plain"),
}
OF_CLASS = {name: f"resunet-{name}" for name in CLASSES}
PLAIN_OF_CLASS = {name: f"resunet-plain-{name}" for name in CLASSES}
NETS |= {OF_CLASS[name]: Net(f"RESUNET, {name} only", "resunet", content=name) for name in CLASSES}
NETS |= {
    PLAIN_OF_CLASS[name]: Net(f"RESUNET, plain, {name} only", "resunet", "plain", content=name)
    for name in CLASSES
}
ALL_ROUND = tuple(name for name, net in NETS.items() if net.content == MIXED)
