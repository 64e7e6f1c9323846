"""Box filter: the mean of a window."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.denoiser import Filter, Method
from napari_photon_denoise.denoisers.backend import load_correlate
from napari_photon_denoise.job import Job
from napari_photon_denoise.parameters import Odd, parameter
from napari_photon_denoise.photons import Photons


class Box(Method):
    """Mean of a window; white noise of variance v becomes v over the window's pixels."""

    title: ClassVar[str] = "Box (mean)"
    method: Literal["box"] = "box"
    size: Odd = parameter(
        3, "Width of the window: larger is smoother and blurs more.", unit="px", ge=1, le=63, step=2
    )
    size_z: Odd = parameter(
        1, "Depth of the window; 1 filters each plane alone.", unit="planes", ge=1, le=31, step=2
    )

    @property
    def halo(self) -> tuple[int, int, int]:
        """How far a pixel sees in z, y and x, px."""
        return self.size_z // 2, self.size // 2, self.size // 2

    def prepare(self, photons: Photons, device: str) -> Job[Filter]:
        """Return the filter; the read noise makes no difference to it."""
        yield from ()
        correlate = load_correlate(device)
        deep, wide = (
            np.full(size, 1 / size, dtype=np.float32) for size in (self.size_z, self.size)
        )

        def mean(block: Float32, read_noise: float | Float32) -> Float32:
            return correlate(block, deep, wide, wide)

        return mean
