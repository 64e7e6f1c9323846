"""The classical filters on the CPU, gathered under the names of `denoisers.backend.Backend`."""

from napari_photon_denoise.kernels.median import median
from napari_photon_denoise.kernels.nonlocal_means import nonlocal_means
from napari_photon_denoise.kernels.separable import correlate

__all__ = ["correlate", "median", "nonlocal_means"]
