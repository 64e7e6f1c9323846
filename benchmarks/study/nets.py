"""The networks of the study: the same training, another body, form, loss or content."""

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
MIXED = "all kinds"


@dataclass(frozen=True)
class Net:
    """A network to train.

    Parameters
    ----------
    body, form : str
        See `networks.architecture`.
    objective : Objective
    content : str
        What it learns from: `MIXED`, or one of `CLASSES`.
    """

    body: Body
    form: Form = "stabilised"
    objective: Objective = SHIPPED
    content: str = MIXED

    def architecture(self, widths: tuple[int, ...] = WIDTHS) -> Architecture:
        """Return what to build; `widths` are those of RESUNET, U-Net and autoencoder."""
        return Architecture(body=self.body, form=self.form, widths=widths)


ALL_ROUND = {
    "RESUNET": Net("resunet"),
    "RESUNET, plain": Net("resunet", "plain"),
    "U-Net": Net("u-net"),
    "Autoencoder": Net("autoencoder"),
    "RCAN": Net("rcan"),
    "DnCNN": Net("dncnn"),
    "RESUNET, J loss": Net("resunet", objective=SYMMETRIC_KL),
    "RESUNET, plain, J loss": Net("resunet", "plain", SYMMETRIC_KL),
    "U-Net, plain": Net("u-net", "plain"),
    "Autoencoder, plain": Net("autoencoder", "plain"),
    "RCAN, plain": Net("rcan", "plain"),
}
# By what they learn from.
OF_CLASS = {name: f"RESUNET, {name}" for name in CLASSES}
PLAIN_OF_CLASS = {name: f"RESUNET, plain, {name}" for name in CLASSES}
NETS: dict[str, Net] = {
    **ALL_ROUND,
    **{title: Net("resunet", content=name) for name, title in OF_CLASS.items()},
    **{title: Net("resunet", "plain", content=name) for name, title in PLAIN_OF_CLASS.items()},
}
SLUGS = {title: title.lower().replace(", ", "-").replace(" ", "-") for title in NETS}
