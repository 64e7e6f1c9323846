"""Gaussian filter."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.denoiser import Filter, Method
from napari_photon_denoise.denoisers.backend import load_correlate
from napari_photon_denoise.job import Job
from napari_photon_denoise.parameters import parameter
from napari_photon_denoise.photons import Photons

REACH = 4  # standard deviations, beyond which the Gaussian is cut off


class Gaussian(Method):
    """Gaussian blur; white noise of variance v becomes v / (4 π σ²) in a plane."""

    title: ClassVar[str] = "Gaussian"
    method: Literal["gaussian"] = "gaussian"
    sigma: float = parameter(
        1.0,
        "Standard deviation of the blur: larger is smoother and blurs more.",
        unit="px",
        ge=0,
        le=20,
        step=0.1,
    )
    sigma_z: float = parameter(
        0.0,
        "Standard deviation across planes; 0 filters each plane alone.",
        unit="planes",
        ge=0,
        le=10,
        step=0.1,
    )

    @property
    def halo(self) -> tuple[int, int, int]:
        """How far a pixel sees in z, y and x, px."""
        return _reach(self.sigma_z), _reach(self.sigma), _reach(self.sigma)

    def prepare(self, photons: Photons, device: str) -> Job[Filter]:
        """Return the filter; the read noise makes no difference to it."""
        yield from ()
        correlate = load_correlate(device)
        deep, wide = _taps(self.sigma_z), _taps(self.sigma)

        def blur(block: Float32, read_noise: float | Float32) -> Float32:
            return correlate(block, deep, wide, wide)

        return blur


def _reach(sigma: float) -> int:
    return int(REACH * sigma + 0.5)


def _taps(sigma: float) -> Float32:
    """Sample a Gaussian of sum 1."""
    if sigma == 0:
        return np.ones(1, dtype=np.float32)
    at = np.arange(-_reach(sigma), _reach(sigma) + 1)
    taps = np.exp(-0.5 * (at / sigma) ** 2)
    return np.asarray(taps / taps.sum(), dtype=np.float32)
