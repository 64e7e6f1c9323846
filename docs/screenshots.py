"""Make the pictures of the guide: napari, as a user sees it at each step.

Needs a display; without one: ``xvfb-run -a -s "-screen 0 1600x1000x24" python
docs/screenshots.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from screenshots_stage import (
    FADED_IN,
    IMAGES,
    PLUGIN,
    SETTLED,
    check,
    close_notifications,
    docked,
    open_window,
    rest,
    shooter,
    wait,
    write_plate,
)

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.denoisers import NonlocalMeans, Resunet
from napari_photon_denoise.virtual.scenes import nuclei
from napari_photon_denoise.widgets.denoise.widget import DenoiseWidget
from napari_photon_denoise.widgets.plots.profile_widget import ProfileWidget

CLUSTER = 325, 185  # y, x of nuclei that touch, px
LINE = np.array([[318.0, 135], [330, 245]])  # through them


def main(folder: Path = IMAGES) -> None:
    """Open the sample, denoise it, and take a picture of each step."""
    viewer = open_window()
    shoot = shooter(viewer, folder)
    viewer.open_sample(PLUGIN, "nuclei")
    _, widget = viewer.window.add_plugin_dock_widget(PLUGIN, "Photon denoise")
    viewer.canvas.overlays.scale_bar.visible = True
    widget.method.setValue(Resunet())
    rest(SETTLED)
    viewer.reset_view()
    denoise(viewer, widget, shoot)
    profile(viewer, shoot)
    consistency(viewer, shoot)
    histogram(viewer, shoot)
    interrupt(viewer, widget, shoot)
    with TemporaryDirectory() as images:
        files(widget, Path(images), shoot)
    viewer.close()


def denoise(viewer: Any, widget: DenoiseWidget, shoot: Callable[..., None]) -> None:
    """Preview, and run."""
    shoot("widget-before")
    viewer.scene.camera.center = viewer.layers["nuclei"].data_to_world(CLUSTER)
    viewer.scene.camera.zoom *= 2
    rest(SETTLED)
    widget.show_preview(True)
    wait(lambda: widget.preview.layer is not None and not widget.preview.busy)
    shoot("widget-preview")
    widget.show_preview(False)
    viewer.reset_view()

    widget.run()
    wait(lambda: not widget.runner.busy)
    shoot("widget-after")
    result = viewer.layers[-1]
    check(result.name == "nuclei [RESUNET]", f"the result is named {result.name}")
    check(str(result.units[0]) == "micrometer", "in µm")
    check(np.array_equal(result.scale, viewer.layers["nuclei"].scale), "it lies on its source")


def interrupt(viewer: Any, widget: DenoiseWidget, shoot: Callable[..., None]) -> None:
    """Cancel a run, and get the axes wrong."""
    viewer.layers.clear()
    viewer.open_sample(PLUGIN, "stack")
    viewer.reset_view()
    # Slow enough for a picture, and there whatever other networks come along.
    widget.method.setValue(Resunet(model="resunet-2d", flips=True))
    widget.run()
    wait(lambda: "left" in widget.message)
    shoot("widget-during", 0)
    widget.cancel()
    wait(lambda: not widget.runner.busy)
    widget.source.set_axes("ZXY")
    widget.run()
    shoot("widget-error", FADED_IN)
    check("'ZXY' are out of order" in widget.message, f"it says: {widget.message}")


def files(widget: DenoiseWidget, folder: Path, shoot: Callable[..., None]) -> None:
    """Denoise a folder, of which one file is broken."""
    rng = np.random.default_rng(0)
    finished = write_plate(
        folder,
        "cells_{}.tif",
        lambda: (2 * rng.poisson(20 * nuclei((256, 256), rng)) + 100).astype(np.uint16),
    )
    widget.method.setValue(NonlocalMeans(strength=1.2))
    widget.camera.setValue(Calibration(gain=0.5, offset=100, read_noise=1))
    widget.show_files(True)
    widget.batch.add([folder])
    widget.run()
    wait(lambda: not widget.runner.busy)
    close_notifications()
    shoot("widget-files")
    check(widget.message.startswith(finished), widget.message)


def profile(viewer: Any, shoot: Callable[..., None]) -> None:
    """Draw a line through nuclei that touch, in the raw image, its result and the truth."""
    _, widget = viewer.window.add_plugin_dock_widget(PLUGIN, "Line profile")
    widget.sources.layers.tick(*viewer.layers)
    viewer.scene.camera.center = viewer.layers["nuclei"].data_to_world(CLUSTER)
    viewer.scene.camera.zoom *= 2
    rest(SETTLED)
    widget.draw_line()
    viewer.layers["profile line"].data = [LINE]
    widget.set_width(3)
    widget.draw_line()  # which shows its ends
    wait(lambda: len(widget.profiles) == 3 and widget.profiles[0].pixels.max() > 1)
    shoot("profile")
    check_profiles(widget)


def check_profiles(widget: ProfileWidget) -> None:
    """Axes have their units, curves their values, and noise its size."""
    check(
        widget.plot.canvas.labels == ("photons per pixel (e-)", "distance (µm)"), "axes have units"
    )
    raw, truth, clean = widget.profiles
    length = np.hypot(*np.diff(LINE, axis=0)[0]) * 0.1  # µm
    check(abs(raw.distance[-1] - length) < 0.1, f"the line is {raw.distance[-1]:.3g} µm long")
    check(raw.sd is not None and clean.sd is None, "the raw curve has a band, no other one")
    off = (raw.values - truth.values) / raw.sd
    check(0.7 < np.std(off) < 1.3, f"the band is as wide as the noise: {np.std(off):.3g} SD")
    left = np.std(clean.values - truth.values) / np.std(raw.values - truth.values)
    check(left < 0.8, f"the result is nearer to the truth: {left:.3g}")


def consistency(viewer: Any, shoot: Callable[..., None]) -> None:
    """Show what was removed, in units of the noise to expect."""
    widget = docked(viewer, ProfileWidget)
    viewer.layers["profile line"].visible = False
    widget.evidence.add_consistency()
    layer = viewer.layers[-1]
    check(layer.colorbar.visible, "the colours are explained")
    viewer.reset_view()
    shoot("consistency")
    z = np.asarray(layer.data)
    check(abs(z.mean()) < 0.1 and abs(z.var() - 1) < 0.15, f"noise: {z.mean():.3g}, {z.var():.3g}")
    viewer.layers.selection = {layer, viewer.layers["profile line"]}
    viewer.layers.remove_selected()
    viewer.window.remove_dock_widget(widget)


def histogram(viewer: Any, shoot: Callable[..., None]) -> None:
    """Compare a result with the truth."""
    _, widget = viewer.window.add_plugin_dock_widget(PLUGIN, "Histogram")
    widget.sources.layers.tick(*viewer.layers)
    truth, result = viewer.layers["nuclei truth (photons)"], viewer.layers[-1]
    widget.compare(truth, result)
    widget.set_logarithmic(True)
    wait(lambda: not widget.busy)
    shoot("histogram")
    measured = widget.measured
    check(measured is not None and measured.gap is not None, "two layers are compared")
    at = measured.gap.at
    shares = [np.mean(np.asarray(layer.data) <= at) for layer in (truth, result)]
    gap = abs(shares[0] - shares[1])
    check(abs(gap - measured.gap.distance) < 0.01, f"KS {measured.gap.distance:.3g}, not {gap:.3g}")
    viewer.window.remove_dock_widget(widget)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
