"""From the method that was chosen to the widget that denoises with it."""

from __future__ import annotations

from typing import Any

from napari_photon_denoise.denoisers import AnyMethod
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.widgets.calibration.hand_over import use_for_denoising
from napari_photon_denoise.widgets.compare.request import Request
from napari_photon_denoise.widgets.denoise import DenoiseWidget


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
    widget = use_for_denoising(viewer, camera)
    widget.source.set_layer(request.layer)
    widget.source.set_axes(request.photons.axes)
    if request.layer.metadata.get("calibration") is camera:
        widget.camera.set_way("layer")
    else:
        widget.camera.offer(camera)  # again, as another layer's camera may have come along
    widget.method.setValue(method)
    return widget
