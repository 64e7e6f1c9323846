"""The maps of a calibration as layers."""

from __future__ import annotations

from typing import Any

import numpy as np
from napari.layers import Image, Labels

from napari_photon_denoise.camera.transfer import CameraReport, Defect
from napari_photon_denoise.widgets.parts.layers import PREVIEW

NAMES = {
    Defect.HOT: "hot",
    Defect.NOISY: "noisy",
    Defect.DEAD: "dead",
    Defect.TELEGRAPH: "telegraph noise",
}


def map_layers(report: CameraReport) -> list[Any]:
    """Make layers of offset, relative response, read noise and defects; the last is on top.

    Parameters
    ----------
    report : CameraReport

    Returns
    -------
    list of napari layers
    """
    camera = report.calibration
    label = camera.camera or "camera"
    maps = {"offset (ADU)": camera.offset}
    if report.response is not None:
        maps["relative response"] = report.response.relative
    if isinstance(camera.gain, np.ndarray):
        maps["gain (e-/ADU)"] = camera.gain
    maps["read noise (e-)"] = camera.read_noise
    layers: list[Any] = [_image(f"{label} {name}", np.asarray(page)) for name, page in maps.items()]
    for hidden in layers[:-1]:
        hidden.visible = False
    return [*layers, _mask(f"{label} defects", report.mask)]


def _image(name: str, page: Any) -> Image:
    low, high = np.percentile(page, (1, 99))
    return Image(
        page,
        name=name,
        colormap="gray",  # the coloured defects lie on it
        contrast_limits=(float(low), float(max(high, low + 1e-6))),
        metadata={PREVIEW: True},  # a map is no image to denoise
    )


def _mask(name: str, mask: Any) -> Labels:
    """Make labels whose names the status bar shows under the pointer."""
    values = [int(value) for value in np.unique(mask)]
    words = [
        " + ".join(text for bit, text in NAMES.items() if value & bit) or "good" for value in values
    ]
    return Labels(
        mask, name=name, opacity=0.9, features={"index": values, "defect": words}, visible=True
    )
