"""From other programs' units to this package's, said in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.plausible import doubt_numbers
from napari_photon_denoise.camera.transfer.em import excess_noise
from napari_photon_denoise.errors import UnreadableFile

GainUnit = Literal["ADU/e-", "e-/ADU"]
Roi = tuple[int, int, int, int]
MOST_BAD = 0.01  # of the pixels of a map that may be replaced
# Beyond these a value is damage, and would overflow on the way.
LARGEST = 1e9  # ADU
GAINS = (1e-6, 1e6)
COMPARE = "compare that with the camera's data sheet"


@dataclass(frozen=True)
class Imported:
    """A calibration from another program's file.

    Parameters
    ----------
    calibration : Calibration
    notes : tuple of str
        What was converted, replaced or left out, the numbers that came of it, and which of them
        are none that cameras have; a sentence each.
    """

    calibration: Calibration
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Maps:
    """The three maps as a program has them.

    Parameters
    ----------
    offset : (Y, X) real, ADU
    variance : (Y, X) real, ADU²
        Of the dark.
    gain : (Y, X) real
    unit : {"ADU/e-", "e-/ADU"}
        Of the gain.
    roi : tuple of int, optional
        ``(y, x, height, width)`` of the maps on the sensor.
    """

    offset: Any
    variance: Any
    gain: Any
    unit: GainUnit = "ADU/e-"
    roi: Roi | None = None


def from_maps(path: Path, program: str, maps: Maps, *remarks: str) -> Imported:
    """Convert maps of offset, variance and gain.

    Parameters
    ----------
    path : Path
    program : str
        Whose file it is, for the sentences.
    maps : Maps
    *remarks : str
        What else is to be said of the file.

    Raises
    ------
    UnreadableFile
        If these can't be such maps.
    """
    offset, variance, gain = _checked(path, program, maps)
    bad = ~(
        (np.abs(offset) < LARGEST)
        & (np.abs(variance) < LARGEST**2)
        & (gain > GAINS[0])
        & (gain < GAINS[1])
    )
    if bad.mean() > MOST_BAD:
        raise UnreadableFile(
            f"{path}: {100 * bad.mean():.0f} % of the pixels have no gain above zero, so that "
            "these are no maps of offset, variance and gain of a camera: check the file."
        )
    notes = list(remarks)
    if bad.any():
        for each in (offset, variance, gain):
            each[bad] = np.median(each[~bad])
        notes.append(f"{int(bad.sum())} pixels without a usable value have the median.")
    if (variance < 0).any():
        notes.append(f"{int((variance < 0).sum())} negative variances were set to 0.")
    electrons = gain if maps.unit == "e-/ADU" else 1 / gain
    calibration = Calibration(
        gain=electrons.astype(np.float32),
        offset=offset.astype(np.float32),
        read_noise=(np.sqrt(np.maximum(variance, 0)) * electrons).astype(np.float32),
        source="measured",
        roi=maps.roi,
        path=path,
    )
    return Imported(
        calibration,
        (
            _say_units(program, maps.unit, float(np.median(gain)), variance, calibration),
            *notes,
            *doubt_numbers(calibration.gain, calibration.offset, calibration.read_noise),
        ),
    )


def _say_units(
    program: str, unit: GainUnit, gain: float, variance: NDArray[Any], calibration: Calibration
) -> str:
    """Say which unit became which, and the numbers that came of it."""
    became = "" if unit == "e-/ADU" else f" became {np.median(calibration.gain):.3g} e-/ADU"
    height, width = variance.shape
    return (
        f"From {program}: gain {gain:.3g} {unit}{became or ' as it is'}, offset "
        f"{np.median(calibration.offset):.4g} ADU, dark variance {np.median(variance):.3g} ADU² "
        f"became read noise {np.median(calibration.read_noise):.3g} e- (medians of "
        f"{height}×{width} maps): {COMPARE}."
    )


def _checked(path: Path, program: str, maps: Maps) -> list[NDArray[np.float64]]:
    """Refuse what can't be maps of one camera; return offset, variance and gain."""
    named = {"offset": maps.offset, "variance": maps.variance, "gain": maps.gain}
    for name, each in named.items():
        is_map = isinstance(each, np.ndarray) and each.dtype.kind in "iuf" and each.ndim == 2
        if not is_map or each.size == 0:
            raise UnreadableFile(
                f"{path}: the {name} is no (Y, X) map of numbers, so that this is no {program} "
                "calibration as we know it: export it again."
            )
    if len({each.shape for each in named.values()}) > 1:
        raise UnreadableFile(f"{path}: offset, variance and gain differ in size; export it again.")
    with np.errstate(invalid="ignore"):  # NaN of damaged files; they count as bad pixels
        return [each.astype(np.float64) for each in named.values()]


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

    Raises
    ------
    PhotonDenoiseError
        If these can't be numbers of a camera.
    """
    excess = excess_noise(em_gain)
    divisor = em_gain * excess
    noise = "" if read_noise is None else f", read noise {read_noise:.3g} e-"
    before = " before the EM register" if em_gain > 1 else ""
    notes = [
        f"From {program}: gain {gain:.4g} e-/ADU{before}, offset {offset:.4g} ADU{noise}: "
        f"{COMPARE}."
    ]
    if em_gain > 1:
        notes.append(
            f"EM gain {em_gain:.4g} and the excess noise factor {excess:.3g} make it "
            f"{gain / divisor:.4g} e-/ADU in effective photons, whose variance equals their mean."
        )
    if read_noise is None:
        notes.append(
            f"{path.name} of {program} names no read noise: it is 0 e- until you enter the "
            "camera's."
        )
    calibration = Calibration(
        gain=gain / divisor,
        offset=offset,
        read_noise=(read_noise or 0.0) / divisor,
        source="typed in",
        camera=camera,
        path=path,
    )
    doubts = doubt_numbers(gain, offset, read_noise, em=em_gain > 1)
    return Imported(calibration, (*notes, *doubts))


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
