"""The report of denoised images: one HTML page about one image, or about several methods.

`page` puts it together: `pictures` (the images, and where their photons disagree), `profiles`,
`histograms`, `regions` and `tables`, of the plane that `evaluation.plane.Plane` holds.
"""
