"""Noise of an image without calibration frames: an estimate, and labelled as one.

`job` leads; `sampling` chooses what is read; `out_of_band` and `line` give variance
against mean; `regions`, `blur` and `correlation` find noise that neighbours share;
`fit` puts them together, `fallback` helps where smoothing hid the noise;
`undersampling` guards, `check` checks, `refusals` and `sentences` speak to the user.
"""

from napari_photon_denoise.camera.estimate.job import estimate_job
from napari_photon_denoise.camera.estimate.refusals import NoEstimate
from napari_photon_denoise.camera.estimate.result import NoiseEstimate

__all__ = ["NoEstimate", "NoiseEstimate", "estimate_job"]
