"""MATLAB files of smite, NCS and SMAP: maps of offset (ADU), variance (ADU²) and gain.

smite (`smi_core.LoadData`) and NCS divide by their Gain: it is ADU/e-. SMAP's `gainmap` is e-/ADU
(`makegainoffsetCMOS.m` of most versions multiplies with it; a late one inverts it first).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.camera.formats.conversion import Imported, Maps, Roi, from_maps
from napari_photon_denoise.camera.formats.mat5 import read_mat5
from napari_photon_denoise.camera.formats.mat73 import is_mat73, read_mat73
from napari_photon_denoise.errors import UnreadableFile

# Names in small letters: smite and NCS have the first of each, SMAP the last ones.
NAMES = {
    "offset": ("ccdoffset", "offset", "offsetmap", "pixel_baseline"),
    "variance": ("ccdvar", "variance", "var", "varmap", "read_noise_variance"),
    "gain": ("gain", "ccdgain", "gainmap"),
}
# SMAP's maps for any exposure: what is added for each second.
THERMAL = {"offset": "thermal_counts_per_s", "variance": "thermal_noise_variance_per_s"}
IN_ELECTRONS = "gainmap"
TRANSPOSED = "Some programs store maps transposed: check the orientation against a dim movie."
SCMOS_NOISE = (0.5, 2.5)  # e-, medians of sCMOS cameras


def read_matlab(path: Path) -> Imported:
    """Read maps from a ``.mat`` file of version 5 to 7, or 7.3 where h5py is installed.

    Raises
    ------
    UnreadableFile
        If the file is broken, of version 7.3 without h5py, or holds other things.
    """
    wanted = {name for names in NAMES.values() for name in names} | set(THERMAL.values())
    content = read_mat73(path, wanted) if is_mat73(path) else read_mat5(path)
    for place, members in _scopes(content):
        found = {
            quantity: next((name for name in names if name in members), None)
            for quantity, names in NAMES.items()
        }
        if all(found.values()):
            return _convert(path, place, members, {key: str(name) for key, name in found.items()})
    names = ", ".join(sorted(content)[:20]) or "nothing"
    raise UnreadableFile(
        f"{path} holds {names}, but no maps named offset, variance and gain (CCDOffset, CCDVar "
        "and Gain in smite): save them under these names."
    )


def _scopes(content: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Go through the places where maps can lie, with names in small letters."""
    yield "", {name.lower(): value for name, value in content.items()}
    for place, value in content.items():
        if isinstance(value, Mapping):
            yield place, {name.lower(): each for name, each in value.items()}


def _convert(
    path: Path, place: str, members: Mapping[str, Any], found: Mapping[str, str]
) -> Imported:
    offset, variance, gain = (members[found[name]] for name in ("offset", "variance", "gain"))
    if isinstance(offset, np.ndarray) and isinstance(gain, np.ndarray) and gain.size == 1:
        gain = np.broadcast_to(gain, offset.shape)
    in_electrons = found["gain"] == IN_ELECTRONS
    program = "SMAP" if in_electrons else "smite" if place.lower() == "params" else "NCS or smite"
    maps = Maps(
        offset,
        variance,
        gain,
        "e-/ADU" if in_electrons else "ADU/e-",
        _roi(members.get("cameraobj"), offset),
    )
    remarks = [*_thermal(members), TRANSPOSED]
    imported = from_maps(path, program, maps, *remarks)
    if not in_electrons:
        return imported
    return Imported(imported.calibration, (*imported.notes, *_inverse(imported)))


def _thermal(members: Mapping[str, Any]) -> Iterator[str]:
    """Say what of the maps grows with the exposure."""
    offset, variance = (members.get(name) for name in THERMAL.values())
    if isinstance(offset, np.ndarray) and isinstance(variance, np.ndarray) and offset.size:
        yield (
            "The maps are those of very short exposures; each second adds an offset of "
            f"{np.median(offset):.3g} ADU and a variance of {np.median(variance):.3g} ADU²."
        )


def _inverse(imported: Imported) -> Iterator[str]:
    """Say so where SMAP's other reading of its gain would make an sCMOS camera of it."""
    gain = np.median(imported.calibration.gain)
    read_noise = np.median(imported.calibration.read_noise)
    other = read_noise / gain**2
    if gain > 1.2 and read_noise > SCMOS_NOISE[1] and SCMOS_NOISE[0] <= other <= SCMOS_NOISE[1]:
        yield (
            f"Caution: gainmap was taken as e-/ADU, which makes {read_noise:.2g} e- of read noise; "
            f"some versions of SMAP take it as ADU/e-, which would make {1 / gain:.2g} e-/ADU and "
            f"{other:.2g} e-, as sCMOS cameras have: if that is right, save 1./gainmap in it."
        )


def _roi(camera: Any, offset: Any) -> Roi | None:
    """Where smite's maps lie on the sensor, if that is clear.

    Its ROI counts from 1 and goes ``[first, last]`` in one axis and then in the other; which comes
    first, and whether the corners are given instead, differs between its versions.
    """
    roi = camera.get("ROI") if isinstance(camera, Mapping) else None
    if not isinstance(roi, np.ndarray) or roi.size != 4 or not isinstance(offset, np.ndarray):
        return None
    first, last = _corners(roi.ravel())
    is_square = first[0] == first[1] and last[0] == last[1]
    if not is_square or (last[0] - first[0] + 1,) * 2 != offset.shape or first[0] < 1:
        return None
    return int(first[0]) - 1, int(first[1]) - 1, offset.shape[0], offset.shape[1]


def _corners(roi: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """First and last pixel in both axes."""
    if roi[1] > roi[0] and roi[3] > roi[2]:
        return roi[0::2], roi[1::2]
    return roi[:2], roi[2:]
