"""A study: methods times images, after Xypakis et al. 2023 (doi:10.1364/OE.504606).

- `given`: what users give, named and one for each.
- `shots`: images with their truths, from files or arrays; `virtual`: from the virtual camera.
- `cells`: the figures of one method on one image; `store`: those that are finished.
- `job`: what is missing is denoised and measured, and each cell is kept at once.
- `summary`: a line a method.
"""

from napari_photon_denoise.evaluation.study.job import Study, StudyRow, study_job
from napari_photon_denoise.evaluation.study.shots import Optics, Shot, Taken
from napari_photon_denoise.evaluation.study.summary import MethodSummary, summarise
from napari_photon_denoise.evaluation.study.virtual import VirtualSeries

__all__ = [
    "MethodSummary",
    "Optics",
    "Shot",
    "Study",
    "StudyRow",
    "Taken",
    "VirtualSeries",
    "study_job",
    "summarise",
]
