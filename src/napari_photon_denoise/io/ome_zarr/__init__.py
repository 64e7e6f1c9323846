"""OME-Zarr written shard by shard: its grid, its container, its pixels, its pyramid, its words."""
