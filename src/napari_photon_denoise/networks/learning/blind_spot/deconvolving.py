"""What a network is told of the optics that it undoes: each parameter declared once.

The method says its own defaults; in the settings of a training the default is none of it. Nothing
here needs torch.
"""

from __future__ import annotations

from typing import Any

from napari_photon_denoise.parameters import parameter

LARGEST = 10.0  # px, sigma


def psf_sigma(default: float, smallest: float) -> Any:
    """Declare how wide the point spread function is; a smallest of 0 allows for none."""
    text = "Sigma of the Gaussian PSF in y and x."
    return parameter(default, text, unit="px", ge=smallest, le=LARGEST, step=0.1)


def psf_sigma_z() -> Any:
    """Declare how long it is."""
    text = "Sigma of the Gaussian PSF along z, in 3-D."
    return parameter(0.0, text, unit="planes", ge=0, le=LARGEST, step=0.1)


def positivity(default: float) -> Any:
    """Declare how much it counts that light is nowhere negative."""
    text = "Weight of the rule that the deconvolved image is not darker than the background."
    return parameter(default, text, unit="", ge=0, le=100, step=0.5)


def background() -> Any:
    """Declare from where on an image is too dark."""
    text = "Light without structure, to which the rule holds."
    return parameter(0.0, text, unit="e-", ge=0, le=1e6, step=0.1)
