"""Pixel sizes and channels in the TIFFs of MetaMorph (.stk) and of Zeiss' LSM (.lsm)."""

from __future__ import annotations

from typing import Any

import numpy as np

from napari_photon_denoise.io.ome import Described
from napari_photon_denoise.io.units import Written, read_sizes


def describe_lsm(said: dict[str, Any]) -> Described:
    """Read Zeiss' own directory, whose lengths are in m and times in s.

    Parameters
    ----------
    said : dict
        As tifffile reads it.
    """
    written = {letter: Written(said.get(f"VoxelSize{letter}"), "m") for letter in "ZYX"}
    written["T"] = Written(said.get("TimeIntervall"), "s")  # spelt so
    sizes = read_sizes(written)
    names = (said.get("ChannelColors") or {}).get("ColorNames") or ()
    return Described(
        pixel_size=sizes.known, notes=sizes.notes, channel_names=tuple(map(str, names))
    )


def describe_stk(said: dict[str, Any]) -> Described:
    """Read MetaMorph's tags; distances between planes have the unit of the calibration.

    Parameters
    ----------
    said : dict
        As tifffile reads it.
    """
    unit = str(said.get("CalibrationUnits", "")) if said.get("SpatialCalibration", 1) else "pixel"
    steps = np.unique(np.asarray(said.get("ZDistance", []), float))
    times = np.diff(np.asarray(said.get("TimeCreated", []), float)) / 1000  # from ms
    written = {
        "Z": Written(abs(float(steps[0])) if steps.size == 1 else None, unit),
        "Y": Written(said.get("YCalibration"), unit),
        "X": Written(said.get("XCalibration"), unit),
        "T": Written(float(times.mean()) if times.size and (times > 0).all() else None, "s"),
    }
    sizes = read_sizes(written)
    return Described(pixel_size=sizes.known, notes=sizes.notes)
