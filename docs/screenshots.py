"""Make the pictures of the guide: napari, as a user sees it at each step.

Needs a display; without one: ``xvfb-run -a -s "-screen 0 1600x1000x24" python
docs/screenshots.py``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic

os.environ["NAPARI_CONFIG"] = ""  # nobody's settings

import napari
from qtpy.QtWidgets import QApplication

from napari_photon_denoise import Resunet

IMAGES = Path(__file__).parent / "images"
PLUGIN = "napari-photon-denoise"
CLUSTER = 325, 185  # y, x of nuclei that touch, px


def main(folder: Path = IMAGES) -> None:
    """Open the sample, denoise it, and take a picture of each step."""
    folder.mkdir(parents=True, exist_ok=True)
    viewer = napari.Viewer(show=False)
    window = viewer.window
    window.show()
    window.resize(1500, 950)
    viewer.open_sample(PLUGIN, "nuclei")
    _, widget = window.add_plugin_dock_widget(PLUGIN, "Photon denoise")
    viewer.canvas.overlays.scale_bar.visible = True
    viewer.reset_view()
    widget.method.setValue(Resunet())
    rest(0.5)

    def shoot(name: str) -> None:
        rest(0.5)
        window.screenshot(folder / f"widget-{name}.png", flash=False)

    shoot("before")
    viewer.scene.camera.center = viewer.layers["nuclei"].data_to_world(CLUSTER)
    viewer.scene.camera.zoom *= 2
    rest(0.3)
    widget.show_preview(True)
    wait(lambda: widget.preview.layer is not None and not widget.preview.busy)
    shoot("preview")
    widget.show_preview(False)
    viewer.reset_view()

    widget.run()
    wait(lambda: not widget.runner.busy)
    shoot("after")

    viewer.layers.clear()
    viewer.open_sample(PLUGIN, "stack")
    viewer.reset_view()
    # Slow enough for a picture, and there whatever other networks come along.
    widget.method.setValue(Resunet(model="resunet-2d", flips=True))
    widget.run()
    wait(lambda: "left" in widget.message)
    shoot("during")
    widget.cancel()
    wait(lambda: not widget.runner.busy)

    widget.source.set_axes("ZXY")
    widget.run()
    shoot("error")
    viewer.close()


def wait(done: Callable[[], bool], timeout: float = 300) -> None:
    """Let the window live until something is so."""
    end = monotonic() + timeout
    while not done():
        if monotonic() > end:
            sys.exit("the widget did not get there in time")
        QApplication.processEvents()


def rest(seconds: float) -> None:
    """Let the window live for a while."""
    end = monotonic() + seconds
    while monotonic() < end:
        QApplication.processEvents()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
