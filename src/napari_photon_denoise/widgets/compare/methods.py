"""The methods to compare: a list to tick, each with its parameters."""

from __future__ import annotations

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_photon_denoise.denoisers import METHODS, AnyMethod
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.evaluation.methods import name_of
from napari_photon_denoise.evaluation.methods.job import MOST_FOLDS
from napari_photon_denoise.widgets.parts.form import MethodForm

HEIGHT = 120  # px: six methods; more can be scrolled to
METHOD = Qt.ItemDataRole.UserRole


def says_learns(method: AnyMethod) -> str:
    """Say what to do with a method that learns: here it would learn anew for every fold."""
    return (
        f"{name_of(method)} would have to learn up to {MOST_FOLDS + 1} times here, for minutes "
        "each: let it learn once in Learn to denoise, apply it there, and tick its result under "
        "“Images that are finished already”."
    )


class MethodList(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Methods to tick; the same one may be there several times, with other parameters."""

    valueChanged = Signal()
    refused = Signal(str)
    """Why a value can't be."""
    cardAsked = Signal(object)
    """The user wants to read about a network; brings its method."""

    def __init__(self) -> None:
        super().__init__()
        self._form: MethodForm[AnyMethod] | None = None
        self._edited: QListWidgetItem | None = None
        self._list = QListWidget()
        self._list.setFixedHeight(HEIGHT)
        self._list.setAccessibleName("Methods to compare")
        self._list.setToolTip("Tick the methods to run. Edit shows the parameters of one.")
        self._frame = QFrame()
        self._frame.setLayout(QVBoxLayout())
        self._frame.hide()
        self._build()
        for method in METHODS.values():
            if not method().learns:
                self._append(method())
        self._list.setCurrentRow(0)
        self._list.itemChanged.connect(self._on_item)
        self._list.currentItemChanged.connect(self._on_current)

    def value(self) -> list[AnyMethod]:
        """Return the ticked methods with their parameters."""
        ticked = Qt.CheckState.Checked
        return [item.data(METHOD) for item in self._items() if item.checkState() == ticked]

    def named(self) -> dict[str, AnyMethod]:
        """Return the ticked methods by their names.

        Raises
        ------
        PhotonDenoiseError
            If one is there twice, or learns first.
        """
        methods: dict[str, AnyMethod] = {}
        for method in self.value():
            if method.learns:
                raise PhotonDenoiseError(says_learns(method))
            name = name_of(method)
            if name in methods:
                raise PhotonDenoiseError(
                    f"{name} is ticked twice with the same parameters: edit or untick one."
                )
            methods[name] = method
        return methods

    def setValue(self, methods: list[AnyMethod]) -> None:
        """List these methods and no others, all ticked."""
        self._show_form(None)
        self._list.clear()
        for method in methods:
            self._append(method)
        self._list.setCurrentRow(0)
        self.valueChanged.emit()

    def choose(self, row: int) -> None:
        """Choose a method by its place in the list."""
        self._list.setCurrentRow(row)

    def add(self, key: str) -> None:
        """Add a method with its default parameters, and show them; none that learns."""
        method = METHODS[key]()
        if method.learns:
            self.refused.emit(says_learns(method))
            return
        item = self._append(method)
        self._list.setCurrentItem(item)
        self.edit(True)
        self.valueChanged.emit()

    def remove(self) -> None:
        """Take the current method from the list."""
        self._show_form(None)
        self._list.takeItem(self._list.currentRow())
        self._edit.setChecked(False)
        self.valueChanged.emit()

    def edit(self, on: bool) -> None:
        """Show the parameters of the current method, or hide them."""
        self._edit.setChecked(on)
        self._show_form(self._list.currentItem() if on else None)

    @property
    def form(self) -> MethodForm[AnyMethod] | None:
        """The parameters that are shown, if any."""
        return self._form

    def _build(self) -> None:
        menu = QMenu(self)
        for key, method in METHODS.items():
            menu.addAction(method.title, lambda key=key: self.add(key))
        add = QPushButton("Add")
        add.setMenu(menu)
        add.setToolTip("Add a method; one that is there already, to try other parameters.")
        self._edit = QPushButton("Edit")
        self._edit.setCheckable(True)
        self._edit.setToolTip("Show the parameters of the chosen method.")
        self._edit.clicked.connect(self.edit)
        remove = QPushButton("Remove")
        remove.setToolTip("Take the chosen method from the list.")
        remove.clicked.connect(self.remove)
        buttons = QHBoxLayout()
        for button in (add, self._edit, remove):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._list)
        layout.addLayout(buttons)
        layout.addWidget(self._frame)

    def _items(self) -> list[QListWidgetItem]:
        return [self._list.item(row) for row in range(self._list.count())]

    def _append(self, method: AnyMethod) -> QListWidgetItem:
        item = QListWidgetItem()
        self._put(item, method)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Checked)
        self._list.addItem(item)
        return item

    def _put(self, item: QListWidgetItem, method: AnyMethod) -> None:
        item.setData(METHOD, method)
        item.setText(name_of(method))
        item.setToolTip(name_of(method))

    def _show_form(self, item: QListWidgetItem | None) -> None:
        """Show the form of an item in the frame; none hides it."""
        layout = self._frame.layout()
        while layout.count():
            layout.takeAt(0).widget().deleteLater()
        self._form, self._edited = None, item
        self._frame.setVisible(item is not None)
        self.updateGeometry()
        if item is None:
            return
        method = item.data(METHOD)
        self._form = MethodForm(type(method))
        self._form.setValue(method)
        self._form.valueChanged.connect(self._on_form)
        self._form.cardAsked.connect(self._on_card)
        layout.addWidget(QLabel(f"Parameters of {method.title}"))
        layout.addWidget(self._form)

    def _on_form(self) -> None:
        if self._form is None or self._edited is None:
            return
        try:
            method = self._form.value()
        except PhotonDenoiseError as error:
            self.refused.emit(str(error))
            return
        self._put(self._edited, method)

    def _on_card(self) -> None:
        if self._edited is not None:
            self.cardAsked.emit(self._edited.data(METHOD))

    def _on_item(self) -> None:
        self.valueChanged.emit()

    def _on_current(self, item: QListWidgetItem | None) -> None:
        if self._edit.isChecked():
            self._show_form(item)
