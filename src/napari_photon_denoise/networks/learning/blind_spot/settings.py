"""What determines a training on noisy images alone; declared with texts in `denoisers`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from napari_photon_denoise.networks.learning.blind_spot.masks import Replacement

Loss = Literal["poisson", "gaussian", "mse"]
Body = Literal["n2v", "n2v2"]


@dataclass(frozen=True)
class BlindSettings:
    """Network, blind spot and length of a training.

    Parameters
    ----------
    body : {"n2v", "n2v2"}
    dimensions : {2, 3}
    planes : int
        Odd; neighbouring planes or frames that a 2-D network sees.
    depth_axis : {"Z", "T"}
        Along which planes are neighbours; all other axes are samples.
    replacement : {"uniform", "median"}
    extent : str
        What else is hidden, see `extents`.
    loss : {"poisson", "gaussian", "mse"}
    samples : {1, 2}
        Guesses of a pixel: its mean alone, or its spread too, see `posterior`.
    psf_sigma : float, px
        Of a Gaussian point spread function in y and x; 0 for none, see `network`.
    psf_sigma_z : float, planes
        Of 3-D networks.
    psf_file : str
        Image of a point, see `psf`; wins over the Gaussian.
    positivity : float
        Weight of what the deconvolved image lacks to the background.
    background : float, e-
        What is darker counts as lacking.
    epochs : int
        Of 50 steps, at most.
    patience : int
        Epochs without a better score after which it stops; 0 never.
    learning_rate : float
    batch, patch : int
        Patches a step, and their edge, px.
    seed : int
    """

    body: Body = "n2v2"
    dimensions: Literal[2, 3] = 2
    planes: int = 1
    depth_axis: Literal["Z", "T"] = "Z"
    replacement: Replacement = "uniform"
    extent: str = "pixel"
    loss: Loss = "poisson"
    samples: Literal[1, 2] = 1
    psf_sigma: float = 0.0
    psf_sigma_z: float = 0.0
    psf_file: str = ""
    positivity: float = 0.0
    background: float = 0.0
    epochs: int = 20
    patience: int = 5
    learning_rate: float = 2e-3
    batch: int = 16
    patch: int = 64
    seed: int = 0
