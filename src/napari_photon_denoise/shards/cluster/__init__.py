"""Shards on the workers of a Dask cluster: this computer's, one that runs already, or Slurm's.

Dask schedules. A plain loop submits the numbers of shards, a few more than there are workers, and
follows them; pixels never travel. Every worker is asked first what it has and sees.
"""
