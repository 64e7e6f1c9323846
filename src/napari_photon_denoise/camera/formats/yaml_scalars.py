"""Picasso and DECODE: single numbers in YAML.

Picasso's Sensitivity is e-/ADU and its Gain the EM gain; it has no read noise. DECODE's
e_per_adu is e-/ADU, and its read_sigma (e-) lies behind the EM register.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.formats.conversion import Imported, from_scalars
from napari_photon_denoise.errors import PhotonDenoiseError, UnreadableFile


def read_yaml(path: Path, camera: str | None = None) -> Imported:
    """Read the camera of a YAML file.

    Parameters
    ----------
    path : Path
    camera : str, optional
        Which one, where the file lists several.

    Raises
    ------
    UnreadableFile
        If there is none, several and no choice, or numbers are missing.
    """
    import yaml  # type: ignore[import-untyped]

    try:
        documents = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UnreadableFile(f"{path} can't be read: it is broken or no YAML.") from error
    for document in documents:
        if isinstance(document, Mapping) and isinstance(document.get("Camera"), Mapping):
            return _from_decode(path, document["Camera"])
    cameras = dict(_picasso_cameras(documents))
    if not cameras:
        raise UnreadableFile(
            f"{path} names no camera: Picasso writes Baseline and Sensitivity, DECODE a Camera "
            "with baseline and e_per_adu."
        )
    if camera is None and len(cameras) > 1:
        raise UnreadableFile(
            f"{path} lists several cameras; say which one: {', '.join(sorted(cameras))}."
        )
    name = camera if camera is not None else next(iter(cameras))
    if name not in cameras:
        raise UnreadableFile(f"{path} has no camera '{name}'; it has {', '.join(sorted(cameras))}.")
    return _from_picasso(path, name, cameras[name])


def write_picasso(calibration: Calibration, path: Path) -> None:
    """Write the camera as Picasso's configuration has it; maps become their medians."""
    import yaml

    camera = {
        "Baseline": float(np.median(calibration.offset)),
        "Sensitivity": float(np.median(calibration.gain)),
        "Gain": 1,
        "Quantum Efficiency": 1.0,
    }
    name = calibration.camera or "camera"
    path.write_text(yaml.safe_dump({"Cameras": {name: camera}}, sort_keys=False), "utf-8")


def _picasso_cameras(documents: list[Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Cameras of a configuration, or the one that a movie was evaluated with."""
    for document in documents:
        if not isinstance(document, Mapping):
            continue
        listed = document.get("Cameras")
        if isinstance(listed, Mapping):
            for name, entry in listed.items():
                if isinstance(entry, Mapping):
                    yield str(name), entry
        elif "Baseline" in document and "Sensitivity" in document:
            yield str(document.get("Camera", "")), document


def _from_picasso(path: Path, name: str, entry: Mapping[str, Any]) -> Imported:
    sensitivity = entry.get("Sensitivity")
    if isinstance(sensitivity, Mapping | list):
        raise UnreadableFile(
            f"{path}: the camera '{name}' has one sensitivity for each mode; enter the number of "
            "your mode by hand."
        )
    return from_scalars(
        path,
        "Picasso",
        gain=_number(path, "Sensitivity", sensitivity),
        offset=_number(path, "Baseline", entry.get("Baseline")),
        read_noise=None,
        em_gain=_number(path, "Gain", entry.get("Gain", 1)),
        camera=name,
    )


def _from_decode(path: Path, entry: Mapping[str, Any]) -> Imported:
    em_gain = entry.get("em_gain")
    return from_scalars(
        path,
        "DECODE",
        gain=_number(path, "e_per_adu", entry.get("e_per_adu")),
        offset=_number(path, "baseline", entry.get("baseline")),
        read_noise=_number(path, "read_sigma", entry.get("read_sigma", 0)),
        em_gain=1.0 if em_gain is None else _number(path, "em_gain", em_gain),
    )


def _number(path: Path, name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PhotonDenoiseError(f"{path}: {name} must be a number, not {value!r}.")
    return float(value)
