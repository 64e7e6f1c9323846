"""Make the pictures of "Calibrate camera" for the guide: napari at each step.

Needs a display; without one: ``xvfb-run -a -s "-screen 0 1600x1000x24" python
docs/screenshots_calibration.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from qtpy.QtWidgets import QScrollArea
from screenshots_stage import (
    FADED_IN,
    IMAGES,
    PLUGIN,
    SETTLED,
    check,
    close_notifications,
    open_window,
    rest,
    shooter,
    wait,
)

from napari_photon_denoise.camera.transfer import CalibrationSettings
from napari_photon_denoise.virtual.samples import make_sample
from napari_photon_denoise.widgets.calibration.sample import open_frames
from napari_photon_denoise.widgets.calibration.widget import CalibrateWidget

SETTINGS = CalibrationSettings(camera="Virtual sCMOS", serial="seed 0", mode="16-bit")


def main(folder: Path = IMAGES) -> None:
    """Calibrate the virtual camera, and take a picture of each step."""
    viewer = open_window()
    widget = CalibrateWidget(viewer)
    dock = viewer.window.add_dock_widget(widget, name="Calibrate camera")
    dock.setMinimumWidth(450)
    shoot = shooter(viewer, folder, "calibrate-")
    rest(SETTLED)
    shoot("start")
    add_sample(viewer, widget)
    widget.frames.facts.setValue(SETTINGS)
    shoot("frames")
    calibrate(viewer, widget, shoot)
    compare(viewer, widget, shoot)
    warnings(viewer, widget, shoot)
    errors(viewer, widget, shoot)
    estimate(viewer, widget, shoot)
    viewer.close()


def add_sample(viewer: Any, widget: CalibrateWidget) -> None:
    """Open the sample's stacks as layers and add them to the table."""
    layers = [viewer.add_image(data, **how) for data, how, _ in open_frames()]
    viewer.layers.selection = set(layers)
    widget.frames.add_layers()


def calibrate(viewer: Any, widget: CalibrateWidget, shoot: Callable[..., None]) -> None:
    """Run, caught in the act and at the end."""
    widget.run()
    # The line is painted now and then: of which flat is as it comes.
    wait(lambda: "Reading flat" in widget.message or not widget.runner.busy)
    shoot("during", 0)
    check("Reading flat" in widget.message, f"it is caught at work: {widget.message}")
    wait(lambda: not widget.runner.busy)
    shoot("curve")
    scroll(widget, 10_000)
    shoot("verdicts")


def compare(viewer: Any, widget: CalibrateWidget, shoot: Callable[..., None]) -> None:
    """Show maps as layers, compare with an earlier file, and hand over."""
    report = widget.frames.report
    assert report is not None
    with TemporaryDirectory() as folder:
        now = report.calibration
        then = replace(now, gain=now.gain * 0.962, offset=now.offset - 0.3)
        earlier = then.save(Path(folder) / "camera_2025.tif")
        widget.frames.compare(earlier)
    viewer.layers.clear()
    widget.frames.result.buttons["maps"].click()
    viewer.reset_view()
    scroll(widget, 860)
    shoot("maps")
    viewer.layers.clear()
    # The region of the sensor that was calibrated.
    viewer.add_image(make_sample("nuclei").counts[:192, :192], name="nuclei")
    viewer.reset_view()
    widget.frames.result.buttons["use"].click()
    shoot("use")


def warnings(viewer: Any, widget: CalibrateWidget, shoot: Callable[..., None]) -> None:
    """Too few frames, a lamp that flickers, one level."""
    widget.parentWidget().raise_()
    viewer.layers.clear()
    frames = {how["name"]: data for data, how, _ in open_frames()}
    dark, flat = frames["dark"][:30], frames["flat 2500 e-"][:12]
    lamp = 1 + 0.02 * np.random.default_rng(0).standard_normal((12, 1, 1))
    flat = ((flat - 100.0) * lamp + 100).round().astype(np.uint16)
    viewer.layers.selection = {
        viewer.add_image(dark, name="dark"),
        viewer.add_image(flat, name="flat 10 ms"),
    }
    widget.frames.table.clear_all()
    widget.frames.add_layers()
    widget.run()
    wait(lambda: not widget.runner.busy)
    scroll(widget, 10_000)
    shoot("warnings")


def errors(viewer: Any, widget: CalibrateWidget, shoot: Callable[..., None]) -> None:
    """Darks and flats swapped."""
    table = widget.frames.table
    dark, *flats = range(len(table.sources()))
    table.select(dark)
    table.set_selected_role("flat")
    table.select(*flats)
    table.set_selected_role("dark")
    widget.run()
    wait(lambda: not widget.runner.busy)
    scroll(widget, 0)
    shoot("error", FADED_IN)


def estimate(viewer: Any, widget: CalibrateWidget, shoot: Callable[..., None]) -> None:
    """Turn to the second tab."""
    close_notifications()
    viewer.layers.clear()
    viewer.open_sample(PLUGIN, "filaments")
    widget.show_page(widget.estimate)
    rest(0.3)
    widget.run()
    wait(lambda: not widget.runner.busy)
    shoot("estimate")
    widget.estimate.offset.setValue(100)
    scroll(widget, 10_000)
    shoot("estimate-offset")


def scroll(widget: CalibrateWidget, to: int) -> None:
    """Scroll the page in front."""
    rest(0.2)
    for area in widget.findChildren(QScrollArea):
        area.verticalScrollBar().setValue(to)
    rest(0.2)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
