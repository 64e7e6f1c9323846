"""From camera counts to photons to a clean image, with evidence that it can be trusted.

Map of the package, from the faces down to the ground; a file imports what lies below it:

- `widgets`: napari; `cli`: the command line; `api`: the verbs of Python.
- `reports`: pages, plots and tables, to look at and to keep.
- `evaluation`: what a result is worth: figures of one image, of several methods, of a study.
- `files`: denoise files into files.
- `inputs`: what a user names becomes image, axes and camera; `recipe`: a result's determinants.
- `settling`: the last check of an estimated camera, by what a network takes out of its image.
- `pipeline`: tiles in, tiles out; `denoisers`: the methods, one file each.
- `networks`: what runs on torch; `networks.learning`: training.
- `denoiser`: what a method is. `metrics`: from arrays to numbers.
- `virtual`: the virtual camera and its scenes; `camera`: photon transfer, estimates from an image,
  presets, files of other programs, the noise model.
- `kernels`: compiled filters; `models`: the networks that come along.
- `photons`: an image in counts seen as photons, lazily; `tiles`: how it is cut.
- `calibration`: gain, offset and read noise of a camera.
- `io`: files of images and calibrations.
- `job`: long work; `parameters`: how one is declared; `axes`; `errors`; `words`: numbers in
  sentences.

Importing the package imports neither torch, Qt nor napari.
"""

from napari_photon_denoise.api.calibrate import calibrate
from napari_photon_denoise.api.camera import find_camera
from napari_photon_denoise.api.compare import compare
from napari_photon_denoise.api.denoise import denoise
from napari_photon_denoise.api.estimate import estimate
from napari_photon_denoise.api.measure import measure
from napari_photon_denoise.api.study import Optics, VirtualSeries, study
from napari_photon_denoise.calibration import Calibration
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
from napari_photon_denoise.photons import Photons

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
    "estimate",
    "find_camera",
    "measure",
    "study",
]
