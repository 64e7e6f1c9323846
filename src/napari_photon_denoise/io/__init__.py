"""Images in and out of files: lazily in, atomically out.

`read` opens TIFF, OME-TIFF, ImageJ TIFF, PNG, NPY and OME-Zarr without reading their
pixels; `write_ome_tiff` and `open_ome_tiff` write OME-TIFF, with the recipe inside.
Importing this package costs nothing but numpy: the libraries of the formats are
imported by the functions that need them.
"""

from napari_photon_denoise.io.find import find_images
from napari_photon_denoise.io.image import ImageFile
from napari_photon_denoise.io.read import read
from napari_photon_denoise.io.write import open_ome_tiff, write_ome_tiff

__all__ = [
    "ImageFile",
    "find_images",
    "open_ome_tiff",
    "read",
    "write_ome_tiff",
]
