"""Walk through "Learn to denoise": a picture of each step, and a check of what is on the screen.

Needs a display; without one: ``xvfb-run -a -s "-screen 0 1600x1000x24" python
docs/screenshots_learning.py``. It learns for some minutes on a CPU.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import numpy as np
from screenshots_stage import (
    FADED_IN,
    IMAGES,
    PLUGIN,
    SETTLED,
    check,
    open_window,
    rest,
    shooter,
    wait,
)

from napari_photon_denoise import models
from napari_photon_denoise.denoisers import AdaptedResunet, Noise2Void
from napari_photon_denoise.metrics.squared_error import mse
from napari_photon_denoise.widgets.learning import kept
from napari_photon_denoise.widgets.learning.widget import LearnWidget

PLACE = 256, 256  # y, x of filaments, px
EPOCHS, BATCH = 6, 8  # a batch of 8: twice as fast as the usual one
WAIT = 1800  # s


def main(folder: Path = IMAGES) -> None:
    """Learn from a sample, stop, resume, apply, and take a picture of each step."""
    with (
        TemporaryDirectory() as home,
        patch.object(kept, "folder", lambda: Path(home) / "learning"),
        patch.object(models, "own_folder", lambda: Path(home) / "models"),
    ):
        viewer = open_window(1600)
        viewer.open_sample(PLUGIN, "filaments")
        dock, widget = viewer.window.add_plugin_dock_widget(PLUGIN, "Learn to denoise")
        dock.setMinimumWidth(430)
        rest(SETTLED)
        viewer.reset_view()
        shoot = shooter(viewer, folder, "learn-")
        set_up(viewer, widget, shoot)
        learn(viewer, widget, shoot)
        stop_and_resume(widget, shoot)
        apply(viewer, widget, shoot)
        adapt(widget, shoot)
        refuse(viewer, widget, shoot)
        viewer.close()


def set_up(viewer: Any, widget: LearnWidget, shoot: Callable[..., None]) -> None:
    """Zoom in, choose the layer."""
    layer = viewer.layers["filaments"]
    viewer.scene.camera.center = layer.data_to_world(PLACE)
    viewer.scene.camera.zoom *= 1.8
    widget.setup.source.set_layer(layer)
    widget.setup.method.setValue(Noise2Void(epochs=EPOCHS, batch=BATCH))
    check(widget.setup.camera.way() == "layer", "the camera is the layer's own")
    shoot("setup", 1)


def learn(viewer: Any, widget: LearnWidget, shoot: Callable[..., None]) -> None:
    """Catch it while it learns."""
    widget.run()
    wait(lambda: len(widget.page.curve.held_out) >= 3, WAIT)
    shoot("during")
    check("left" in widget.message, f"the time is told: {widget.message}")
    check("Epoch" in widget.message, f"the epoch is told: {widget.message}")
    check("weights" in widget.page.machine, f"the computer is told: {widget.page.machine}")
    layer = widget.look.layer
    check(layer is not None and layer.name == "filaments [preview]", "it is shown")


def stop_and_resume(widget: LearnWidget, shoot: Callable[..., None]) -> None:
    """Stop, and go on to the end."""
    widget.stop()
    wait(lambda: not widget.runner.busy, WAIT)
    shoot("stopped")
    check(widget.keeper.outcome is not None, "what was learnt is kept")
    before = len(widget.page.curve.held_out)
    widget.run()
    wait(lambda: not widget.runner.busy, WAIT)
    shoot("done")
    check(len(widget.page.curve.held_out) > before, "it went on")


def apply(viewer: Any, widget: LearnWidget, shoot: Callable[..., None]) -> None:
    """Denoise the layer by the network."""
    widget.look.hide()
    widget.keeper.apply_to_layers(widget.page.result.ticks.layers())
    wait(lambda: not widget.runner.busy, WAIT)
    shoot("applied")
    result = viewer.layers[-1]
    check(result.name == "filaments [filaments Noise2Void]", f"named by the model: {result.name}")
    truth = viewer.layers["filaments truth (photons)"].data
    raw = viewer.layers["filaments"]
    noisy = raw.metadata["calibration"].to_photons(np.asarray(raw.data))
    gain = mse(noisy, truth) / mse(np.asarray(result.data), truth)
    print(f"squared error of the result: {gain:.1f} times less than of the raw image")
    check(gain > 5, "it is much closer to the truth")


def adapt(widget: LearnWidget, shoot: Callable[..., None]) -> None:
    """Begin with the pretrained network."""
    widget.setup.method.setValue(AdaptedResunet(epochs=2))
    widget.run()
    wait(lambda: not widget.runner.busy, WAIT)
    shoot("adapted")
    said = widget.page.result.text
    check("has won" in said, f"the better one is named: {said}")


def refuse(viewer: Any, widget: LearnWidget, shoot: Callable[..., None]) -> None:
    """Learn from an image that is too small."""
    viewer.add_image(np.ones((8, 8), np.uint16), name="tiny")
    widget.setup.source.set_layer(viewer.layers["tiny"])
    widget.setup.camera.set_way("photons")
    widget.run()
    wait(lambda: not widget.runner.busy)
    shoot("error", FADED_IN)
    check("16" in widget.message, f"says what it needs: {widget.message}")


if __name__ == "__main__":
    main(*(Path(name) for name in sys.argv[1:]))
