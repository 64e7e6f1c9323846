"""One control for each kind of parameter, made from its declaration."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, log10
from pathlib import Path
from typing import Any

from magicgui.widgets import create_widget
from qtpy.QtCore import Qt
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

from napari_photon_denoise.denoisers.parameters import (
    ChoiceParameter,
    NumberParameter,
    Parameter,
    SwitchParameter,
)

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
        box.choices = _choices(parameter, value)
        box.native.setItemData(box.native.findData(value), value, Qt.ItemDataRole.ToolTipRole)
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
        options={"choices": list(parameter.options)},
    )
    combo = box.native
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    for at, text in enumerate(parameter.options.values()):
        combo.setItemData(at, text, Qt.ItemDataRole.ToolTipRole)
    return box


def _choice_rows(
    parameter: ChoiceParameter, box: Any, buttons: Sequence[QPushButton]
) -> QVBoxLayout:
    """Combo box, and below it its buttons."""
    rows, row = QVBoxLayout(), QHBoxLayout()
    rows.addWidget(box.native)
    if parameter.suffix:
        file = QPushButton("File…")
        file.setToolTip(f"Choose a {parameter.suffix} file instead.")
        file.clicked.connect(lambda: _choose_file(parameter, box))
        buttons = (file, *buttons)
    for button in buttons:
        row.addWidget(button)
    if buttons:
        rows.addLayout(row)
    return rows


def _help_line(parameter: ChoiceParameter, box: Any) -> QLabel:
    """Help of what is chosen, in sight."""
    label = small_print()

    def show() -> None:
        label.setText(parameter.options.get(box.value, OWN_FILE))
        label.setToolTip(box.value)

    box.changed.connect(show)
    show()
    return label


def small_print(text: str = "") -> QLabel:
    """Label that wraps, and never asks for more width than there is."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    policy.setHeightForWidth(True)
    label.setSizePolicy(policy)
    return label


def _choose_file(parameter: ChoiceParameter, box: Any) -> None:
    title = parameter.name.replace("_", " ").capitalize()
    folder = "" if box.value in parameter.options else str(Path(box.value).parent)
    path, _ = QFileDialog.getOpenFileName(
        box.native, title, folder, f"{title} (*{parameter.suffix})"
    )
    if path:
        show_value(box, parameter, path)


def _choices(parameter: ChoiceParameter, file: str) -> Callable[[Any], list[tuple[str, str]]]:
    """Return what a combo box shows; a function, since magicgui asks again when it is docked."""
    shown = [*((name, name) for name in parameter.options), (_short(file), file)]
    return lambda _box: shown


def _short(file: str) -> str:
    """Name of a file, and of its folder, by which files of one name differ."""
    path = Path(file)
    return f"{path.stem} ({path.parent.name})"
