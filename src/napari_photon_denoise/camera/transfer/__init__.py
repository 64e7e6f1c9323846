"""Photon transfer: a camera's gain, offset and read noise from dark and flat frames.

`calibrate_job` reads each stack once (`stacks`, `sums`, `light`, `levels`), makes the photon
transfer curve (`points`), fits it (`fit`, `legs`, `em`), looks at each pixel (`pixels`,
`defects`), states the camera in EMVA 1288's figures (`emva`) and holds everything against
thresholds (`verdicts`). The method is Janesick's photon transfer (doi:10.1117/3.725073) with
the per-pixel maps of Huang et al. 2013 (doi:10.1038/nmeth.2488).
"""

from napari_photon_denoise.camera.transfer.calibrate import calibrate_job
from napari_photon_denoise.camera.transfer.defects import Defect
from napari_photon_denoise.camera.transfer.emva import EmvaFigures
from napari_photon_denoise.camera.transfer.points import Points
from napari_photon_denoise.camera.transfer.report import CameraReport, LevelReport
from napari_photon_denoise.camera.transfer.settings import CalibrationSettings
from napari_photon_denoise.camera.transfer.verdict import Verdict

__all__ = [
    "CalibrationSettings",
    "CameraReport",
    "Defect",
    "EmvaFigures",
    "LevelReport",
    "Points",
    "Verdict",
    "calibrate_job",
]
