"""Save a table or a picture of a plot, after asking where."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from qtpy.QtCore import QRectF, QSize
from qtpy.QtGui import QColor, QImage, QPainter
from qtpy.QtSvg import QSvgGenerator
from qtpy.QtWidgets import QFileDialog, QWidget

from napari_photon_denoise.errors import PhotonDenoiseError

PICTURE_WIDTH = 1600  # px
PICTURES = "Picture (*.png);;Vector picture (*.svg)"
PAPER, INK = "#ffffff", "#000000"


def save_table(parent: QWidget, title: str, name: str, text: str) -> Path | None:
    """Ask for a name and write a table as CSV.

    Parameters
    ----------
    parent : QWidget
    title, name : str
        Of the dialog, and the file that it proposes.
    text : str

    Returns
    -------
    Path or None
        None if the user does not want to.

    Raises
    ------
    PhotonDenoiseError
        If the file can't be written.
    """
    chosen, _ = QFileDialog.getSaveFileName(parent, title, name, "Table (*.csv)")
    if not chosen:
        return None
    path = _with_ending(Path(chosen), (".csv",))
    # With a mark at its beginning, by which spreadsheets know that µ is µ.
    return _write(path, lambda: path.write_text(text, encoding="utf-8-sig"))


def save_picture(
    parent: QWidget,
    title: str,
    name: str,
    canvas: Any,
    on_paper: Callable[[], AbstractContextManager[None]],
) -> Path | None:
    """Ask for a name and draw a plot as PNG or SVG, black on white.

    Parameters
    ----------
    parent : QWidget
    title, name : str
        Of the dialog, and the file that it proposes.
    canvas : pyqtgraph.GraphicsLayoutWidget
    on_paper : callable
        Draws the plot in black as long as its context lasts.

    Returns
    -------
    Path or None
        None if the user does not want to.

    Raises
    ------
    PhotonDenoiseError
        If the file can't be written.
    """
    chosen, kind = QFileDialog.getSaveFileName(parent, title, name, PICTURES)
    if not chosen:
        return None
    endings = (".svg", ".png") if "svg" in kind else (".png", ".svg")
    path = _with_ending(Path(chosen), endings)
    vector = path.suffix.lower() == ".svg"

    def draw() -> None:
        with on_paper():
            written = (_paint_svg if vector else _paint_png)(canvas, path)
        if not written:  # Qt does not say why
            raise OSError(0, "it could not be opened")

    return _write(path, draw)


def _paint_png(canvas: Any, path: Path) -> bool:
    """Paint a plot larger than on the screen, for print."""
    seen = canvas.ci.sceneBoundingRect()
    scale = PICTURE_WIDTH / seen.width()
    image = QImage(PICTURE_WIDTH, round(seen.height() * scale), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)  # texts grow with the lines
    image.fill(QColor(PAPER))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    canvas.scene().render(painter, QRectF(0, 0, seen.width(), seen.height()), seen)
    painter.end()
    return bool(image.save(str(path), "PNG"))


def _paint_svg(canvas: Any, path: Path) -> bool:
    """Paint a plot as lines and text, which can be edited."""
    seen = canvas.ci.sceneBoundingRect()
    target = QRectF(0, 0, seen.width(), seen.height())
    generator = QSvgGenerator()
    generator.setFileName(str(path))
    generator.setSize(QSize(round(seen.width()), round(seen.height())))
    generator.setViewBox(target)
    painter = QPainter()
    if not painter.begin(generator):
        return False
    painter.fillRect(target, QColor(PAPER))
    canvas.scene().render(painter, target, seen)
    return bool(painter.end())


def _with_ending(path: Path, endings: tuple[str, ...]) -> Path:
    """Return the path with the first ending, unless it has one."""
    if path.suffix.lower() in endings:
        return path
    renamed = path.with_name(path.name + endings[0])
    if renamed.exists():  # the dialog has asked about another name
        raise PhotonDenoiseError(f"{renamed} exists already: choose another name.")
    return renamed


def _write(path: Path, write: Callable[[], object]) -> Path:
    try:
        write()
    except OSError as error:
        raise PhotonDenoiseError(
            f"{path} can't be written ({error.strerror or error}): choose another folder."
        ) from None
    return path
