"""The virtual camera: expected photons in, counts of a real-looking camera out.

Structure is drawn by `virtual.scenes`; here photons arrive (Poisson), the pixel adds its
read noise, gain and offset turn electrons into counts, and the converter rounds and
saturates. It is the truth for the tests, the demo, the sample data and training.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Calibration, Float32
from napari_photon_denoise.errors import PhotonDenoiseError

# Read noise (e- rms) of the pixels of a scientific CMOS camera, by cumulative share, as
# measured on an ORCA-Flash4.0: a narrow body with a long tail.
READ_NOISE_SHARES = (0, 0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1)
READ_NOISE_VALUES = (0.45, 0.5, 0.82, 0.86, 0.92, 0.99, 1.18, 1.82, 2.75, 5.4, 9.6, 16)
GAIN_SPREAD = 0.008  # relative standard deviation between pixels of the same camera
OFFSET_SPREAD = 1.0  # ADU


@dataclass(frozen=True)
class VirtualCamera:
    """A camera of known truth.

    Parameters
    ----------
    calibration : Calibration
        The true gain, offset and read noise.
    bits : int
        Resolution of the converter; counts saturate at ``2**bits - 1``.
    """

    calibration: Calibration
    bits: int = 16

    def __post_init__(self) -> None:
        """Refuse converters that no unsigned 16-bit image holds."""
        if not 1 <= self.bits <= 16:
            raise PhotonDenoiseError(f"A camera of {self.bits} bits is not simulated: use 1 to 16.")

    def expose(self, expected: NDArray[Any], rng: np.random.Generator) -> NDArray[np.uint16]:
        """Take an image.

        Parameters
        ----------
        expected : (..., Y, X) float, e-
            Expected detected photons of each pixel, zero or above.
        rng : numpy.random.Generator

        Returns
        -------
        (..., Y, X) uint16, ADU
        """
        self.calibration.check_image(tuple(expected.shape[-2:]))
        gain, offset, read_noise = self.calibration.at(slice(None), slice(None))
        electrons = rng.poisson(expected).astype(np.float32)
        electrons += rng.standard_normal(expected.shape, dtype=np.float32) * read_noise
        counts = np.rint(electrons / gain + offset)
        digital: NDArray[np.uint16] = np.clip(counts, 0, 2**self.bits - 1).astype(np.uint16)
        return digital

    def dark(
        self, frames: int, shape: tuple[int, int], rng: np.random.Generator
    ) -> NDArray[np.uint16]:
        """Take dark frames: ``(frames, Y, X)`` uint16, ADU."""
        return self.expose(np.zeros((frames, *shape), dtype=np.float32), rng)

    def flat(
        self, photons: float, frames: int, shape: tuple[int, int], rng: np.random.Generator
    ) -> NDArray[np.uint16]:
        """Take evenly lit frames of one level: ``(frames, Y, X)`` uint16, ADU."""
        return self.expose(np.full((frames, *shape), photons, dtype=np.float32), rng)

    def exposure_series(
        self,
        density: Float32,
        photons: Sequence[float],
        rng: np.random.Generator,
    ) -> list[NDArray[np.uint16]]:
        """Take the same scene at several exposures.

        Parameters
        ----------
        density : (..., Y, X) float32
            The blurred structure, of mean 1.
        photons : sequence of float, e-
            Mean photons a pixel of each exposure.
        rng : numpy.random.Generator

        Returns
        -------
        list of (..., Y, X) uint16, ADU
        """
        return [self.expose(density * np.float32(level), rng) for level in photons]


def scmos(shape: tuple[int, int], seed: int = 0) -> VirtualCamera:
    """Make a scientific CMOS camera with maps: long-tailed read noise, spread gain and offset.

    Parameters
    ----------
    shape : ``(Y, X)`` of the sensor, pixels
    seed : int
        Another seed, another specimen.
    """
    rng = np.random.default_rng(seed)
    shares = rng.random(shape)
    read_noise = np.exp(np.interp(shares, READ_NOISE_SHARES, np.log(READ_NOISE_VALUES)))
    gain = 0.46 * (1 + GAIN_SPREAD * rng.standard_normal(shape))
    # Part of the pattern is common to a column: each has its own amplifier.
    offset = 100 + OFFSET_SPREAD * rng.standard_normal(shape)
    offset += 0.5 * OFFSET_SPREAD * rng.standard_normal(shape[1])
    truth = Calibration(
        gain=gain.astype(np.float32),
        offset=offset.astype(np.float32),
        read_noise=read_noise.astype(np.float32),
        source="measured",
        camera="virtual sCMOS camera",
        serial=f"seed {seed}",
        mode="16-bit",
    )
    return VirtualCamera(truth)
