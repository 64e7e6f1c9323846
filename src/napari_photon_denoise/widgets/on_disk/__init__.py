"""Results that do not fit into memory: an OME-Zarr that is shown while it is made."""
