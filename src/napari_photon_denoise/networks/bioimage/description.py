"""The description of a package, `rdf.yaml`, in the words of the format of the BioImage Model Zoo.

Written as format 0.5.3, whose covers and documentation are plain names: what reads a later 0.5
reads that as well, and so do older programs.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import torch

from napari_photon_denoise.networks.bioimage.conditions import Conditions
from napari_photon_denoise.networks.bioimage.layout import Layout
from napari_photon_denoise.networks.bioimage.sheet import Author, Sheet
from napari_photon_denoise.networks.weights import Model

FORMAT_VERSION = "0.5.3"
OWN_KEY, OWN_FORMAT = "napari_photon_denoise", "package 1"
SCRIPT, TEST_INPUT, TEST_OUTPUT = "weights.pt", "test_input.npy", "test_output.npy"
SAMPLE_INPUT, SAMPLE_OUTPUT = "sample_input.tif", "sample_output.tif"
COVER, DOCUMENT = "cover.png", "documentation.md"
INPUT, OUTPUT = "photons", "denoised"


def describe_package(
    model: Model,
    layout: Layout,
    conditions: Conditions,
    sheet: Sheet,
    digests: Mapping[str, str],
) -> dict[str, Any]:
    """Return the description of a package.

    Parameters
    ----------
    model : Model
    layout : Layout
    conditions : Conditions
    sheet : Sheet
    digests : mapping of str to str
        SHA-256 of each file of the package by its name; the model's own is the .safetensors.

    Returns
    -------
    dict
        For YAML.
    """
    own = next(name for name in digests if name.endswith(".safetensors"))
    size = _pixel_size(model.facts)
    # Without the build's own suffix, such as +cpu.
    version = torch.__version__.partition("+")[0]
    said: dict[str, Any] = {
        "type": "model",
        "format_version": FORMAT_VERSION,
        "name": sheet.name,
        "description": sheet.description,
        "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
        "authors": [_author(author) for author in sheet.authors],
        "cite": [{"text": entry.text, "doi": entry.doi} for entry in sheet.cite],
        "tags": _tags(model, layout),
        "documentation": DOCUMENT,
        "covers": [COVER],
        "attachments": [_file(own, digests)],
        "inputs": [_input(digests) | {"axes": _input_axes(layout, size)}],
        "outputs": [_output(digests) | {"axes": _output_axes(layout, size)}],
        "weights": {"torchscript": _file(SCRIPT, digests) | {"pytorch_version": version}},
        "config": {OWN_KEY: _own_words(conditions) | {"model": own, "sha256": digests[own]}},
    }
    if sheet.licence:
        said["license"] = sheet.licence
    return said


def _file(name: str, digests: Mapping[str, str]) -> dict[str, str]:
    return {"source": name, "sha256": digests[name]}


def _input(digests: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": INPUT,
        "description": "Detected photons (e-): (counts - offset) * gain, never rescaled.",
        "test_tensor": _file(TEST_INPUT, digests),
        "sample_tensor": _file(SAMPLE_INPUT, digests),
        "data": {"type": "float32", "unit": "arbitrary unit"},
        "preprocessing": [{"id": "ensure_dtype", "kwargs": {"dtype": "float32"}}],
    }


def _output(digests: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": OUTPUT,
        "description": "Photons (e-), as the input.",
        "test_tensor": _file(TEST_OUTPUT, digests),
        "sample_tensor": _file(SAMPLE_OUTPUT, digests),
        "data": {"type": "float32", "unit": "arbitrary unit"},
    }


def _author(author: Author) -> dict[str, str]:
    said = {"name": author.name, "affiliation": author.affiliation, "orcid": author.orcid}
    return {key: text for key, text in said.items() if text}


def _tags(model: Model, layout: Layout) -> list[str]:
    kind = "blind-spot" if model.architecture.form == "blind" else "supervised"
    unet = [] if model.architecture.body in ("rcan", "dncnn") else ["unet"]
    return [
        *("denoising", "image-restoration", "fluorescence-light-microscopy", "pytorch"),
        *(f"{layout.dimensions}d", model.architecture.body, kind, "photons"),
        *unet,
    ]


def _own_words(conditions: Conditions) -> dict[str, Any]:
    """Say what is fixed in the package, for who wants to know."""
    said: dict[str, Any] = {
        "format": OWN_FORMAT,
        "read_noise_e": conditions.read_noise,
        "noise_correlation_px": list(conditions.lengths),
    }
    if conditions.gain is not None and conditions.offset is not None:
        said |= {"gain_e_per_adu": conditions.gain, "offset_adu": conditions.offset}
    return said


def _pixel_size(facts: Mapping[str, Any]) -> dict[str, float]:
    """µm by axis, of the images that it was trained on; empty where any size goes."""
    sizes = facts.get("pixel_size")
    if not isinstance(sizes, dict):
        return {}
    return {
        str(axis).lower(): float(size)
        for axis, size in sizes.items()
        if isinstance(size, int | float) and size > 0
    }


def _space(axis: str, pixel_size: Mapping[str, float]) -> dict[str, Any]:
    known = {"unit": "micrometer", "scale": pixel_size[axis]} if axis in pixel_size else {}
    return {"type": "space", "id": axis, **known}


def _input_axes(layout: Layout, pixel_size: Mapping[str, float]) -> list[dict[str, Any]]:
    axes: list[dict[str, Any]] = [
        # One stack at a time: two need twice the memory and gain nothing.
        {"type": "batch"} | ({"size": 1} if layout.dimensions == 3 else {}),
        {"type": "channel", "channel_names": list(layout.channels)},
    ]
    for axis, least in zip("zyx"[-layout.dimensions :], layout.smallest, strict=True):
        size = {"min": least, "step": 1 if axis == "z" else layout.step}
        axes.append(_space(axis, pixel_size) | {"size": size})
    return axes


def _output_axes(layout: Layout, pixel_size: Mapping[str, float]) -> list[dict[str, Any]]:
    axes: list[dict[str, Any]] = [
        {"type": "batch"} | ({"size": 1} if layout.dimensions == 3 else {}),
        {"type": "channel", "channel_names": list(layout.results)},
    ]
    for axis in "zyx"[-layout.dimensions :]:
        halo = layout.halo_z if axis == "z" else layout.halo
        cut = {"halo": halo} if halo else {}
        size = {"tensor_id": INPUT, "axis_id": axis}
        axes.append(_space(axis, pixel_size) | {"size": size} | cut)
    return axes
