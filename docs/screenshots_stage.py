"""What the scripts of pictures share: a window, time to settle, and checks of what is seen.

Imported before anything of napari, as it keeps napari from a user's own settings.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Any

os.environ["NAPARI_CONFIG"] = ""  # nobody's settings

import napari
import tifffile
from qtpy.QtWidgets import QApplication

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from gl_context import hold_context

hold_context()  # else napari 0.9.2 may crash under Xvfb

IMAGES = Path(__file__).parent / "images"
PLUGIN = "napari-photon-denoise"
SETTLED = 0.2  # s, in which a window is laid out and drawn
FADED_IN = 0.6  # s, after which a notification is opaque
# s; a loop without rest would keep Python's lock from the thread that works.
BREATH = 0.02
PLATE, BROKEN = 20, 7  # images, and which of them


def open_window(width: int = 1500, height: int = 950) -> Any:
    """Return a viewer with a window of a size, px."""
    viewer = napari.Viewer(show=False)
    viewer.window.show()
    viewer.window.resize(width, height)
    return viewer


def shooter(viewer: Any, folder: Path, prefix: str = "") -> Callable[..., None]:
    """Return a function that takes a picture by name, after a pause in seconds."""
    folder.mkdir(parents=True, exist_ok=True)

    def shoot(name: str, pause: float = SETTLED) -> None:
        rest(pause)
        viewer.window.screenshot(folder / f"{prefix}{name}.png", flash=False)

    return shoot


def docked(viewer: Any, kind: type[Any]) -> Any:
    """Return the widget of a kind that is open."""
    widgets = viewer.window.dock_widgets.values()
    return next(widget for widget in widgets if isinstance(widget, kind))


def write_plate(folder: Path, names: str, photograph: Callable[[], Any]) -> str:
    """Write the images of a plate, one of which is cut off; return what the dock says of them.

    Parameters
    ----------
    folder : Path
    names : str
        With a place for the number, such as "well_{:02}.tif".
    photograph : callable
        Returns an image.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, PLATE + 1):
        tifffile.imwrite(folder / names.format(number), photograph())
    broken = folder / names.format(BROKEN)
    broken.write_bytes(broken.read_bytes()[:-9000])
    return f"Finished: {PLATE - 1} of {PLATE} done, 1 failed."


def close_notifications() -> None:
    """Take away what an earlier step popped up."""
    for widget in QApplication.allWidgets():
        if type(widget).__name__ == "NapariQtNotification":
            widget.close()


def check(so: bool, what: str) -> None:
    """Stop where the screen does not show what it should."""
    if not so:
        sys.exit(f"not so: {what}")


def wait(done: Callable[[], bool], timeout: float = 300) -> None:
    """Let the window live until something is so."""
    end = monotonic() + timeout
    while not done():
        if monotonic() > end:
            sys.exit("the widget did not get there in time")
        QApplication.processEvents()
        sleep(BREATH)


def rest(seconds: float) -> None:
    """Let the window live for a while."""
    end = monotonic() + seconds
    while monotonic() < end:
        QApplication.processEvents()
        sleep(BREATH)
