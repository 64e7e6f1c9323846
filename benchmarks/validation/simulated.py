"""Scenes of the virtual sCMOS camera, white noise, the truth exactly known."""

from __future__ import annotations

from functools import partial

import numpy as np
from benchmarks.validation.case import Case, Entry

from napari_photon_denoise.virtual.samples import SCENES, make_sample

PHOTONS = (1, 10, 100)  # e-, mean of a pixel
SEED = 101  # apart from the seeds of tests and trainings


def entries() -> list[Entry]:
    """List every scene at every light level; stacks and films are a set of their own."""
    return [
        Entry(_set(scene), f"{scene}_{photons}e", partial(simulated, scene, photons))
        for scene in SCENES
        for photons in PHOTONS
    ]


def simulated(scene: str, photons: float) -> Case:
    """Photograph a scene; the camera's maps are known."""
    sample = make_sample(scene, photons=photons, seed=SEED)
    return Case(
        _set(scene),
        f"{scene}_{photons}e",
        photons=sample.calibration.to_photons(sample.counts),
        truth=sample.truth,
        read_noise=np.asarray(sample.calibration.read_noise, dtype=np.float32),
        axes=sample.axes,
    )


def _set(scene: str) -> str:
    return "scenes" if SCENES[scene].axes == "YX" else "scenes_deep"
