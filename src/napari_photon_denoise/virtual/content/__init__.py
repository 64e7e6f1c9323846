"""Noise-free content to train on: drawn at random, and cut from clean real images.

`draw` makes a random scene: one to three of the structures of `scene.STRUCTURES` through a
random microscope. `read_content` reads a folder of real images and leaves out what is not
clean. `build_library_job` writes many scenes of both kinds to disk, `open_library` maps them
back. Every scene is a density of mean 1: times n, it has n expected photons a pixel.
"""

from napari_photon_denoise.virtual.content.library import Library, build_library_job, open_library
from napari_photon_denoise.virtual.content.real import RealImage, Refusal, read_content
from napari_photon_denoise.virtual.content.scene import draw

__all__ = [
    "Library",
    "RealImage",
    "Refusal",
    "build_library_job",
    "draw",
    "open_library",
    "read_content",
]
