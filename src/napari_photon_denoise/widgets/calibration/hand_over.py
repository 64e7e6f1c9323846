"""From a calibration to the widget that denoises with it."""

from __future__ import annotations

from typing import Any

from napari.layers import Image

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.widgets.denoise.widget import DenoiseWidget
from napari_photon_denoise.widgets.parts.settings import PLUGIN

FRAMES = "From Calibrate camera: dark+flats"
ESTIMATE = "From Calibrate camera: estimate of {}"


def use_for_denoising(
    viewer: Any, calibration: Calibration, title: str = FRAMES, of: Image | None = None
) -> DenoiseWidget:
    """Give a calibration to the widget "Photon denoise", which is opened if it isn't yet.

    Parameters
    ----------
    viewer : napari.Viewer
    calibration : Calibration
        With maps or without, saved or not.
    title : str
        Where it comes from.
    of : Image, optional
        The layer that it was estimated from.

    Returns
    -------
    DenoiseWidget
    """
    docked = viewer.window.dock_widgets.values()
    widget = next((one for one in docked if isinstance(one, DenoiseWidget)), None)
    if widget is None:
        _, widget = viewer.window.add_plugin_dock_widget(PLUGIN, "Photon denoise")
    widget.camera.offer(calibration, title, of)
    dock = widget.parentWidget()
    dock.show()
    dock.raise_()
    return widget
