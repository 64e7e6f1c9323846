"""One control for each kind of parameter, made from its declaration."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, log10
from pathlib import Path
from typing import Any

from magicgui.widgets import create_widget
from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
)

from napari_photon_denoise import models
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.parameters import (
    ChoiceParameter,
    NumberParameter,
    Parameter,
    SwitchParameter,
)
from napari_photon_denoise.widgets.parts.layout import button, narrow, small_print

MODELS = ".safetensors"
OWN_FILE = "A file of your own."


def add_box(layout: QFormLayout, parameter: Parameter, buttons: Sequence[QPushButton] = ()) -> Any:
    """Add the control of a parameter to a form.

    Parameters
    ----------
    layout : QFormLayout
    parameter : Parameter
    buttons : sequence of QPushButton
        What stands below a choice, besides the button for a file where one will do.

    Returns
    -------
    magicgui widget
        With `value`, `changed`, `enabled` and `native`; see also `show_value`.
    """
    name = parameter.name.replace("_", " ").capitalize()
    if isinstance(parameter, SwitchParameter):
        box = create_widget(value=parameter.default, annotation=bool, widget_type="CheckBox")
        box.native.setText(name)
        layout.addRow("", box.native)
        return box
    label = QLabel(name)
    if isinstance(parameter, NumberParameter):
        box = _number_box(parameter)
        layout.addRow(label, box.native)
    else:
        box = _choice_box(parameter)
        layout.addRow(label, _choice_rows(parameter, box, buttons))
        layout.addRow(_help_line(parameter, box))
    label.setBuddy(box.native)
    return box


def show_value(box: Any, parameter: Parameter, value: Any) -> None:
    """Show a value of a parameter; a file joins the options of its choice."""
    if isinstance(parameter, ChoiceParameter) and value not in parameter.options:
        _fill(box, parameter, value)
    box.value = value


def _number_box(parameter: NumberParameter) -> Any:
    """Spin box with the parameter's range, step, unit and help."""
    # magicgui's own choice for whole numbers has no suffix for the unit.
    box = create_widget(
        value=float(parameter.default),
        annotation=float,
        name=parameter.name,
        widget_type="FloatSpinBox",
        options={"min": parameter.ge, "max": parameter.le, "step": parameter.step},
    )
    # As many digits as the smallest value needs, which the step may not show.
    finest = min(value for value in (parameter.ge, parameter.step, 1) if value > 0)
    digits = max(1, ceil(-log10(finest))) if parameter.kind is float else 0
    box.native.setDecimals(digits)
    if parameter.unit:
        box.native.setSuffix(f" {parameter.unit}")
    return box


def _choice_box(parameter: ChoiceParameter) -> Any:
    """Combo box with the options, each with its help."""
    box = create_widget(
        value=parameter.default,
        annotation=str,
        name=parameter.name,
        widget_type="ComboBox",
        options={"choices": _choices(parameter, "")},
    )
    combo = box.native
    narrow(combo)
    combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    _explain(combo, parameter)
    if parameter.suffix == MODELS:
        combo.installEventFilter(_Lister(box, parameter))
    return box


def _choice_rows(
    parameter: ChoiceParameter, box: Any, buttons: Sequence[QPushButton]
) -> QVBoxLayout:
    """Combo box, and below it its buttons."""
    rows, row = QVBoxLayout(), QHBoxLayout()
    rows.addWidget(box.native)
    if parameter.suffix:
        tip = f"Choose a {parameter.suffix} file instead."
        buttons = (button("File…", tip, lambda: _choose_file(parameter, box)), *buttons)
    for one in buttons:
        row.addWidget(one)
    if buttons:
        rows.addLayout(row)
    return rows


def _help_line(parameter: ChoiceParameter, box: Any) -> QLabel:
    """Help of what is chosen, in sight."""
    label = small_print()

    def show() -> None:
        own = _own_model(box.value) if parameter.suffix == MODELS else OWN_FILE
        label.setText(parameter.options.get(box.value, own))
        label.setToolTip(box.value)

    box.changed.connect(show)
    show()
    return label


def _choose_file(parameter: ChoiceParameter, box: Any) -> None:
    title = parameter.name.replace("_", " ").capitalize()
    folder = "" if box.value in parameter.options else str(Path(box.value).parent)
    path, _ = QFileDialog.getOpenFileName(
        box.native, title, folder, f"{title} (*{parameter.suffix})"
    )
    if path:
        show_value(box, parameter, path)


class _Lister(QObject):  # type: ignore[misc]  # Qt comes without types
    """Lists the user's own models anew before a box is opened: one may have been saved meanwhile.

    Parameters
    ----------
    box : magicgui ComboBox
    parameter : ChoiceParameter
    """

    def __init__(self, box: Any, parameter: ChoiceParameter) -> None:
        super().__init__(box.native)
        self._box, self._parameter = box, parameter
        self._listed = models.own_models()

    def eventFilter(self, _combo: QObject, event: QEvent) -> bool:
        """Look into the folder when the mouse or the keyboard comes to the box."""
        if event.type() in (QEvent.Type.Enter, QEvent.Type.FocusIn):
            found = models.own_models()
            if found != self._listed:
                self._listed = found
                _fill(self._box, self._parameter, self._box.value)
        return False


def _fill(box: Any, parameter: ChoiceParameter, value: str) -> None:
    """List what there is to choose, a value among it; the choice stays."""
    box.choices = _choices(parameter, value)
    _explain(box.native, parameter)


def _explain(combo: QComboBox, parameter: ChoiceParameter) -> None:
    """Give each option its help, and each file its path."""
    for at in range(combo.count()):
        value = combo.itemData(at)
        text = parameter.options.get(value, value)
        combo.setItemData(at, text, Qt.ItemDataRole.ToolTipRole)


def _choices(parameter: ChoiceParameter, file: str) -> Callable[[Any], list[tuple[str, str]]]:
    """Return what a combo box shows; a function, since magicgui asks again when it is docked."""

    def shown(_box: object) -> list[tuple[str, str]]:
        own = models.own_models() if parameter.suffix == MODELS else {}
        found = {name: name for name in parameter.options}
        found |= {str(path): f"{name} (own)" for name, path in own.items()}
        if file:
            found.setdefault(file, _short(file))
        return [(name, value) for value, name in found.items()]

    return shown


def _own_model(file: str) -> str:
    """Say of a model what its file says of itself."""
    path = Path(file)
    try:
        finished = str(models.describe(path)["facts"].get("finished", ""))
    except PhotonDenoiseError:
        return OWN_FILE
    where = "Your own model" if path.parent == models.own_folder() else "A model from a file"
    return f"{where}, trained on {finished[:10]}." if finished else f"{where}."


def _short(file: str) -> str:
    """Name of a file, and of its folder, by which files of one name differ."""
    path = Path(file)
    return f"{path.stem} ({path.parent.name})"
