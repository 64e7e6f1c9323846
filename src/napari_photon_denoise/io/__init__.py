"""Images and calibrations in and out of files: lazily in, atomically out.

`read` opens an image by the table of `readers` without reading its pixels; `write_image` and
`open_image` write one by the table in `write`, with the recipe inside. Importing this package
costs nothing but numpy: the libraries of the formats are imported by the functions that need
them.
"""

import logging

from napari_photon_denoise.io.find import find_images, find_raw_images
from napari_photon_denoise.io.find_series import find_series
from napari_photon_denoise.io.image import About, ImageFile
from napari_photon_denoise.io.read import read
from napari_photon_denoise.io.write import open_image, write_image

__all__ = [
    "About",
    "ImageFile",
    "find_images",
    "find_raw_images",
    "find_series",
    "open_image",
    "read",
    "write_image",
]

# What it logs of a damaged file would reach the user beside our own sentence, where nobody has set
# up a place for logs.
logging.getLogger("tifffile").addHandler(logging.NullHandler())
