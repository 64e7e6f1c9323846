"""Cameras of known truth, and frames that they take."""

import numpy as np

from napari_photon_denoise.camera.transfer import CalibrationSettings, calibrate_job
from napari_photon_denoise.job import run

SHAPE = (128, 128)
LEVELS = (100, 300, 1000, 2000)  # e-


def calibrate(dark, flats, **options):
    return run(calibrate_job(dark, flats, CalibrationSettings(**options)))


def true_gain(camera, report):
    """What pooling good pixels should give: the inverse of the mean inverse gain."""
    return 1 / np.mean(1 / camera.calibration.gain[report.mask == 0])


def unsteady(camera, photons, frames, rng, flicker, light=1.0):
    """Flats of a lamp that flickers, as a share, over an uneven field."""
    levels = photons * (1 + flicker * rng.standard_normal(frames))
    field = np.ones(camera.calibration.map_shape, np.float32) * np.float32(light)
    return np.stack([camera.expose(field * np.float32(level), rng) for level in levels])
