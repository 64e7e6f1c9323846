"""From camera counts to photons to a clean image, with evidence that it can be trusted.

Map of the package:

- `calibration`: gain, offset and read noise of a camera; `measure_camera`: measure them
  from dark and flat frames.
- `camera`: photon transfer, estimates from an image, reports, presets, files of other
  programs, the noise model, the virtual camera and its scenes.
- `photons`: an image in counts seen as photons, lazily; `axes`: their names.
- `denoisers`: the methods, one file each; `kernels` and `networks`: what computes them.
- `pipeline`: jobs, tiles, progress; `recipe`: a result's determinants as JSON.
- `metrics`: figures, with a truth and without; `measure`: all of them, of one image;
  `comparing` and `compare`: of several methods; `studying`: of many images, resumably;
  `reporting`: pages, pictures and tables.
- `io`: image files; `cli`: the command line; `widgets`: napari.

Importing the package imports neither torch, Qt nor napari.
"""

from napari_photon_denoise.api import denoise, find_camera
from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.compare import compare
from napari_photon_denoise.denoisers import (
    AdaptedResunet,
    Box,
    Gaussian,
    ImprovedBlindSpot,
    Median,
    Noise2Void,
    NonlocalMeans,
    ProbabilisticNoise2Void,
    Resunet,
)
from napari_photon_denoise.errors import PhotonDenoiseError, PhotonDenoiseWarning
from napari_photon_denoise.measure import measure
from napari_photon_denoise.measure_camera import calibrate
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.study import Optics, VirtualSeries, study

__all__ = [
    "AdaptedResunet",
    "Box",
    "Calibration",
    "Gaussian",
    "ImprovedBlindSpot",
    "Median",
    "Noise2Void",
    "NonlocalMeans",
    "Optics",
    "PhotonDenoiseError",
    "PhotonDenoiseWarning",
    "Photons",
    "ProbabilisticNoise2Void",
    "Resunet",
    "VirtualSeries",
    "calibrate",
    "compare",
    "denoise",
    "find_camera",
    "measure",
    "study",
]
