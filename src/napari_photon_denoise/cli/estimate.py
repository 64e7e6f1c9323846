"""One camera for many images that were taken with it, where none is given."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.estimate import NoEstimate, NoiseEstimate, estimate_job
from napari_photon_denoise.cli.console import note, run_with_bar
from napari_photon_denoise.io import read

MOST = 5  # images that are looked at


def estimate_camera(paths: Sequence[Path], axes: str | None) -> Calibration:
    """Estimate the camera from some noisy images: the one whose gain is in the middle.

    Parameters
    ----------
    paths : sequence of Path
    axes : str or None
        Where the files do not say.

    Raises
    ------
    NoEstimate
        If none of the images that were looked at tells of it.
    """
    found: list[NoiseEstimate] = []
    refused: NoEstimate | None = None
    for path in paths[:: -(-len(paths) // MOST)]:
        with read(path, axes=axes) as image:
            try:
                found.append(run_with_bar(estimate_job(image.data, image.axes), image.path.name))
            except NoEstimate as error:
                refused = error
    if refused is not None and not found:
        raise refused
    middle = sorted(found, key=lambda estimate: estimate.gain)[len(found) // 2]
    note(f"No camera was given; estimated from {len(found)} noisy image(s): {middle.describe()}.")
    for sentence in middle.sentences:
        note(sentence)
    return middle.calibration()
