"""An image larger than memory, denoised into an OME-Zarr shard by shard: one task, one writer.

Each shard is a file of the result, and is made and written by one task from a block of the image
and what lies around it. What is done is recorded beside the result, so that a run that was broken
off goes on where it was. Who carries out the tasks is handed in: this process, others on this
computer, a cluster, or jobs of an array that each take a share.
"""
