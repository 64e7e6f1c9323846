"""Non-local means on photons: average what looks alike, wherever it lies nearby.

Patches are compared in the variance-stabilised domain, where noise is the same
everywhere (Buades, Coll & Morel, doi:10.1109/CVPR.2005.38; generalised Anscombe
transform: see `camera.anscombe`). The average itself is taken over the photons.
Averaging stabilised values and inverting them, as is usual, assumes that everything
averaged has one mean and one read noise; photons may be averaged whatever theirs are. On
simulated scenes that is as good or better (`benchmarks/quality.py`), and a constant image
stays exactly as it is.
"""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.camera.anscombe import anscombe
from napari_photon_denoise.denoiser import Filter, Method
from napari_photon_denoise.denoisers.backend import Computed, load_correlate, load_filter
from napari_photon_denoise.job import Job
from napari_photon_denoise.parameters import Odd, parameter
from napari_photon_denoise.photons import Photons


class NonlocalMeans(Method):
    """Non-local means, told the noise by the camera's calibration."""

    title: ClassVar[str] = "Non-local means"
    method: Literal["non-local-means"] = "non-local-means"
    strength: float = parameter(
        0.9,
        "How unlike two patches may be, in units of the noise: larger is smoother.",
        unit="",
        ge=0.05,
        le=5,
        step=0.1,
    )
    patch: Odd = parameter(
        5, "Width of the patches that are compared.", unit="px", ge=1, le=15, step=2
    )
    distance: int = parameter(
        6, "How far away alike patches are searched: larger is slower.", unit="px", ge=1, le=21
    )
    patch_z: Odd = parameter(
        1, "Depth of the patches; 1 compares within planes.", unit="planes", ge=1, le=7, step=2
    )
    distance_z: int = parameter(
        0,
        "How many planes away alike patches are searched; 0 keeps to the plane.",
        unit="planes",
        ge=0,
        le=10,
    )

    @property
    def label(self) -> str:
        """What a result of it is called: short, as the list of layers has little room."""
        return "NLM"

    @property
    def halo(self) -> tuple[int, int, int]:
        """How far a pixel sees in z, y and x, px."""
        # One more in the plane: a noisy pixel's neighbours tell what it should show.
        reach = self.distance + self.patch // 2 + 1
        return self.distance_z + self.patch_z // 2, reach, reach

    def prepare(self, photons: Photons, device: str) -> Job[Filter]:
        """Return the filter for the camera's read noise, one number or a map."""
        yield from ()
        average = load_filter(device, self._on_cpu, self._on_gpu, gpu_pays=True)
        correlate = load_correlate(device, gpu_pays=True)
        # Of the whole camera, not of a tile: every tile must be treated alike.
        typical = float(np.median(photons.calibration.read_noise))

        def nonlocal_means(block: Float32, read_noise: float | Float32) -> Float32:
            if isinstance(read_noise, np.ndarray):
                guide, weight = _even_out(correlate, block, read_noise, typical)
            else:
                guide, weight = block, None
            return average(anscombe(guide, typical), block, weight)

        return nonlocal_means

    def _on_cpu(self) -> Computed:
        from napari_photon_denoise.kernels.nonlocal_means import nonlocal_means

        return partial(nonlocal_means, **self._settings())

    def _on_gpu(self) -> Any:
        from napari_photon_denoise.networks.filters import nonlocal_means

        return partial(nonlocal_means, **self._settings())

    def _settings(self) -> dict[str, Any]:
        """Return what both are told: what is compared, how far away, how strictly."""
        return {
            "patch": (self.patch_z, self.patch, self.patch),
            "distance": (self.distance_z, self.distance, self.distance),
            "h": self.strength,
            "sigma": 1.0,
        }


def _even_out(
    correlate: Computed, block: Float32, read_noise: Float32, typical: float
) -> tuple[Float32, Float32]:
    """Let noisy pixels count less.

    Returns
    -------
    guide : (Z, Y, X) float32, e-
        Each pixel noisier than typical drawn to its neighbours until it is as noisy as
        they are, so that it spoils no comparison of patches.
    weight : (Z, Y, X) float32
        Typical over actual variance: what a pixel is worth in an average.
    """
    one, three = np.ones(1, dtype=np.float32), np.ones(3, dtype=np.float32)
    trust = np.broadcast_to(1 / (1 + read_noise**2), block.shape).astype(np.float32)
    around = correlate(block * trust, one, three, three)
    around /= correlate(trust, one, three, three)
    signal = np.maximum(around, 0)
    weight = (signal + typical**2 + 1e-6) / (signal + read_noise**2 + 1e-6)
    guide = around + (block - around) * np.sqrt(np.minimum(weight, 1))
    return guide, weight.astype(np.float32, copy=False)
