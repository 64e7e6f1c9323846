"""The camera of images, on the command line: found, fitted or estimated, and what is noted."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.cli.console import note, run_with_bar
from napari_photon_denoise.inputs import opened
from napari_photon_denoise.named_camera import (
    ONE_LEVEL,
    NamedCamera,
    estimate_shared_job,
    name_camera,
)

NAME_AXES = "see --axes"  # what is advised where a file does not name them


def find_camera(camera: str, em_gain: float | None) -> Calibration:
    """Return the calibration that a file or preset holds, and note what was converted.

    Raises
    ------
    PhotonDenoiseError
        If there is none.
    """
    named = name_camera(camera, em_gain)
    for sentence in named.notes:
        note(sentence)
    return named.known()


def describe_camera(camera: Calibration | None, chosen: argparse.Namespace) -> NamedCamera:
    """Add to a camera what the options say of the images that it took."""
    lengths, corner = chosen.noise_correlation, chosen.roi_origin
    return NamedCamera(
        camera,
        lengths=None if lengths is None else (lengths[0], lengths[1]),
        corner=None if corner is None else (corner[0], corner[1]),
        binning=chosen.binning,
        mode=chosen.mode,
        all_the_same=chosen.camera == ONE_LEVEL,
        mends_hot=chosen.mend_hot_pixels,
    )


def camera_for(path: Path, camera: Calibration | None, chosen: argparse.Namespace) -> Calibration:
    """Return the camera of the options fitted to an image, or an estimate, and say so."""
    with opened(path, chosen.axes) as image:
        image.check_raw(allow_results=chosen.allow_results)
        job = describe_camera(camera, chosen).find_job(image.data, image.axes)
        known = run_with_bar(job, path.name)
    for sentence in known.said(in_full=chosen.verbose):
        note(f"{path.name}: {sentence}")
    return known.calibration


def estimate_camera(paths: Sequence[Path], chosen: argparse.Namespace) -> Calibration:
    """Estimate the camera from some noisy images: the one whose gain is in the middle.

    Parameters
    ----------
    paths : sequence of Path
    chosen : argparse.Namespace
        Axes where the files do not say, and how much is said.

    Raises
    ------
    NoEstimate
        If none of the images that were looked at tells of it.
    """
    known = run_with_bar(estimate_shared_job(paths, chosen.axes), "camera")
    for sentence in known.said(in_full=chosen.verbose):
        note(sentence)
    return known.calibration
