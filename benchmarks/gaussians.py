"""The best Gaussian: of many, the one that the truth says is best, which no user knows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import napari_photon_denoise as npd
from napari_photon_denoise.denoisers import AnyMethod
from napari_photon_denoise.evaluation.study import Study, StudyRow

BEST = "Best Gaussian"
GAUSSIANS: dict[str, AnyMethod] = {
    f"{BEST}, σ {sigma:.2f}": npd.Gaussian(sigma=sigma) for sigma in np.geomspace(0.3, 4.8, 25)
}


def with_best(study: Study) -> Study:
    """Leave of all Gaussians the best one for each image."""
    rows: list[StudyRow] = []
    for image in study.images:
        rows.append(replace(best_gaussian(study, image), method=BEST))
        rows += [r for r in study.rows if r.image == image and r.method not in GAUSSIANS]
    return replace(study, rows=tuple(rows))


def best_gaussian(study: Study, image: str) -> StudyRow:
    """Return the row of the best Gaussian on an image."""
    tried = (row for row in study.rows if row.image == image and row.method in GAUSSIANS)
    return min(tried, key=lambda row: row.cell["mse"].value)
