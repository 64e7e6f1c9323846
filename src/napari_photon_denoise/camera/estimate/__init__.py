"""Noise of an image without calibration frames: an estimate, and labelled as one.

`job` leads; `sampling` chooses what is read; `out_of_band` gives power against mean in tiles,
`regions` in small parts, and `measured` holds it all. `structure` parts structure from noise,
`fall` and `lattice` tell if neighbours share noise, `blur` and `correlation` how far, `white` fits
noise that they do not share, `smooth` helps where the spectrum can't, `filled_in` for colour
cameras, `finest` where an image is small. `fit` puts them together, `rungs` says how much that
tells of the camera, `check` checks, `refusals` and `sentences` speak to the user.
"""

from napari_photon_denoise.camera.estimate.job import estimate_job
from napari_photon_denoise.camera.estimate.lattice import is_jpeg
from napari_photon_denoise.camera.estimate.refusals import NoEstimate
from napari_photon_denoise.camera.estimate.result import NoiseEstimate

__all__ = ["NoEstimate", "NoiseEstimate", "estimate_job", "is_jpeg"]
