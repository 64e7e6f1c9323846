"""Noisy images that a network is to learn from: opened, and refused where they can't be used."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.cli.cameras import NAME_AXES, describe_camera
from napari_photon_denoise.cli.console import note
from napari_photon_denoise.denoisers.learning import Learning
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.inputs import opened
from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.tiles import frames


def open_noisy(
    paths: Sequence[Path], camera: Calibration, chosen: argparse.Namespace, files: ExitStack
) -> list[Photons]:
    """Open images; no pixel is read yet.

    Parameters
    ----------
    paths : sequence of Path
    camera : Calibration
        Of all of them.
    chosen : argparse.Namespace
        Axes, and what is known of the images' camera.
    files : ExitStack
        Closes the files, which are read while a network learns.

    Raises
    ------
    PhotonDenoiseError
        If one can't be read, does not fit the camera, or has other axes than the first.
    """
    images: list[Photons] = []
    named = describe_camera(camera, chosen)
    for path in paths:
        image = files.enter_context(opened(path, chosen.axes, images[0].axes if images else None))
        image.check_raw(allow_results=chosen.allow_results)
        for sentence in image.notes(NAME_AXES):
            note(f"{path.name}: {sentence}")
        if images and image.axes != images[0].axes:
            raise PhotonDenoiseError(
                f"{paths[0].name} has the axes {images[0].axes} and {path.name} {image.axes}: "
                "learn from images of one kind, or name the axes with --axes."
            )
        images.append(image.photons(named.fit((image.data.shape[-2], image.data.shape[-1]))))
    return images


def resolve_for(method: Learning, images: Sequence[Photons], paths: Sequence[Path]) -> Learning:
    """Decide what the method leaves to the images.

    Raises
    ------
    PhotonDenoiseError
        If they would have it decide differently.
    """
    first, *others = [method.resolved(image) for image in images]
    for path, other in zip(paths[1:], others, strict=True):
        if other != first:
            raise PhotonDenoiseError(
                f"{paths[0].name} and {path.name} ask for different networks, since one is a "
                "stack and the other is not: say how planes are looked at (--dimensions or "
                "--model, --neighbours), or learn from stacks and planes separately."
            )
    return first


def check_finite_job(images: Sequence[Photons], paths: Sequence[Path]) -> Job[None]:
    """Read images that may hold NaN once, so that it is not found after hours.

    Raises
    ------
    PhotonDenoiseError
        If one does; the sentence names its file.
    """
    for number, (image, path) in enumerate(zip(images, paths, strict=True)):
        yield Progress("Looking for NaN", number, len(images))
        if image.data.dtype.kind != "f":
            continue
        for frame in frames(image.sizes):
            places = [frame.get(axis) for axis in image.axes]
            index = [slice(None) if at is None else slice(at, at + 1) for at in places]
            try:
                image.counts(index)
            except PhotonDenoiseError as error:
                raise PhotonDenoiseError(f"{path.name}: {error}") from None


def say_sources(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """Names and sizes of files, for the model."""
    return [
        {"file": path.name, "bytes": path.stat().st_size if path.is_file() else 0} for path in paths
    ]
