"""A user's hands: mouse and keys on what is on the screen, every click of which is counted.

Nothing is called that a user can't reach: menus are opened by their titles, buttons are found by
their texts and pressed only where they are seen, names are typed into Qt's own file dialog, and
the canvas gets the mouse where the image's pixels lie.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from qtpy.QtCore import QPoint, Qt, QTimer
from qtpy.QtTest import QTest
from qtpy.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QTabBar,
    QTableWidget,
    QWidget,
)
from screenshots_stage import check, rest, wait

LEFT = Qt.MouseButton.LeftButton
NO_KEY = Qt.KeyboardModifier.NoModifier
BLINK = 0.15  # s, after which what was clicked has opened
STEPS = 12  # of a drag
TRIES = 60  # of `BLINK`: until a dialog is there


class Hands:
    """Mouse and keyboard.

    Parameters
    ----------
    viewer : napari.Viewer
    """

    def __init__(self, viewer: Any) -> None:
        self._window = viewer.window._qt_window  # noqa: SLF001  # napari has no other way to it
        self._canvas = viewer.window._qt_viewer.canvas  # noqa: SLF001
        self._list = viewer.window._qt_viewer.layers  # noqa: SLF001
        self._viewer = viewer
        self.choices = 0
        """Menu entries chosen, and buttons pressed."""
        self.presses = 0
        """Presses of the mouse, those that open menus and belong to a file dialog as well."""

    def start(self) -> None:
        """Count anew."""
        self.choices = self.presses = 0

    def choose(self, *titles: str) -> None:
        """Choose an entry of the window's menus; the whole way counts as one choice."""
        bar, self.choices = self._window.menuBar(), self.choices + 1
        action = _entry(bar.actions(), titles[0])
        self._press(bar, bar.actionGeometry(action).center())
        menu = action.menu()
        for title in titles[1:]:
            wait(menu.isVisible)
            action = _entry(menu.actions(), title)
            check(action.isEnabled(), f"'{title}' can be chosen")
            self._press(menu, menu.actionGeometry(action).center())
            menu = action.menu()

    def open_files(self, *titles: str, files: Sequence[Path], reader: str = "") -> None:
        """Choose an entry that asks for files or a folder, and name them.

        Where napari knows several readers it asks for one, and takes the one named here.
        """
        self._name_in_dialog(files)
        if reader:
            self._answer(reader)
        self.choose(*titles)
        rest(BLINK)

    def press(self, inside: QWidget, text: str) -> None:
        """Press a button that is seen, by its text."""
        self.press_on(find_button(inside, text))

    def press_on(self, button: QWidget) -> None:
        """Press something."""
        check(button.isEnabled(), f"{button} can be pressed")
        self.choices += 1
        place = QPoint(12, button.height() // 2)  # where a box has its tick
        self._press(button, place)

    def press_to_name(self, inside: QWidget, text: str, files: Sequence[Path]) -> None:
        """Press a button that asks for files or a folder, and name them."""
        self._name_in_dialog(files)
        self.press(inside, text)
        rest(BLINK)

    def pick(self, combo: QComboBox, text: str) -> None:
        """Pick an entry of a choice: a click to open it, keys to get there."""
        self.choices += 1
        self._press(combo, combo.rect().center())
        view = combo.view()
        wait(view.isVisible)
        # Sooner, Qt takes the click for the second half of a double one.
        rest(QApplication.doubleClickInterval() / 1000 + BLINK)
        index = view.model().index(_number(combo, text), 0)
        view.scrollTo(index)
        self._press(view.viewport(), view.visualRect(index).center())
        check(combo.currentText() == text, f"{combo.currentText()} is picked, not {text}")

    def show_tab(self, inside: QWidget, text: str) -> None:
        """Bring a tab to the front."""
        bar = inside.findChild(QTabBar)
        titles = [bar.tabText(number) for number in range(bar.count())]
        self.choices += 1
        self._press(bar, bar.tabRect(titles.index(text)).center())

    def press_row(self, table: QTableWidget, row: int) -> None:
        """Select a row of a table."""
        table.scrollToItem(table.item(row, 0))
        self.choices += 1
        self._press(table.viewport(), table.visualItemRect(table.item(row, 0)).center())

    def select_layers(self, first: str, last: str) -> None:
        """Select layers in napari's list: a click on one, and one with Shift on another."""
        view = self._list
        for name, key in ((first, NO_KEY), (last, Qt.KeyboardModifier.ShiftModifier)):
            model = view.model()
            rows = [model.index(row, 0) for row in range(model.rowCount())]
            index = next(at for at in rows if at.data() == name)
            rect = view.visualRect(index)
            self._press(view.viewport(), rect.center(), key)

    def drag(self, start: Sequence[float], end: Sequence[float], pause: Callable[[], None]) -> None:
        """Drag on the canvas between two places, y and x in the viewer's coordinates.

        Parameters
        ----------
        start, end : sequence of float
        pause : callable
            Called half way, with the button held.
        """
        canvas = self._canvas.native
        begin, finish = self._on_canvas(start), self._on_canvas(end)
        self.presses += 1
        QTest.mouseMove(canvas, begin)
        rest(BLINK)
        QTest.mousePress(canvas, LEFT, NO_KEY, begin)
        for step in range(1, STEPS + 1):
            QTest.mouseMove(canvas, begin + (finish - begin) * step / STEPS)
            rest(0.02)
            if step == STEPS // 2:
                pause()
        QTest.mouseRelease(canvas, LEFT, NO_KEY, finish)
        rest(BLINK)

    def key(self, key: Any) -> None:
        """Press a key on the canvas."""
        QTest.keyClick(self._canvas.native, key)
        rest(BLINK)

    def _on_canvas(self, world: Sequence[float]) -> QPoint:
        """Return where on the canvas a place of the image lies."""
        camera, (width, height) = self._viewer.scene.camera, self._canvas.size[::-1]
        y, x = (
            (place - middle) * camera.zoom
            for place, middle in zip(world, camera.center[-2:], strict=True)
        )
        place = QPoint(round(x + width / 2), round(y + height / 2))
        check(self._canvas.native.rect().contains(place), f"{world} is on the screen")
        return place

    def _press(self, widget: QWidget, place: QPoint, key: Any = NO_KEY) -> None:
        check(widget.isVisible(), f"{widget} is seen")
        self.presses += 1
        QTest.mouseMove(widget, place)
        QTest.mouseClick(widget, LEFT, key, place)
        rest(BLINK)

    def _name_in_dialog(self, files: Sequence[Path]) -> None:
        """Type names into the file dialog that comes, and accept it.

        The dialog keeps all else waiting, so a clock looks for it.
        """
        names = str(files[0]) if len(files) == 1 else " ".join(f'"{file}"' for file in files)
        self._meet(QFileDialog, lambda dialog: _accept(dialog, names))

    def _answer(self, text: str) -> None:
        """Choose an answer of a dialog that comes, and agree."""

        def answer(dialog: QDialog) -> None:
            button = find_button(dialog, text)
            QTest.mouseClick(button, LEFT, NO_KEY, QPoint(12, button.height() // 2))
            box = dialog.findChild(QDialogButtonBox)
            self.presses, self.choices = self.presses + 1, self.choices + 1
            QTest.mouseClick(box.button(QDialogButtonBox.StandardButton.Ok), LEFT)

        self._meet(QDialog, answer, (QFileDialog,))

    def _meet(
        self,
        kind: type[QDialog],
        answer: Callable[[Any], None],
        but: tuple[type[QDialog], ...] = (),
    ) -> None:
        """Wait for a dialog that keeps all else waiting, and answer it once it is laid out."""
        clock, tries = QTimer(self._window), iter(range(TRIES))
        met: list[QDialog] = []

        def look() -> None:
            dialog = QApplication.activeModalWidget()
            if isinstance(dialog, kind) and not isinstance(dialog, but) and dialog.isVisible():
                if dialog in met:  # a blink ago
                    answer(dialog)
                met.append(dialog)
            elif met or next(tries, None) is None:
                clock.stop()

        self.presses += 1
        clock.timeout.connect(look)
        clock.start(int(1000 * BLINK))


def _accept(dialog: QFileDialog, names: str) -> None:
    """Type names into a file dialog and press what accepts them."""
    field = dialog.findChild(QLineEdit, "fileNameEdit")
    field.selectAll()
    QTest.keyClicks(field, names)
    completer = field.completer()
    if completer is not None:
        completer.popup().hide()  # which else takes the click for its own
    box, accepts = dialog.findChild(QDialogButtonBox), QDialogButtonBox.ButtonRole.AcceptRole
    QTest.mouseClick(next(one for one in box.buttons() if box.buttonRole(one) == accepts), LEFT)


def find_button(inside: QWidget, text: str) -> QAbstractButton:
    """Return the button with a text that is seen; without its key."""
    found = [
        one
        for one in inside.findChildren(QAbstractButton)
        if one.isVisible() and one.text().replace("&", "") == text
    ]
    check(len(found) == 1, f"there is one button '{text}', not {len(found)}")
    return found[0]


def seen_texts(inside: QWidget) -> str:
    """Return all that labels say."""
    labels = [one for one in inside.findChildren(QLabel) if one.isVisible()]
    return "\n".join(filter(None, (label.text() for label in labels)))


def _entry(actions: Sequence[Any], title: str) -> Any:
    """Return the entry of a menu whose title, without key and plugin, is this."""
    named = {_plain(action.text()): action for action in actions}
    check(title in named, f"'{title}' is among {list(named)}")
    return named[title]


def _plain(text: str) -> str:
    return text.replace("&", "").partition(" (napari-")[0].rstrip(".")


def _number(combo: QComboBox, text: str) -> int:
    number = combo.findText(text)
    check(number >= 0, f"'{text}' can be picked")
    return number


def open_menus() -> list[QMenu]:
    """Return the menus that are open, of which there should be none when a choice is made."""
    windows = QApplication.topLevelWidgets()
    return [one for one in windows if isinstance(one, QMenu) and one.isVisible()]
