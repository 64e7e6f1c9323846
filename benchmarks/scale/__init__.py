"""Images larger than memory: how fast, in how much memory, and what the pipeline adds.

`python -m benchmarks.scale FOLDER --sizes 0.1 1 --methods gaussian nlm resunet-2d`
"""
