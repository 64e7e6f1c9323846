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
from typing import Any

os.environ["NAPARI_CONFIG"] = ""  # nobody's settings

import napari
import numpy as np
from qtpy.QtWidgets import QApplication

from napari_photon_denoise import Resunet
from napari_photon_denoise.widgets.plots.profile_widget import ProfileWidget

IMAGES = Path(__file__).parent / "images"
PLUGIN = "napari-photon-denoise"
CLUSTER = 325, 185  # y, x of nuclei that touch, px
LINE = np.array([[318.0, 135], [330, 245]])  # through them
WIDE = 440  # px, of a dock with a plot


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
    profile(viewer, folder)
    consistency(viewer, folder)
    histogram(viewer, folder)

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


def profile(viewer: Any, folder: Path) -> None:
    """Draw a line through nuclei that touch, in the raw image, its result and the truth."""
    window = viewer.window
    dock, widget = window.add_plugin_dock_widget(PLUGIN, "Line profile", tabify=True)
    dock.setMinimumWidth(WIDE)
    viewer.layers["nuclei truth (photons)"].visible = True
    widget.sources.layers.tick(*viewer.layers)
    viewer.layers["nuclei truth (photons)"].visible = False
    viewer.scene.camera.center = viewer.layers["nuclei"].data_to_world(CLUSTER)
    viewer.scene.camera.zoom *= 2
    rest(0.5)
    widget.draw_line()
    viewer.layers["profile line"].data = [LINE]
    widget.set_width(3)
    widget.draw_line()  # which shows its ends
    wait(lambda: len(widget.profiles) == 3)
    rest(0.5)
    window.screenshot(folder / "profile.png", flash=False)


def consistency(viewer: Any, folder: Path) -> None:
    """Show what was removed, in units of the noise to expect."""
    window = viewer.window
    widget = _docked(viewer, ProfileWidget)
    viewer.layers["profile line"].visible = False
    widget.evidence.add_consistency()
    viewer.reset_view()
    rest(0.5)
    window.screenshot(folder / "consistency.png", flash=False)
    viewer.layers.selection = {viewer.layers[-1], viewer.layers["profile line"]}
    viewer.layers.remove_selected()
    window.remove_dock_widget(widget)


def histogram(viewer: Any, folder: Path) -> None:
    """Compare a result with the truth."""
    window = viewer.window
    dock, widget = window.add_plugin_dock_widget(PLUGIN, "Histogram", tabify=True)
    dock.setMinimumWidth(WIDE)
    widget.sources.layers.tick(*viewer.layers)
    result = viewer.layers[-1]
    widget.compare(viewer.layers["nuclei truth (photons)"], result)
    widget.set_logarithmic(True)
    wait(lambda: not widget.busy)
    rest(0.5)
    window.screenshot(folder / "histogram.png", flash=False)
    window.remove_dock_widget(widget)


def _docked(viewer: Any, kind: type[Any]) -> Any:
    """Return the widget of a kind that is open."""
    docked = viewer.window.dock_widgets.values()
    return next(widget for widget in docked if isinstance(widget, kind))


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
