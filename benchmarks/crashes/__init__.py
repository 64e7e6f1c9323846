"""Runs into OME-Zarr that are killed, starved and spoiled: the next run must make the right result.

`python -m benchmarks.crashes`
"""
