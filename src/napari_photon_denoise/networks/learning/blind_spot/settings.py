"""What determines a training on noisy images alone; methods in `denoisers` choose it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import SerializerFunctionWrapHandler, model_serializer

from napari_photon_denoise.networks.learning import pace
from napari_photon_denoise.networks.learning.blind_spot import deconvolving
from napari_photon_denoise.networks.learning.blind_spot.extents import EXTENTS
from napari_photon_denoise.networks.learning.cluster_count import clusters, without_one
from napari_photon_denoise.parameters import Declared, Odd, choice, parameter

Loss = Literal["poisson", "gaussian", "mse"]
Body = Literal["n2v", "n2v2", "dncnn"]
Replacement = Literal["uniform", "median"]

LOSSES = {
    "poisson": "The Poisson likelihood of the photons, with the camera's read noise.",
    "gaussian": "Squares in units of the noise that is expected in each pixel.",
    "mse": "Plain squares: bright pixels count most.",
}


class BlindSettings(Declared):
    """Network, blind spot and length of a training."""

    body: Body = choice(
        "n2v2",
        "The network.",
        options={"n2v": "Noise2Void's.", "n2v2": "N2V2's.", "dncnn": "Plain layers, in 2-D."},
    )
    clusters: int = clusters(1)
    dimensions: int = parameter(2, "Of the convolutions.", unit="", ge=2, le=3)
    planes: Odd = parameter(
        1, "Neighbouring planes or frames that a 2-D network sees.", unit="planes", ge=1, le=15
    )
    depth_axis: Literal["Z", "T"] = choice(
        "Z",
        "Along which planes are neighbours; all other axes are samples.",
        options={"Z": "Planes.", "T": "Frames."},
    )
    replacement: Replacement = choice(
        "uniform",
        "What the network sees in place of a hidden pixel.",
        options={"uniform": "Any pixel around.", "median": "The median of those around."},
    )
    extent: str = choice("pixel", "What is hidden.", options=EXTENTS)
    loss: Loss = choice("poisson", "What is minimised.", options=LOSSES)
    samples: int = parameter(
        1, "Guesses of a pixel: its mean, or its spread too; see `posterior`.", unit="", ge=1, le=2
    )
    psf_sigma: float = deconvolving.psf_sigma(0.0, smallest=0.0)
    psf_sigma_z: float = deconvolving.psf_sigma_z()
    psf_file: str = choice(
        "",
        "Image of a point, which wins over the Gaussian; see `psf`.",
        options={"": "None."},
        suffix=".tif",
    )
    positivity: float = deconvolving.positivity(0.0)
    background: float = deconvolving.background()
    epochs: int = pace.epochs(20)
    patience: int = pace.patience(5)
    learning_rate: float = pace.learning_rate(2e-3)
    batch: int = pace.batch(16)
    patch: int = pace.patch(64)
    seed: int = pace.seed()

    @model_serializer(mode="wrap")
    def _without_clusters(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return without_one(write(self))

    @classmethod
    def subject(cls) -> str:
        """Whose parameters they are, in the sentence that refuses one."""
        return "blind spot"
