"""The camera's calibration: what turns counts into photons."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.errors import CalibrationMismatch, PhotonDenoiseError
from napari_photon_denoise.io.calibration import (
    damaged,
    read_calibration,
    write_calibration,
)

QUANTITIES = {"gain": "e-/ADU", "offset": "ADU", "read_noise": "e- rms"}
LENGTHS = ("length_y", "length_x")  # px, of the noise's correlation
OMITTED = (*LENGTHS, "relative", "mends_hot")  # from the facts where they are nothing
LARGEST = 1e15  # ADU, and all else: squares must stay within single precision
LONGEST = 5.0  # px; noise that is shared further was denoised

Float32 = NDArray[np.float32]
Source = Literal["measured", "preset", "estimated", "typed in"]
SOURCES: tuple[Source, ...] = ("measured", "preset", "estimated", "typed in")


class Measurement(Protocol):
    """What a measured calibration brings along; `camera.transfer.CameraReport` is one."""

    @property
    def status(self) -> str:
        """The worst of the verdicts: PASS, WARN or FAIL."""

    @property
    def verdicts(self) -> Sequence[Any]:
        """What each test of the frames came to."""


@dataclass(frozen=True, eq=False)
class Calibration:
    """What turns the counts of one camera, in one mode, into photons.

    ``photons = (counts - offset) * gain``. Each quantity is one number or one
    ``(Y, X)`` map. "Photons" are detected photons (photoelectrons, e-), before any
    division by the quantum efficiency. EMVA 1288, storm-analysis and GDSC SMLM state
    the inverse gain, ADU/e-: convert before you enter it.

    Parameters
    ----------
    gain : float or (Y, X) array
        e- per ADU, above zero. For an EMCCD, divide by the EM gain and by the excess
        noise factor (2), so that the variance equals the mean ("effective photons").
    offset : float or (Y, X) array
        Mean counts in the dark, ADU.
    read_noise : float or (Y, X) array
        Noise in the dark, e- rms.
    gain_sd, offset_sd, read_noise_sd : float, optional
        One standard deviation of each number (of its median, for a map), in its unit;
        None where nobody knows.
    source : {"measured", "preset", "estimated", "typed in"}
        Where the numbers come from.
    camera, serial, mode : str
        What was calibrated; ``mode`` is the read-out mode as the camera names it.
    binning : int
        Binning on the camera of the images that this calibration fits.
    roi : tuple of int, optional
        ``(y, x, height, width)`` of the maps on the sensor, in binned pixels.
    saturation : float, optional
        Counts (ADU) at which a pixel is full; None for the top of the integer range.
    length_y, length_x : float
        How far neighbours share noise, px: the standard deviation of the Gaussian that,
        blurring white noise, gives the noise's correlation; 0 for white noise, 5 at most.
        ``read_noise`` and ``gain`` then describe the noise as it is, each pixel by itself.
    relative : bool
        True of an estimate whose noise is right at every brightness while its offset, or its
        gain, could not be told: photons are then proportional numbers, not counts of photons.
    mends_hot : bool
        True if lone pixels far above all around them are replaced by the median of those before
        denoising, as an estimate asks for that met some: no map tells of them.
    path : Path, optional
        The file it was read from.
    report : Measurement, optional
        The evidence, right after a measurement; neither saved nor compared.

    Raises
    ------
    PhotonDenoiseError
        If a quantity is not finite or out of range, or the maps differ in shape.
    """

    gain: float | Float32
    offset: float | Float32
    read_noise: float | Float32 = 0.0
    gain_sd: float | None = None
    offset_sd: float | None = None
    read_noise_sd: float | None = None
    source: Source = "typed in"
    camera: str = ""
    serial: str = ""
    mode: str = ""
    binning: int = 1
    roi: tuple[int, int, int, int] | None = None
    saturation: float | None = None
    length_y: float = 0.0
    length_x: float = 0.0
    relative: bool = False
    mends_hot: bool = False
    path: Path | None = field(default=None, repr=False)
    report: Measurement | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Check and freeze the quantities."""
        shapes = set()
        for name, unit in QUANTITIES.items():
            value = _number_or_map(name, unit, getattr(self, name))
            object.__setattr__(self, name, value)
            if isinstance(value, np.ndarray):
                shapes.add(value.shape)
        if len(shapes) > 1:
            raise PhotonDenoiseError(
                f"The calibration's maps have different shapes, {_list(sorted(shapes))}: "
                "take all of them from one calibration."
            )
        if np.min(self.gain) <= 0:
            raise PhotonDenoiseError(
                "The gain must be above 0 e-/ADU everywhere; set it to the camera's value "
                "(most cameras: 0.2 to 8 e-/ADU)."
            )
        if np.min(self.read_noise) < 0:
            raise PhotonDenoiseError("The read noise must be 0 e- or more everywhere.")
        if self.source not in SOURCES:
            raise PhotonDenoiseError(
                f"'{self.source}' is no source of a calibration; say one of {_list(SOURCES)}."
            )
        if self.binning < 1:
            raise PhotonDenoiseError("The binning must be 1 or more.")
        for name in LENGTHS:
            object.__setattr__(self, name, _length(getattr(self, name)))

    def __eq__(self, other: object) -> bool:
        """Equal content, to the bit; where the file lies does not matter."""
        return isinstance(other, Calibration) and self.digest == other.digest

    def __hash__(self) -> int:
        """Hash of the content."""
        return hash(self.digest)

    @property
    def correlated(self) -> bool:
        """True if neighbouring pixels share noise."""
        return self.length_y > 0 or self.length_x > 0

    @property
    def map_shape(self) -> tuple[int, int] | None:
        """``(Y, X)`` of the maps, or None if all quantities are single numbers."""
        for name in QUANTITIES:
            value = getattr(self, name)
            if isinstance(value, np.ndarray):
                return value.shape[0], value.shape[1]
        return None

    @property
    def digest(self) -> str:
        """SHA-256 of everything but path and report, in hexadecimal."""
        sha = hashlib.sha256(json.dumps(self.facts(), sort_keys=True).encode())
        for name in QUANTITIES:
            value = getattr(self, name)
            if isinstance(value, np.ndarray):
                sha.update(value.tobytes())
        return sha.hexdigest()

    @property
    def is_photons(self) -> bool:
        """True if values are photons already: gain 1, offset 0 and no noise of a camera."""
        numbers = (self.gain, self.offset, self.read_noise)
        return self.map_shape is None and numbers == (1, 0, 0)

    def describe(self) -> str:
        """One line for people: the numbers (medians of maps), their units and source."""
        label = f"{self.camera}: " if self.camera else ""
        relative = ", photon numbers are relative" if self.relative else ""
        if self.is_photons:  # nobody measured these numbers
            return f"{label}photons already (gain 1, offset 0, no read noise{relative})"
        numbers = (
            f"{np.median(self.gain):.4g} e-/ADU, offset {np.median(self.offset):.4g} ADU, "
            f"read noise {np.median(self.read_noise):.3g} e-"
        )
        if self.relative and self.gain_sd is not None and self.gain_sd > np.median(self.gain):
            # One level of noise, whose gain is a convention.
            level = float(np.median(self.read_noise)) / float(np.median(self.gain))
            numbers = f"noise of {level:.3g} ADU at every brightness"
        shared = (
            f", noise as if blurred by {self.length_y:.2g} px in y and {self.length_x:.2g} px in x"
            if self.correlated
            else ""
        )
        maps = f", maps {self.map_shape[0]}×{self.map_shape[1]}" if self.map_shape else ""
        return f"{label}{numbers}{shared}{maps} ({self.source}{relative})"

    def check_image(
        self,
        shape_yx: tuple[int, int],
        *,
        binning: int | None = None,
        roi: tuple[int, int, int, int] | None = None,
        mode: str | None = None,
    ) -> None:
        """Refuse an image that this calibration does not fit.

        Parameters
        ----------
        shape_yx : tuple of int
            Height and width of the image, pixels.
        binning, roi, mode : optional
            What is known of the image; None is not compared.

        Raises
        ------
        CalibrationMismatch
            With a sentence that says what differs and what to do.
        """
        if binning is not None and binning != self.binning:
            raise CalibrationMismatch(
                f"The calibration was made at binning {self.binning}, the image at binning "
                f"{binning}: calibrate the camera at the binning of the image."
            )
        if mode and self.mode and mode != self.mode:
            raise CalibrationMismatch(
                f"The calibration is of camera mode '{self.mode}', the image of '{mode}': "
                "gain and offset differ between modes, so calibrate the mode of the image."
            )
        if roi is not None and self.roi is not None and self.map_shape and roi != self.roi:
            raise CalibrationMismatch(
                f"The calibration's maps cover the sensor region (y, x, height, width) = "
                f"{self.roi}, the image {roi}: cut the maps with Calibration.crop(y, x, "
                "height, width), or calibrate the same region."
            )
        if self.map_shape is not None and tuple(shape_yx) != self.map_shape:
            raise CalibrationMismatch(
                f"The calibration's maps are {self.map_shape[0]}×{self.map_shape[1]} pixels, "
                f"the image is {shape_yx[0]}×{shape_yx[1]}: use a calibration of the same "
                "binning and region, or cut the maps with Calibration.crop."
            )

    def crop(self, y: int, x: int, height: int, width: int) -> Calibration:
        """Cut the maps to a region of interest of the sensor; single numbers stay.

        Parameters
        ----------
        y, x, height, width : int
            The region within the maps, pixels.

        Raises
        ------
        CalibrationMismatch
            If the region does not lie within the maps.
        """
        if self.map_shape is None:
            return self
        inside = 0 <= y <= self.map_shape[0] - height and 0 <= x <= self.map_shape[1] - width
        if not (inside and height > 0 and width > 0):
            raise CalibrationMismatch(
                f"The region (y, x, height, width) = {(y, x, height, width)} does not lie within "
                f"the calibration's maps of {self.map_shape[0]}×{self.map_shape[1]} pixels."
            )
        region = (slice(y, y + height), slice(x, x + width))
        gain, offset, read_noise = self.at(*region)
        corner = (self.roi[0], self.roi[1]) if self.roi else (0, 0)
        roi = (corner[0] + y, corner[1] + x, height, width)
        return replace(self, gain=gain, offset=offset, read_noise=read_noise, roi=roi)

    def at(self, y: slice, x: slice) -> tuple[float | Float32, float | Float32, float | Float32]:
        """Gain, offset and read noise of a region; maps are cut, numbers stay numbers."""

        def cut(value: float | Float32) -> float | Float32:
            return value[y, x] if isinstance(value, np.ndarray) else value

        return cut(self.gain), cut(self.offset), cut(self.read_noise)

    def to_photons(
        self, counts: NDArray[Any], y: slice = slice(None), x: slice = slice(None)
    ) -> Float32:
        """Turn counts into photons; negative values stay, since clipping would bias the dark.

        Parameters
        ----------
        counts : (..., Y, X) any real dtype, ADU
        y, x : slice
            Where the counts lie on the maps.

        Returns
        -------
        (..., Y, X) float32, e-
        """
        gain, offset, _ = self.at(y, x)
        # float32 holds integers up to 2**24 exactly; larger counts lose digits only after
        # the offset is gone.
        wide = counts.dtype.kind in "iu" and counts.dtype.itemsize > 2
        wide = wide or counts.dtype == np.float64
        if wide:
            return np.asarray((counts.astype(np.float64) - offset) * gain, dtype=np.float32)
        photons = counts.astype(np.float32)
        photons -= np.asarray(offset, dtype=np.float32)
        photons *= np.asarray(gain, dtype=np.float32)
        return photons

    def to_counts(
        self, photons: Float32, y: slice = slice(None), x: slice = slice(None)
    ) -> NDArray[np.float64]:
        """Turn photons back into grey values, not rounded, as wide as they came.

        Parameters
        ----------
        photons : (..., Y, X) float32, e-
        y, x : slice
            Where the photons lie on the maps.

        Returns
        -------
        (..., Y, X) float64, ADU
        """
        gain, offset, _ = self.at(y, x)
        # A large offset would leave float32 no digits for the counts above it.
        return np.asarray(photons.astype(np.float64) / gain + offset)

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write a float32 TIFF: pages gain, offset, read noise, and a JSON description.

        See :func:`napari_photon_denoise.io.calibration.write_calibration`.
        """
        quantities = {name: getattr(self, name) for name in QUANTITIES}
        return write_calibration(path, quantities, QUANTITIES, self.facts(), overwrite=overwrite)

    @classmethod
    def load(cls, path: str | Path) -> Calibration:
        """Read what :meth:`save` wrote.

        See :func:`napari_photon_denoise.io.calibration.read_calibration`.
        """
        facts = read_calibration(path)
        try:
            return cls(**facts, path=Path(path))
        except TypeError as error:  # fields of other names or types
            raise damaged(Path(path)) from error

    def facts(self) -> dict[str, Any]:
        """Everything but maps, path and report, ready for JSON; a map is named "map".

        Lengths are named only where noise is correlated, relative photons and hot pixels that are
        mended only where they are, so that other digests are those of earlier versions.
        """
        facts: dict[str, Any] = {}
        for entry in fields(self):
            value = getattr(self, entry.name)
            if entry.name in ("path", "report") or (entry.name in OMITTED and not value):
                continue
            facts[entry.name] = "map" if isinstance(value, np.ndarray) else value
        facts["roi"] = list(self.roi) if self.roi else None
        return facts


def _number_or_map(name: str, unit: str, value: object) -> float | Float32:
    """One finite float, or a finite, read-only (Y, X) float32 map."""
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise PhotonDenoiseError(
            f"The calibration's {name} ({unit}) must be a number or a (Y, X) map, not {value!r}."
        ) from None
    if array.ndim not in (0, 2) or array.size == 0:
        raise PhotonDenoiseError(
            f"The calibration's {name} ({unit}) must be one number or one (Y, X) map, not an "
            f"array of shape {array.shape}."
        )
    if not np.isfinite(array).all():
        raise PhotonDenoiseError(
            f"The calibration's {name} ({unit}) holds NaN or infinite values: calibrate again, "
            "or replace them by the median."
        )
    if np.abs(array).max() > LARGEST:
        raise PhotonDenoiseError(
            f"The calibration's {name} ({unit}) reaches {np.abs(array).max():.2g}, further than "
            "any camera's: check its unit."
        )
    if array.ndim == 0:
        return float(array)
    frozen = np.array(array, dtype=np.float32, order="C")
    frozen.setflags(write=False)
    return frozen


def _length(value: object) -> float:
    """One length of the noise's correlation, px."""
    if isinstance(value, int | float | np.number) and 0 <= value <= LONGEST:
        return float(value)
    raise PhotonDenoiseError(
        f"The noise correlation length must be from 0 (white noise) to {LONGEST:g} px, not {value}."
    )


def _list(items: Sequence[object]) -> str:
    return ", ".join(str(item) for item in items)
