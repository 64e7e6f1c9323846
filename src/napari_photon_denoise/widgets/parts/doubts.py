"""What speaks against denoising a layer with a camera, before it is done; without Qt."""

from __future__ import annotations

import re

import numpy as np
from napari.layers import Image

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.agreement import contradiction
from napari_photon_denoise.camera.said import doubt_photons
from napari_photon_denoise.denoisers import METHODS
from napari_photon_denoise.widgets.parts.estimates import Looked
from napari_photon_denoise.widgets.parts.origins import source_of_result

ALL_THE_SAME = "Denoise a result all the same"
# Of a result: what is between the brackets of its name, whatever else is said there.
BRACKETS = re.compile(r"\[([^\[\],]+)[^\[\]]*\]")
NAMES = {key: method.title.split(" (")[0] for key, method in METHODS.items()}
LABELS = {method().label: NAMES[key] for key, method in METHODS.items()}  # such as "NLM"


def denoised_by(layer: Image) -> str:
    """Return by what a layer was denoised, as far as it says so; empty if it was not.

    Its recipe tells, here and in a file; or its name, where a program in between lost that.
    """
    recipe = layer.metadata.get("recipe")
    if isinstance(recipe, dict):
        denoiser = recipe.get("denoiser")
        key = denoiser.get("method") if isinstance(denoiser, dict) else None
        return NAMES.get(str(key), "by a method that is not known here")
    named = (found.strip() for found in BRACKETS.findall(layer.name))
    known = LABELS | {name: name for name in NAMES.values()}
    return next((known[name] for name in named if name in known), "")


def refuse_result(layer: Image) -> str:
    """Say that a layer is denoised already, and what to do."""
    source = source_of_result(layer)
    instead = f"'{source.name}', from which it was made" if source else "the noisy image"
    return (
        f"'{layer.name}' is denoised already ({denoised_by(layer)}): choose {instead}, or tick "
        f"“{ALL_THE_SAME}”."
    )


def doubt_camera(layer: Image, camera: Calibration, looked: Looked | None) -> str:
    """Say that a camera does not fit what an image shows; empty if it does, or nobody knows.

    Parameters
    ----------
    layer : Image
    camera : Calibration
        That the user named.
    looked : Looked or None
        What the image itself tells of its noise.
    """
    ratio = None
    if looked is not None and looked.estimate is not None:
        ratio = contradiction(camera, looked.estimate, looked.counts)
    if ratio is None:
        return " ".join(doubt_photons(camera, np.dtype(layer.dtype)))
    if ratio == 1:
        return ""
    offset = float(np.median(camera.offset))
    if looked is not None and looked.counts <= offset:
        return (
            f"This camera does not fit the image: its offset, {offset:.4g} ADU, lies above most "
            "grey values. Another camera or mode, or an image that was processed?"
        )
    times, than = (ratio, "more") if ratio > 1 else (1 / ratio, "less")
    rounded = float(f"{times:.2g}")  # 740, not 7.4e+02
    return (
        f"This camera does not fit the image: it would make {rounded:g} times {than} noise "
        "(variance) than is there. Another mode or binning, or an image that was processed?"
    )
