"""The public names, as the package gives them."""

from napari_photon_denoise.api.calibrate import calibrate
from napari_photon_denoise.api.camera import find_camera
from napari_photon_denoise.api.cluster import cluster
from napari_photon_denoise.api.compare import compare
from napari_photon_denoise.api.denoise import denoise
from napari_photon_denoise.api.estimate import estimate
from napari_photon_denoise.api.measure import measure
from napari_photon_denoise.api.study import Optics, VirtualSeries, study
from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.denoisers import (
    AdaptedResunet,
    Box,
    ClusteredDncnn,
    Gaussian,
    ImprovedBlindSpot,
    Median,
    Noise2Void,
    NonlocalMeans,
    ProbabilisticNoise2Void,
    Resunet,
)
from napari_photon_denoise.errors import PhotonDenoiseError, PhotonDenoiseWarning
from napari_photon_denoise.metrics.clusters import ClusterSettings
from napari_photon_denoise.photons import Photons

__all__ = [
    "AdaptedResunet",
    "Box",
    "Calibration",
    "ClusterSettings",
    "ClusteredDncnn",
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
    "cluster",
    "compare",
    "denoise",
    "estimate",
    "find_camera",
    "measure",
    "study",
]
