"""From other programs' units to this package's, said in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.transfer.em import excess_noise
from napari_photon_denoise.errors import UnreadableFile

MOST_BAD = 0.01  # of the pixels of a map that may be replaced


@dataclass(frozen=True)
class Imported:
    """A calibration from another program's file.

    Parameters
    ----------
    calibration : Calibration
    notes : tuple of str
        What was converted, replaced or left out, a sentence each.
    """

    calibration: Calibration
    notes: tuple[str, ...]


def from_variance(
    path: Path, offset: NDArray[Any], variance: NDArray[Any], gain: NDArray[Any], program: str
) -> Imported:
    """Convert maps of offset, variance and gain.

    Parameters
    ----------
    path : Path
    offset : (Y, X) real, ADU
    variance : (Y, X) real, ADU²
        Of the dark.
    gain : (Y, X) real, ADU/e-
    program : str
        Whose file it is, for the sentences.

    Raises
    ------
    UnreadableFile
        If these can't be such maps.
    """
    maps = _checked(path, program, {"offset": offset, "variance": variance, "gain": gain})
    offset, variance, gain = (each.astype(np.float64) for each in maps.values())
    bad = ~(np.isfinite(offset) & np.isfinite(variance) & np.isfinite(gain) & (gain > 0))
    if bad.mean() > MOST_BAD:
        raise UnreadableFile(
            f"{path}: {100 * bad.mean():.0f} % of the pixels have no gain above zero, so that "
            "these are no maps of offset, variance and gain in that order: check the file."
        )
    notes = []
    if bad.any():
        for each in (offset, variance, gain):
            each[bad] = np.median(each[~bad])
        notes.append(f"{int(bad.sum())} pixels without a usable value have the median.")
    if (variance < 0).any():
        notes.append(f"{int((variance < 0).sum())} negative variances were set to 0.")
    read_noise = np.sqrt(np.maximum(variance, 0)) / gain
    calibration = Calibration(
        gain=(1 / gain).astype(np.float32),
        offset=offset.astype(np.float32),
        read_noise=read_noise.astype(np.float32),
        source="measured",
        path=path,
    )
    return Imported(
        calibration,
        (
            f"From {program}: gain {np.median(gain):.3g} ADU/e- became {np.median(1 / gain):.3g} "
            f"e-/ADU, dark variance {np.median(variance):.3g} ADU² became read noise "
            f"{np.median(read_noise):.3g} e- (medians of {gain.shape[0]}×{gain.shape[1]} maps).",
            "Some programs store maps transposed: check the orientation against a dim movie.",
            *notes,
        ),
    )


def _checked(path: Path, program: str, maps: dict[str, Any]) -> dict[str, NDArray[Any]]:
    """Refuse what can't be maps of one camera."""
    for name, each in maps.items():
        if not isinstance(each, np.ndarray) or each.dtype.kind not in "iuf" or each.ndim != 2:
            raise UnreadableFile(
                f"{path}: the {name} is no (Y, X) map of numbers, so that this is no {program} "
                "calibration as we know it: export it again."
            )
    if len({each.shape for each in maps.values()}) > 1:
        raise UnreadableFile(f"{path}: offset, variance and gain differ in size; export it again.")
    return maps


def from_scalars(
    path: Path,
    program: str,
    *,
    gain: float,
    offset: float,
    read_noise: float | None,
    em_gain: float,
    camera: str = "",
) -> Imported:
    """Convert single numbers.

    Parameters
    ----------
    path : Path
    program : str
    gain : float
        e-/ADU, before the EM register.
    offset : float, ADU
    read_noise : float, e- rms, or None
        Referred to the output of the EM register, as DECODE has it.
    em_gain : float
        1 if there is none.
    camera : str
    """
    excess = excess_noise(em_gain)
    divisor = em_gain * excess
    notes = [f"From {program}: gain {gain:.4g} e-/ADU, offset {offset:.4g} ADU."]
    if em_gain > 1:
        notes.append(
            f"EM gain {em_gain:.4g} and the excess noise factor {excess:.3g} make it "
            f"{gain / divisor:.4g} e-/ADU in effective photons, whose variance equals their mean."
        )
    if read_noise is None:
        notes.append(f"{program} has no read noise: it is 0 e- until you enter the camera's.")
    calibration = Calibration(
        gain=gain / divisor,
        offset=offset,
        read_noise=(read_noise or 0.0) / divisor,
        source="typed in",
        camera=camera,
        path=path,
    )
    return Imported(calibration, tuple(notes))


def to_variance(calibration: Calibration) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Offset (ADU), dark variance (ADU²) and gain (ADU/e-), each ``(Y, X)`` float64.

    A single number fills its map; of single numbers alone, a map of one pixel.
    """
    shape = calibration.map_shape or (1, 1)
    gain, offset, read_noise = (
        np.broadcast_to(np.asarray(value, dtype=np.float64), shape)
        for value in (calibration.gain, calibration.offset, calibration.read_noise)
    )
    return np.array(offset), (read_noise / gain) ** 2, 1 / gain
