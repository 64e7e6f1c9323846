"""The report of denoised images: one HTML page about one image, or about several methods.

`page` puts it together: `pictures` (the images, and where their photons disagree), `profiles`,
`histograms`, `regions` and `tables`, of the plane that `metrics.plane.Plane` holds.
"""

from napari_photon_denoise.reporting.denoised.page import (
    IN_MEMORY,
    Subject,
    comparison_page,
    measurement_page,
)

__all__ = ["IN_MEMORY", "Subject", "comparison_page", "measurement_page"]
