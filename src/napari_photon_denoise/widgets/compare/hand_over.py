"""What Compare methods gives to Photon denoise, and what it takes from there."""

from __future__ import annotations

from typing import Any

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.denoisers import AnyMethod
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.widgets.calibration.hand_over import use_for_denoising
from napari_photon_denoise.widgets.compare.request import Request
from napari_photon_denoise.widgets.denoise.widget import DenoiseWidget
from napari_photon_denoise.widgets.parts.camera import CameraPicker, Offer
from napari_photon_denoise.widgets.parts.estimates import find_estimate

FROM_HERE = "From Compare methods"


def use_for_all(viewer: Any, request: Request, method: AnyMethod) -> DenoiseWidget:
    """Set "Photon denoise" to a method, and to the image and camera of a comparison.

    It is opened if it isn't yet, and does not start by itself.

    Parameters
    ----------
    viewer : napari.Viewer
    request : Request
        The comparison.
    method : method and its parameters

    Returns
    -------
    DenoiseWidget

    Raises
    ------
    PhotonDenoiseError
        If the image is gone.
    """
    if request.layer not in viewer.layers:
        raise PhotonDenoiseError(
            f"'{request.layer.name}' is no longer there: open it again, and compare anew."
        )
    camera = request.photons.calibration
    widget = use_for_denoising(viewer, camera, FROM_HERE)
    widget.show_files(False)
    widget.source.set_layer(request.layer)
    widget.source.set_axes(request.photons.axes)
    looked = find_estimate(request.layer, request.photons.axes)
    if request.layer.metadata.get("calibration") is camera:
        widget.camera.set_way("layer")
    elif looked is not None and looked.calibration is camera:
        widget.camera.set_way("image")
    else:
        # Again, as another layer's camera may have come along.
        widget.camera.offer(camera, FROM_HERE)
    widget.method.setValue(method)
    return widget


class CalibratedCamera:
    """What "Calibrate camera" handed to "Photon denoise", for the comparison as well.

    Each camera is taken once: what the user chooses then stays.

    Parameters
    ----------
    viewer : napari.Viewer
    picker : CameraPicker
        Of the comparison.
    """

    def __init__(self, viewer: Any, picker: CameraPicker) -> None:
        self._viewer, self._picker = viewer, picker
        self._last: Calibration | None = None

    def take(self, last: Request | None) -> None:
        """Choose it, unless it is none, known already, or came from the last comparison."""
        offer = self._handed_over()
        camera = offer.calibration if offer is not None else None
        ours = last.photons.calibration if last is not None else None
        if offer is not None and camera is not self._last and camera is not ours:
            of = offer.of() if offer.of is not None else None
            self._picker.offer(offer.calibration, offer.title, of)
        self._last = camera

    def _handed_over(self) -> Offer | None:
        window = getattr(self._viewer, "window", None)
        docked = window.dock_widgets.values() if window is not None else ()
        widget = next((one for one in docked if isinstance(one, DenoiseWidget)), None)
        return widget.camera.offered if widget is not None else None
