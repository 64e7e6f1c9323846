"""Walk through napari as a stranger: own files, no camera known, mouse and keyboard only.

Files are written as other programs write them, without a word on the camera. Every step is
checked on the screen, clicks are counted, and a picture is taken: in a large dark window, and
all again in a small light one.

Needs a display; without one: ``xvfb-run -a -s "-screen 0 1600x1000x24" python
docs/walk_stranger.py FOLDER``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import numpy as np
import tifffile
from qtpy.QtWidgets import QComboBox, QTableWidget
from screenshots_stage import (
    FADED_IN,
    PLATE,
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
from walk_hands import Hands, open_menus, seen_texts

from napari_photon_denoise import models
from napari_photon_denoise.virtual.scenes import nuclei
from napari_photon_denoise.virtual.scenes import stack as stack_of
from napari_photon_denoise.virtual.simulate import scmos
from napari_photon_denoise.widgets.compare.widget import CompareWidget
from napari_photon_denoise.widgets.denoise.widget import DenoiseWidget
from napari_photon_denoise.widgets.parts import user_file
from napari_photon_denoise.widgets.plots.profile_widget import ProfileWidget

DENOISE = ("Layers", "Filter", "Photon denoise", "Photon denoise")
OPEN = ("File", "Open File(s)")
EDGE = 256  # px
LOOKS = ((1600, 1000, "dark"), (1280, 720, "light"))
FEW = 3  # clicks to a clean image


@dataclass(frozen=True)
class Walk:
    """What every step needs."""

    viewer: Any
    hands: Hands
    shoot: Callable[..., None]
    files: Path
    finished: str
    """What the dock says when it is through the plate."""

    def text(self, widget: Any) -> str:
        """Return all that a dock says now."""
        return seen_texts(widget)


def main(folder: Path) -> None:
    """Go all the way in each window."""
    for look in LOOKS:
        go(folder, *look)


def go(folder: Path, width: int, height: int, theme: str) -> None:
    """Go all the way, and take a picture of each step."""
    with (
        TemporaryDirectory() as home,
        patch.object(user_file, "own_folder", lambda: Path(home) / "settings"),
        patch.object(models, "own_folder", lambda: Path(home) / "models"),
    ):
        files = Path(home) / "images"
        finished = write_files(files)
        viewer = open_window(width, height)
        rest(FADED_IN)
        viewer.theme = theme
        walk = Walk(viewer, Hands(viewer), shooter(viewer, folder, f"{width}-"), files, finished)
        steps = (first_image, denoise_again, line_profile, compare, unknown_stack, channels)
        for step in (*steps, files_tab):
            step(walk)
            seen = viewer.window.geometry()[2:]
            check(tuple(seen) == (width, height), f"the window keeps its size, not {seen}")
        viewer.close()


def write_files(folder: Path) -> str:
    """Photograph cells, a stack, channels, and a plate; return what is said of the plate."""
    rng = np.random.default_rng(1)
    camera = scmos((EDGE, EDGE))
    cells = nuclei((EDGE, EDGE), rng)
    folder.mkdir(parents=True)
    tifffile.imwrite(folder / "cells.tif", camera.expose(4 * cells, rng))
    planes = stack_of((8, EDGE, EDGE), rng)
    counts = np.stack([camera.expose(60 * plane, rng) for plane in planes])
    tifffile.imwrite(folder / "embryo.tif", counts)
    colours = [camera.expose(level * nuclei((EDGE, EDGE), rng), rng) for level in (80, 50, 30)]
    tifffile.imwrite(
        folder / "three.ome.tif",
        np.stack(colours),
        metadata={
            "axes": "CYX",
            "Channel": {"Name": ["DAPI", "GFP", "mCherry"]},
            "PhysicalSizeX": 0.1,
            "PhysicalSizeXUnit": "µm",
            "PhysicalSizeY": 0.1,
            "PhysicalSizeYUnit": "µm",
        },
    )
    return write_plate(
        folder / "plate",
        "well_{:02}.tif",
        lambda: camera.expose(40 * nuclei((EDGE, EDGE), rng), rng),
    )


def first_image(walk: Walk) -> None:
    """Open a file, open the widget, run: three clicks."""
    hands, viewer = walk.hands, walk.viewer
    hands.start()
    hands.open_files(*OPEN, files=[walk.files / "cells.tif"])
    wait(lambda: len(viewer.layers) == 1)
    hands.choose(*DENOISE)
    widget = docked(viewer, DenoiseWidget)
    walk.shoot("1-opened")
    hands.press(widget, "Run")
    wait(lambda: len(viewer.layers) == 2 and not widget.runner.busy)
    check(hands.choices <= FEW, f"{hands.choices} clicks to a clean image")
    print(f"first image: {hands.choices} choices, {hands.presses} presses")
    walk.shoot("1-clean")
    result = viewer.layers[-1]
    check(result.name == "cells [RESUNET]", f"the result is named {result.name}")
    said = walk.text(widget)
    check("Estimated from this image" in said, said)
    check("e-/ADU" in said, f"the gain has its unit: {said}")
    check(widget.message.startswith("Done: cells [RESUNET]"), widget.message)


def denoise_again(walk: Walk) -> None:
    """Choose the result as the image: it is asked whether that is meant."""
    hands, viewer = walk.hands, walk.viewer
    widget = docked(viewer, DenoiseWidget)
    hands.start()
    hands.pick(_layer_box(widget), "cells [RESUNET]")
    walk.shoot("2-result-chosen")
    check("Denoised already (RESUNET)" in walk.text(widget), walk.text(widget))
    hands.press(widget, "Run")
    rest(FADED_IN)
    check(len(viewer.layers) == 2 and not widget.runner.busy, "nothing is denoised unasked")
    check("is denoised already" in widget.message, widget.message)
    walk.shoot("2-refused")
    close_notifications()
    hands.press(widget, "Denoise a result all the same")
    hands.press(widget, "Run")
    wait(lambda: len(viewer.layers) == 3 and not widget.runner.busy)
    walk.shoot("2-again")
    print(f"a result again: {hands.choices} choices; {viewer.layers[-1].name}")
    check("(measured)" not in walk.text(widget), "a camera that was made up is not called measured")


def line_profile(walk: Walk) -> None:
    """Draw a line, drag it by the mouse."""
    hands, viewer = walk.hands, walk.viewer
    hands.start()
    hands.choose("Layers", "Measure", "Line profile")
    widget = docked(viewer, ProfileWidget)
    rest(FADED_IN)
    walk.shoot("3-no-line")
    hands.press(widget, "Draw a line")
    rest(FADED_IN)
    walk.shoot("3-line")
    layer = viewer.layers["profile line"]
    before = layer.data[0].copy()
    end = layer.data_to_world(before[-1])
    hands.drag(end, (end[-2] - 60, end[-1]), lambda: None)
    rest(FADED_IN)
    moved = layer.data[0] - before
    check(abs(moved[-1, -2] + 60) < 2, f"the line's end was dragged: {moved}")
    check(len(widget.profiles) >= 2, "layers are drawn")
    distance, value = widget.plot.canvas.labels[::-1]
    check(distance.startswith("distance ("), f"{distance}, {value}")
    walk.shoot("3-dragged")
    print(f"line profile: {hands.choices} choices, axes {value!r}, {distance!r}")
    viewer.window.remove_dock_widget(widget)


def compare(walk: Walk) -> None:
    """Compare methods, and drag the line of the swipe."""
    hands, viewer = walk.hands, walk.viewer
    hands.start()
    hands.choose("Layers", "Measure", "Compare methods")
    widget = docked(viewer, CompareWidget)
    rest(SETTLED)
    hands.pick(_layer_box(widget), "cells")
    walk.shoot("4-compare")
    hands.press(widget, "Compare the visible region")
    wait(lambda: not widget.runner.busy and widget.compared is not None)
    rest(FADED_IN)
    walk.shoot("4-grid")
    hands.press(widget, "Swipe")
    rest(SETTLED)
    mixed = widget.views.swipe.mixed
    middle = mixed.data_to_world((mixed.data.shape[-2] // 2, mixed.data.shape[-1] // 2))
    share = widget.views.swipe.share
    hands.drag(middle, (middle[-2], middle[-1] + 60), lambda: None)
    check(widget.views.swipe.share > share + 0.1, f"the line was dragged: {share}")
    walk.shoot("4-swipe")
    print(f"compare: {hands.choices} choices")
    viewer.window.remove_dock_widget(widget)
    clear(walk)


def unknown_stack(walk: Walk) -> None:
    """Eight planes, of which nobody says what they are."""
    hands, viewer = walk.hands, walk.viewer
    hands.start()
    hands.open_files(*OPEN, files=[walk.files / "embryo.tif"])
    wait(lambda: len(viewer.layers) == 1)
    widget = docked(viewer, DenoiseWidget)
    wait(lambda: not widget.source.question.busy)
    rest(FADED_IN)
    walk.shoot("5-question")
    check("8 planes are" in walk.text(widget), walk.text(widget))
    hands.press(widget, "Z")
    walk.shoot("5-answered")
    hands.press(widget, "Run")
    wait(lambda: widget.runner.busy)
    wait(lambda: "plane" in walk.text(widget) or not widget.runner.busy)
    walk.shoot("5-during", 0)
    wait(lambda: len(viewer.layers) == 2 and not widget.runner.busy)
    walk.shoot("5-clean")
    check(tuple(map(str, viewer.layers[-1].data.shape)) == ("8", "256", "256"), "all planes")
    print(f"stack: {hands.choices} choices; {viewer.layers[-1].name}")
    clear(walk)


def channels(walk: Walk) -> None:
    """Three channels, selected in the layer list."""
    hands, viewer = walk.hands, walk.viewer
    hands.start()
    hands.open_files(*OPEN, files=[walk.files / "three.ome.tif"], reader=PLUGIN)
    wait(lambda: len(viewer.layers) == 3)
    widget = docked(viewer, DenoiseWidget)
    names = [layer.name for layer in viewer.layers]
    hands.select_layers(names[0], names[-1])
    rest(FADED_IN)
    walk.shoot("6-channels")
    hands.press(widget, "Run on 3 selected layers")
    wait(lambda: len(viewer.layers) == 6 and not widget.runner.busy)
    walk.shoot("6-clean")
    print(f"channels: {hands.choices} choices; {[layer.name for layer in viewer.layers]}")
    check(all(str(layer.units[-1]) == "micrometer" for layer in viewer.layers), "in µm")
    clear(walk)


def files_tab(walk: Walk) -> None:
    """Denoise a folder of twenty files, one broken."""
    hands, viewer = walk.hands, walk.viewer
    widget = docked(viewer, DenoiseWidget)
    hands.start()
    hands.show_tab(widget, "Files")
    walk.shoot("7-empty")
    hands.press_to_name(widget, "Add folder…", [walk.files / "plate"])
    wait(lambda: len(widget.batch.files) == PLATE)
    walk.shoot("7-added")
    hands.press(widget, f"Run on {PLATE} files")
    wait(lambda: sum(file.state == "done" for file in widget.batch.files) > 3)
    walk.shoot("7-during", 0)
    wait(lambda: not widget.runner.busy)
    rest(FADED_IN)
    walk.shoot("7-done")
    check(widget.message.startswith(walk.finished), widget.message)
    check("well_07.tif" in widget.message, widget.message)
    hands.press_row(widget.findChild(QTableWidget), 0)
    hands.press(widget, "Open result")
    wait(lambda: len(viewer.layers) == 1)
    walk.shoot("7-opened")
    print(f"files: {hands.choices} choices")


def clear(walk: Walk) -> None:
    """Take all layers away, as before another image: select all, delete."""
    viewer = walk.viewer
    viewer.layers.select_all()
    viewer.layers.remove_selected()
    rest(SETTLED)
    check(not open_menus(), "no menu is left open")


def _layer_box(widget: Any) -> QComboBox:
    return widget.source.findChild(QComboBox)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
