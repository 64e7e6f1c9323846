"""Picasso and DECODE: single numbers in YAML.

Picasso computes ``(counts - Baseline) * Sensitivity / Gain``: its Sensitivity is e-/ADU and its
Gain the EM gain, called DefaultGain in its configuration; it has no read noise. DECODE's e_per_adu
is e-/ADU, and its read_sigma (e-) lies behind the EM register.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.formats.conversion import Imported, from_scalars
from napari_photon_denoise.camera.formats.plain_yaml import read_plain
from napari_photon_denoise.errors import UnreadableFile

SHOWN = 60  # characters of a value or name in a sentence
LISTED = 12  # cameras in a sentence
MODES = 200  # of one camera
ABSENT = ("", "~", "null", "Null", "NULL")


def read_yaml(path: Path, camera: str | None = None) -> Imported:
    """Read the camera of a YAML file.

    Parameters
    ----------
    path : Path
    camera : str, optional
        Which one, where the file lists several; a camera with a sensitivity for each mode counts
        as several, named as the sentence that asks lists them.

    Raises
    ------
    UnreadableFile
        If there is none, several and no choice, or numbers are missing.
    """
    documents = read_plain(path)
    cameras = dict(_decode_cameras(documents)) or dict(_picasso_cameras(documents))
    if not cameras:
        raise UnreadableFile(
            f"{path} names no camera: Picasso writes Baseline and Sensitivity, DECODE a Camera "
            "with baseline and e_per_adu."
        )
    if camera is None and len(cameras) > 1:
        raise UnreadableFile(f"{path} lists several cameras; say which one: {_list(cameras)}.")
    name = camera if camera is not None else next(iter(cameras))
    if name not in cameras:
        raise UnreadableFile(f"{path} has no camera '{name}'; it has {_list(cameras)}.")
    entry = cameras[name]
    return (_from_decode if "e_per_adu" in entry else _from_picasso)(path, name, entry)


def write_picasso(calibration: Calibration, path: Path) -> None:
    """Write the camera as Picasso's configuration has it; maps become their medians."""
    import yaml  # type: ignore[import-untyped]

    camera = {
        "Baseline": float(np.median(calibration.offset)),
        "Sensitivity": float(np.median(calibration.gain)),
        "DefaultGain": 1,
        "Quantum Efficiency": 1.0,
    }
    name = calibration.camera or "camera"
    path.write_text(yaml.safe_dump({"Cameras": {name: camera}}, sort_keys=False), "utf-8")


def _list(cameras: Mapping[str, Any]) -> str:
    """Name the cameras in a sentence."""
    more = f" and {len(cameras) - LISTED} more" if len(cameras) > LISTED else ""
    return ", ".join(name[: 2 * SHOWN] for name in sorted(cameras)[:LISTED]) + more


def _decode_cameras(documents: list[Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Cameras of DECODE: one, or in its later versions one a channel."""
    for document in documents:
        camera = document.get("Camera") if isinstance(document, Mapping) else None
        if not isinstance(camera, Mapping):
            continue
        if "e_per_adu" in camera:
            yield "", camera
        for name, entry in camera.items():
            if isinstance(entry, Mapping) and "e_per_adu" in entry:
                yield str(name), entry


def _picasso_cameras(documents: list[Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Cameras of a configuration, or the one that a movie was evaluated with."""
    for document in documents:
        if not isinstance(document, Mapping):
            continue
        listed = document.get("Cameras")
        if isinstance(listed, Mapping):
            for name, entry in listed.items():
                if isinstance(entry, Mapping) and "Sensitivity" in entry:
                    yield from _modes(str(name), entry)
        elif "Baseline" in document and "Sensitivity" in document:
            name = document.get("Camera", "")
            yield (name if isinstance(name, str) else ""), document


def _modes(name: str, entry: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Make a camera of each mode that has a sensitivity of its own."""
    left = [(name, entry["Sensitivity"])]
    for _ in range(MODES):
        if not left:
            return
        said, sensitivity = left.pop(0)
        if isinstance(sensitivity, Mapping):
            left += [(f"{said}, {mode}", each) for mode, each in list(sensitivity.items())[:MODES]]
        else:
            yield said, {**entry, "Sensitivity": sensitivity}


def _from_picasso(path: Path, name: str, entry: Mapping[str, Any]) -> Imported:
    em_gain = entry.get("DefaultGain", entry.get("Gain", "1"))
    return from_scalars(
        path,
        "Picasso",
        gain=_number(path, "Sensitivity", entry["Sensitivity"]),
        offset=_number(path, "Baseline", entry.get("Baseline")),
        read_noise=None,
        em_gain=_number(path, "Gain", em_gain),
        camera=name,
    )


def _from_decode(path: Path, name: str, entry: Mapping[str, Any]) -> Imported:
    em_gain, read_sigma = entry.get("em_gain"), entry.get("read_sigma")
    return from_scalars(
        path,
        "DECODE",
        gain=_number(path, "e_per_adu", entry["e_per_adu"]),
        offset=_number(path, "baseline", entry.get("baseline")),
        read_noise=None if read_sigma is None else _number(path, "read_sigma", read_sigma),
        em_gain=1.0 if _is_absent(em_gain) else _number(path, "em_gain", em_gain),
        camera=name,
    )


def _is_absent(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value in ABSENT)


def _number(path: Path, name: str, value: Any) -> float:
    if _is_absent(value):
        raise UnreadableFile(f"{path}: {name} is missing: add it.")
    try:
        number = float(value) if isinstance(value, str) else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        said = f"'{value[:SHOWN]}'" if isinstance(value, str) else "a list"
        raise UnreadableFile(f"{path}: {name} must be a number, not {said}.")
    return number
