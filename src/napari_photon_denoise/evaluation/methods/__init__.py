"""Methods side by side on one region of an image, judged with and without a truth.

- `job`: runs every candidate on the region, a row as soon as one is done.
- `rows`: what is compared, and what is known of it; `columns`: the same as a table, and as CSV.
- `surroundings`: a region and what is read around it, so that it comes out as in the whole.
"""

from napari_photon_denoise.denoisers.names import name_of
from napari_photon_denoise.evaluation.methods.job import Compared, RowProgress, compare_region_job
from napari_photon_denoise.evaluation.methods.rows import RAW, Candidate, Row

__all__ = [
    "RAW",
    "Candidate",
    "Compared",
    "Row",
    "RowProgress",
    "compare_region_job",
    "name_of",
]
