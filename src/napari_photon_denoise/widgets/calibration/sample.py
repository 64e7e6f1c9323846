"""The sample "Dark and flat frames": a dark and four flats of the virtual camera."""

from __future__ import annotations

from typing import Any

from napari_photon_denoise.virtual.calibration_sample import LEVELS, calibration_sample


def open_frames() -> list[tuple[Any, dict[str, Any], str]]:
    """Take the frames; their names say what they are."""
    sample = calibration_sample()
    names = ["dark", *(f"flat {level:g} e-" for level in LEVELS)]
    labels = ("frame", "y", "x")
    return [
        (frames, {"name": name, "axis_labels": labels}, "image")
        for name, frames in zip(names, (sample.dark, *sample.flats), strict=True)
    ]
