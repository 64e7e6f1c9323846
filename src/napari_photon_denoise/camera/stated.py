"""What a user states of a camera, declared once: form, flag and check are made from it."""

from __future__ import annotations

from typing import Self

from napari_photon_denoise.calibration import LONGEST, Calibration
from napari_photon_denoise.parameters import Declared, declared_numbers, parameter

SHARED = (
    "How far neighbouring pixels share noise along this axis: as if their own noise had been "
    "blurred by a Gaussian of this standard deviation.\n0 for raw frames; above 0 where the image "
    "was resampled, smoothed, averaged or scanned in lines. “Calibrate camera” estimates it from "
    "an image."
)
EM_GAIN = parameter(
    None,
    "Only for an EMCCD: EM gain as set in the acquisition software (real gain, not the DAC "
    "value); 1 if it was off.",
    unit="",
    ge=1,
    le=5000,
    digits=0,
)
BINNING = parameter(
    1,
    "Binning on the camera: a calibration does not fit images of another one.",
    unit="",
    ge=1,
    le=64,
)


class StatedCamera(Declared):
    """Numbers of the camera that took an image.

    Raises
    ------
    PhotonDenoiseError
        If one is out of range.
    """

    # Up to 1e6, since images scaled to 0..1 have a full well, or a million, of e- for one.
    gain: float = parameter(
        1.0,
        "Photoelectrons for one grey value, e- per ADU: the data sheet's conversion factor, or "
        "the inverse of its overall system gain K.\nEMVA 1288 sheets give K in ADU/e- (DN/e-): "
        "take 1/K. Most sCMOS cameras: 0.2 to 1 e-/ADU.",
        unit="e-/ADU",
        ge=0.0001,
        le=1e6,
        step=0.01,
        digits=4,
    )
    offset: float = parameter(
        0.0,
        "Mean grey value in the dark: take an image with the shutter closed and read its mean. "
        "Most sCMOS cameras: 100 ADU.",
        unit="ADU",
        # Sums of frames and what some programs add to them reach through 32 bits.
        ge=-1e10,
        le=1e10,
        digits=2,
    )
    read_noise: float = parameter(
        0.0,
        "Noise in the dark, in electrons rms: the data sheet's read noise (temporal dark noise). "
        "Most sCMOS cameras: 1 to 2 e-.",
        unit="e-",
        ge=0,
        le=1000,
        step=0.1,
        digits=3,
    )
    shared_noise_y: float = parameter(0.0, SHARED, unit="px", ge=0, le=LONGEST, step=0.1, digits=2)
    shared_noise_x: float = parameter(0.0, SHARED, unit="px", ge=0, le=LONGEST, step=0.1, digits=2)
    em_gain: float | None = EM_GAIN
    binning: int = BINNING

    @classmethod
    def subject(cls) -> str:
        """Whose numbers they are, in the sentence that refuses one."""
        return "camera"

    @classmethod
    def of(cls, calibration: Calibration) -> Self:
        """Return the numbers of a calibration without maps."""
        return cls(
            gain=calibration.gain,
            offset=calibration.offset,
            read_noise=calibration.read_noise,
            shared_noise_y=calibration.length_y,
            shared_noise_x=calibration.length_x,
            binning=calibration.binning,
        )

    def calibration(self) -> Calibration:
        """Return the numbers as a calibration."""
        return Calibration(
            gain=self.gain,
            offset=self.offset,
            read_noise=self.read_noise,
            length_y=self.shared_noise_y,
            length_x=self.shared_noise_x,
            binning=self.binning,
        )


STATED = declared_numbers(StatedCamera)
