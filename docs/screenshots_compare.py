"""Walk through "Compare methods": a picture of each step, and a check of what is on the screen.

Needs a display; without one: ``xvfb-run -a -s "-screen 0 1600x1000x24" python
docs/screenshots_compare.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel
from screenshots_stage import (
    FADED_IN,
    IMAGES,
    PLUGIN,
    SETTLED,
    check,
    docked,
    open_window,
    rest,
    shooter,
    wait,
)

import napari_photon_denoise as npd
from napari_photon_denoise.evaluation.methods import RAW, name_of
from napari_photon_denoise.widgets.compare.widget import CompareWidget
from napari_photon_denoise.widgets.denoise.widget import DenoiseWidget

PLACE = 300, 178  # y, x of nuclei that touch, px
# RESUNET takes longest: most likely it is caught at work, with the images of others beside it.
METHODS = [npd.Gaussian(), npd.Gaussian(sigma=2), npd.Resunet(), npd.Median(), npd.NonlocalMeans()]
HEADERS = ["Method", "Held-out MSE (e-²)", "Behind best (e-²)", "Supported (%)"]
HEADERS += ["MSE (e-²)", "PSNR (dB)", "SSIM", "KS", "Bias (e-)", "Time (s)"]


def main(folder: Path = IMAGES) -> None:
    """Compare on a sample, and take a picture of each step."""
    viewer = open_window(1600)
    viewer.open_sample(PLUGIN, "nuclei")
    dock, widget = viewer.window.add_plugin_dock_widget(PLUGIN, "Compare methods")
    dock.setMinimumWidth(710)  # wide enough for all columns
    viewer.canvas.overlays.scale_bar.visible = True
    rest(SETTLED)
    viewer.reset_view()
    shoot = shooter(viewer, folder, "compare-")
    set_up(viewer, widget, shoot)
    compare(viewer, widget, shoot)
    look(viewer, widget, shoot)
    take_over(viewer, widget, shoot)
    refuse(viewer, widget, shoot)
    viewer.close()


def set_up(viewer: Any, widget: CompareWidget, shoot: Callable[..., None]) -> None:
    """Zoom in, list methods, choose the truth."""
    layer = viewer.layers["nuclei"]
    viewer.scene.camera.center = layer.data_to_world(PLACE)
    viewer.scene.camera.zoom *= 4
    widget.source.set_layer(layer)
    widget.methods.setValue(METHODS)
    widget.methods.choose(1)
    widget.methods.edit(True)
    widget.images.set_truth(viewer.layers["nuclei truth (photons)"])
    check(widget.camera.way() == "layer", "the camera is the layer's own")
    shoot("setup")
    check_text(widget, "Parameters of Gaussian")
    widget.methods.edit(False)


def compare(viewer: Any, widget: CompareWidget, shoot: Callable[..., None]) -> None:
    """Run, caught in the act and at the end."""
    widget.run()
    # The line is painted now and then: of which method is as it comes.
    wait(
        lambda: (
            (len(widget.shown.layers) >= 3 and " of 6)" in widget.message) or not widget.runner.busy
        )
    )
    shoot("during", 0)
    check(" of 6)" in widget.message, f"it is caught at work: {widget.message}")
    wait(lambda: not widget.runner.busy)
    shoot("grid")
    check_table(widget)
    layers = widget.shown.layers
    check(list(layers)[:2] == [RAW, name_of(METHODS[0])], "layers are named by method")
    tiles = [layer for layer in viewer.layers if layer.visible]
    check(tiles == list(layers.values()), "a tile for each, and no other")
    limits = {tuple(layer.contrast_limits) for layer in layers.values()}
    check(len(limits) == 1, "one contrast for all")
    check(all(str(unit) == "micrometer" for unit in layers[RAW].units), "in µm")


def check_table(widget: CompareWidget) -> None:
    """Headers have their units, figures are sorted, the best are bold, the sentence agrees."""
    model = widget.results.table.rows
    horizontal = Qt.Orientation.Horizontal
    headers = [model.headerData(n, horizontal) for n in range(model.columnCount())]
    check([text.replace("\n", " ").strip() for text in headers] == HEADERS, f"headers {headers}")
    rows = model.rows
    scores = [row["held-out-mse"].value for row in rows]
    check(scores == sorted(scores), "best first")
    check(rows[-1].name == RAW, "every method is better than none")
    text = model.data(model.index(0, 1))
    number, _, error = text.partition(" ± ")
    near = abs(float(number) - scores[0]) <= 0.06 * rows[0]["held-out-mse"].error
    check(near and float(error) > 0, f"the cell says {text}")
    check(model.data(model.index(0, 2)) == "0", "the best is behind nobody")
    bold = model.data(model.index(0, 1), Qt.ItemDataRole.FontRole)
    check(bold is not None and bold.bold(), "the best is bold")
    check(rows[0].name in widget.results.verdict, "the sentence names it")
    check("range of the truth" in widget.results.verdict, "the range is stated")
    for row in rows:
        held_out, true = row["held-out-mse"], row["mse"].value
        near = abs(held_out.value - true) < 5 * held_out.error + 0.3 * true
        check(near, f"{row.name}: held-out {held_out.value:.3g}, true {true:.3g}")


def look(viewer: Any, widget: CompareWidget, shoot: Callable[..., None]) -> None:
    """Swipe, flicker, stack."""
    picker = widget.results.views
    picker.set_mode("swipe")
    picker.set_share(0.5)
    shoot("swipe")
    mixed, layers = widget.views.swipe.mixed, widget.shown.layers
    check(mixed is not None and "|" in mixed.name, "the two are named")
    first, second = (layers[name] for name in picker.pair())
    column = round(0.5 * first.data.shape[-1])
    check(np.array_equal(mixed.data[..., :column], first.data[..., :column]), "left is the first")
    check(np.array_equal(mixed.data[..., column:], second.data[..., column:]), "right the second")
    corner = [part.start for part in widget.compared.region]
    world = viewer.layers["nuclei"].data_to_world(corner)
    zero = [0] * len(corner)
    check(np.allclose(mixed.data_to_world(zero), world), "it lies where the raw image lies")
    picker.set_mode("flicker")
    shoot("flicker")
    check(widget.views.flicker.running, "it flickers")
    picker.set_mode("stacked")
    check(viewer.layers["nuclei"].visible, "the user's layer is back")


def take_over(viewer: Any, widget: CompareWidget, shoot: Callable[..., None]) -> None:
    """Hand the best method over."""
    best = widget.results.table.name()
    widget.results.buttons["use"].click()
    shoot("use")
    denoise = docked(viewer, DenoiseWidget)
    check(name_of(denoise.task().denoiser) == best, "the method is taken over")
    check(denoise.task().layer is viewer.layers["nuclei"], "and the image")
    check(not denoise.runner.busy, "it waits to be asked")


def refuse(viewer: Any, widget: CompareWidget, shoot: Callable[..., None]) -> None:
    """Tick a layer that lies elsewhere."""
    widget.parentWidget().raise_()
    source = viewer.layers["nuclei"]
    binned = source.data[::2, ::2]
    scale = 2 * source.scale
    other = viewer.add_image(binned, name="binned", scale=scale, units=source.units, visible=False)
    widget.images.set_layers([other])
    widget.show_results(False)
    widget.run()
    shoot("error", FADED_IN)
    check("'binned' do not lie on" in widget.message, "the layer is named")
    check(not widget.runner.busy, "nothing runs")


def check_text(widget: CompareWidget, text: str) -> None:
    """Look for a label on the screen."""
    found = [label.text() for label in widget.findChildren(QLabel) if label.isVisible()]
    check(text in found, f"'{text}' is on the screen, beside {found}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
