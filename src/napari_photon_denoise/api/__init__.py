"""The verbs of Python, a file each: arrays or files in, photons, figures and reports out."""
