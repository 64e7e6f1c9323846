"""What a calibration found, in full: for the verdicts, the report, the widget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Calibration, Float32
from napari_photon_denoise.camera.transfer.em import EmGain
from napari_photon_denoise.camera.transfer.emva import EmvaFigures
from napari_photon_denoise.camera.transfer.fit import Line, Transfer
from napari_photon_denoise.camera.transfer.frames import frames_needed
from napari_photon_denoise.camera.transfer.legs import TwoLegs
from napari_photon_denoise.camera.transfer.pixels import PixelGain, Response
from napari_photon_denoise.camera.transfer.points import Points, Saturation
from napari_photon_denoise.camera.transfer.settings import CalibrationSettings
from napari_photon_denoise.camera.transfer.traces import Trace
from napari_photon_denoise.camera.transfer.verdict import Verdict


@dataclass(frozen=True, eq=False)
class LevelReport:
    """One flat level.

    Parameters
    ----------
    trace : Trace
    lights : (N,) float64
        Light of each frame over that of the first.
    signal : float, ADU
        Mean above the dark of the good pixels.
    photons : float, e-
    flicker : float
        Relative rms of the light.
    flicker_effect : float
        What the flicker would add to the gain, a share, if it were not corrected.
    raw_variance, variance : float, ADU²
        Mean temporal variance of the good pixels without and with frame normalisation.
    dark_variance : float, ADU²
        That of the dark.
    steadiness : float
        Variance by steps between frames over `raw_variance`; far below 1 where frames
        depend on each other.
    at_zero, at_ceiling : float
        Share of good pixels that touched 0 and the ceiling.
    used : bool
        True if the gain was fitted to it.
    """

    trace: Trace
    lights: NDArray[np.float64]
    signal: float
    photons: float
    flicker: float
    flicker_effect: float
    raw_variance: float
    variance: float
    dark_variance: float
    steadiness: float
    at_zero: float
    at_ceiling: float
    used: bool


@dataclass(frozen=True, eq=False)
class CameraReport:
    """A calibration with its evidence.

    Parameters
    ----------
    calibration : Calibration
        One gain with its SD, maps of offset and read noise.
    transfer : Transfer
        The fitted lines; slopes in ADU/e-.
    raw_line : Line
        Our line on variances without frame normalisation.
    points : Points
        The photon transfer curve, in parts by illumination.
    levels : tuple of LevelReport
        In the order given.
    level_points : Points
        The curve as EMVA 1288 has it, one point a level.
    dark : Trace
    saturation : Saturation
    emva : EmvaFigures
    em : EmGain or None
        For an EMCCD.
    legs : TwoLegs or None
        For a camera that joins two converters.
    pixels : PixelGain
        Map of the gain, and whether it is worth using.
    response : Response or None
        Map of the relative response.
    mask : (Y, X) uint8
        Bits of `Defect`.
    dark_variance : (Y, X) float32, ADU²
    verdicts : tuple of Verdict
    settings : CalibrationSettings
        What was asked for.
    files : mapping
        SHA-256 by file.
    """

    calibration: Calibration
    transfer: Transfer
    raw_line: Line
    points: Points
    levels: tuple[LevelReport, ...]
    level_points: Points
    dark: Trace
    saturation: Saturation
    emva: EmvaFigures
    em: EmGain | None
    legs: TwoLegs | None
    pixels: PixelGain
    response: Response | None
    mask: NDArray[np.uint8]
    dark_variance: Float32
    settings: CalibrationSettings
    files: Mapping[str, str]
    missing_files: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()

    @property
    def gain(self) -> float:
        """e-/ADU, one number for all pixels."""
        return 1 / self.transfer.line.slope

    @property
    def gain_precision(self) -> float:
        """Relative SD of the gain, the scatter about the line included."""
        return self.transfer.line.total_sd / self.transfer.line.slope

    @property
    def offset_sd(self) -> Float32:
        """Standard deviation of each pixel's offset: (Y, X) float32, ADU."""
        return np.asarray(np.sqrt(self.dark_variance / np.float32(self.dark.frames)))

    @property
    def read_noise_sd(self) -> Float32:
        """Standard deviation of each pixel's read noise: (Y, X) float32, e-."""
        share = np.float32(self.gain / np.sqrt(2 * (self.dark.frames - 1)))
        return np.asarray(np.sqrt(self.dark_variance) * share)

    @property
    def one_level(self) -> bool:
        """True if linearity could not be tested."""
        return sum(level.used for level in self.levels) == 1

    @property
    def status(self) -> str:
        """The worst verdict: "PASS", "WARN" or "FAIL"."""
        found = {verdict.status for verdict in self.verdicts}
        return next((status for status in ("FAIL", "WARN") if status in found), "PASS")

    @property
    def read_noise_median(self) -> float:
        """e- rms, the usual headline."""
        return float(np.median(self.calibration.read_noise))

    @property
    def read_noise_rms(self) -> float:
        """e- rms over the pixels; above the median where a few are noisy."""
        return float(np.sqrt(np.mean(np.square(self.calibration.read_noise, dtype=np.float64))))

    def histogram(self, quantity: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Histogram of a map: counts and the edges of 100 bins.

        Parameters
        ----------
        quantity : {"offset", "read_noise", "gain", "response"}
        """
        maps: dict[str, Any] = {
            "offset": self.calibration.offset,
            "read_noise": self.calibration.read_noise,
            "gain": self.pixels.raw,
            "response": self.response.relative if self.response else np.ones(1),
        }
        counts, edges = np.histogram(maps[quantity], 100)
        return counts, edges

    def frames_needed(self, precision: float, *, per_pixel: bool = True) -> int:
        """Frames of each level, and of the dark, for a precision of the gain at this light.

        Parameters
        ----------
        precision : float
            Relative SD; 0.02 is 2 %.
        per_pixel : bool
            Of each pixel's own gain; False for the pooled one.
        """
        photons = [level.photons for level in self.levels if level.used]
        pixels = 1 if per_pixel else int((self.mask == 0).sum())
        return frames_needed(precision, photons, self.read_noise_median, pixels)
