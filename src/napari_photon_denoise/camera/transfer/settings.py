"""What a user says of a calibration beside the frames, declared once."""

from __future__ import annotations

from pydantic import ConfigDict

from napari_photon_denoise.camera.stated import BINNING, EM_GAIN, STATED
from napari_photon_denoise.parameters import Declared, parameter, record, switch


class CalibrationSettings(Declared):
    """What is known of the camera and its frames, and what is asked for; all may be left out.

    Raises
    ------
    PhotonDenoiseError
        If something can't be, such as an EM gain below 1.
    """

    model_config = ConfigDict(coerce_numbers_to_str=True)  # of serial numbers

    camera: str = record("Model of the camera.")
    serial: str = record("Serial number: an earlier calibration is compared by it.")
    mode: str = record("Read-out mode, as the camera's software names it.")
    binning: int = BINNING
    roi: tuple[int, int, int, int] | None = record("Region of the sensor, binned px.", None)
    em_gain: float | None = EM_GAIN
    em_stages: int | None = parameter(
        None, "Stages of the EM register (iXon: 536).", unit="", ge=1, le=2000
    )
    exposures: tuple[float, ...] | None = record(
        "Exposure or light of each flat, any unit, for the linearity error.", None
    )
    saturation: float | None = parameter(
        None,
        "Counts at which a pixel is full; found from the frames, if not said.",
        unit="ADU",
        ge=1,
        le=1e10,
    )
    expected_gain: float | None = parameter(
        None,
        "Gain that the maker states; far from it, frames may have been averaged.",
        unit=STATED["gain"].unit,
        ge=STATED["gain"].ge,
        le=STATED["gain"].le,
    )
    per_pixel_gain: bool = switch(
        False,
        "Ask for a map of the gain; it is used only if the frames bear it.\nNeeds some 1000 frames "
        "a level; with fewer, one gain for all pixels is more exact.",
        label="Gain of each pixel",
    )
    drop_first: bool = switch(
        True,
        "Leave out each stack's first frame, if it has at least five: cameras often take it "
        "otherwise.",
    )

    @classmethod
    def subject(cls) -> str:
        """Whose settings they are, in the sentence that refuses one."""
        return "calibration"
