"""A camera that the user named, kept between sessions; without Qt."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.presets import PRESETS, Preset
from napari_photon_denoise.camera.stated import STATED, StatedCamera
from napari_photon_denoise.errors import PhotonDenoiseError

if TYPE_CHECKING:
    from napari_photon_denoise.widgets.parts.camera import CameraPicker

ROUNDING = 1e-9


class KeptCamera(BaseModel):
    """How a camera was named: one of the three.

    Parameters
    ----------
    preset : str
        Its key, and the EM gain that was set.
    em_gain : float, optional
    file : str
        Of a calibration.
    numbers : mapping, optional
        Of `StatedCamera`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    preset: str = ""
    em_gain: float | None = None
    file: str = ""
    numbers: dict[str, Any] | None = None


def keep_camera(way: str, calibration: Calibration) -> KeptCamera | None:
    """Return what names a camera in another session, too.

    What belongs to one image does not: what was estimated from it or came with its layer, and
    that it is in photons already.

    Parameters
    ----------
    way : str
        That was chosen in the `CameraPicker`.
    calibration : Calibration
    """
    if way in ("file", "offered") and calibration.path is not None:
        return KeptCamera(file=str(calibration.path))
    if way == "preset":
        return _preset_of(calibration)
    if way == "typed":
        return KeptCamera(numbers=StatedCamera.of(calibration).model_dump())
    return None


def recall_camera(picker: CameraPicker, camera: KeptCamera) -> None:
    """Choose a camera again.

    Raises
    ------
    PhotonDenoiseError
        If it is not known any more.
    """
    if camera.file:
        picker.page("file").set_path(camera.file)
        picker.set_way("file")
    elif camera.numbers is not None:
        picker.setValue(StatedCamera(**camera.numbers).calibration())
    elif camera.preset not in PRESETS:
        raise PhotonDenoiseError(f"There is no camera '{camera.preset}' any more.")
    else:
        picker.page("preset").choose(camera.preset)
        if camera.em_gain is not None:
            picker.page("preset").set_em_gain(camera.em_gain)
        picker.set_way("preset")


def _preset_of(calibration: Calibration) -> KeptCamera | None:
    """Find the preset that a calibration was made from, and the EM gain that was set."""
    for key, preset in PRESETS.items():
        if (preset.camera, preset.mode) == (calibration.camera, calibration.mode):
            return KeptCamera(preset=key, em_gain=_em_gain(preset, calibration))
    return None


def _em_gain(preset: Preset, calibration: Calibration) -> float | None:
    if not preset.em:
        return None
    # The form takes whole numbers, and the more gain, the fewer electrons a grey value is.
    gains = range(1, round(STATED["em_gain"].le) + 1)
    sought = -float(calibration.gain) * (1 + ROUNDING)
    return gains[bisect_left(gains, sought, key=lambda em: -float(preset.calibration(em).gain))]
