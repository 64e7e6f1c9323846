"""Median filter."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.denoiser import Filter, Method
from napari_photon_denoise.denoisers.backend import Computed, load_filter
from napari_photon_denoise.job import Job
from napari_photon_denoise.parameters import Odd, parameter
from napari_photon_denoise.photons import Photons


class Median(Method):
    """Median of a window: takes out single hot pixels and keeps edges.

    The median of a skewed distribution is not its mean: at a few photons a pixel the
    result is darker than the truth, by up to a third of a photon.
    """

    title: ClassVar[str] = "Median"
    method: Literal["median"] = "median"
    size: Odd = parameter(
        3, "Width of the window: larger is smoother and blurs more.", unit="px", ge=1, le=15, step=2
    )
    size_z: Odd = parameter(
        1, "Depth of the window; 1 filters each plane alone.", unit="planes", ge=1, le=7, step=2
    )

    @property
    def halo(self) -> tuple[int, int, int]:
        """How far a pixel sees in z, y and x, px."""
        return self.size_z // 2, self.size // 2, self.size // 2

    def prepare(self, photons: Photons, device: str) -> Job[Filter]:
        """Return the filter; the read noise makes no difference to it."""
        yield from ()
        median = load_filter(device, _on_cpu, _on_gpu, gpu_pays=False)

        def of_window(block: Float32, read_noise: float | Float32) -> Float32:
            return median(block, self.size_z, self.size, self.size)

        return of_window


def _on_cpu() -> Computed:
    from napari_photon_denoise.kernels.median import median

    return median


def _on_gpu() -> Any:
    from napari_photon_denoise.networks.filters import median

    return median
