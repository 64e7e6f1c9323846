"""One control for each kind of parameter, made from its declaration."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
from napari_photon_denoise.parameter_kinds import (
    ChoiceParameter,
    NumberParameter,
    Parameter,
    SwitchParameter,
)
from napari_photon_denoise.parameters import Declared
from napari_photon_denoise.widgets.parts.layout import button, narrow, small_print
from napari_photon_denoise.words import unit_for

MODELS = ".safetensors"
OWN_FILE = "A file of your own."
NONE = "none"  # of a number that need not be said
AUTOMATIC = "chosen by the rest"
ACRONYMS = {"em": "EM", "psf": "PSF"}


class Boxes:
    """The controls of parameters in a form, by name; magicgui widgets.

    Parameters
    ----------
    layout : QFormLayout
        Gets a row for each.
    parameters : sequence of Parameter
    changed : callable, optional
        Called when any of them changes.
    buttons : mapping of str to sequence of QPushButton, optional
        What stands below a choice, besides the button for a file where one will do.
    unit_in_label : bool
        For numbers of many digits, which leave no room for a unit in a narrow dock.
    """

    def __init__(
        self,
        layout: QFormLayout,
        parameters: Sequence[Parameter],
        changed: Callable[[], object] = lambda: None,
        buttons: Mapping[str, Sequence[QPushButton]] | None = None,
        *,
        unit_in_label: bool = False,
    ) -> None:
        self._parameters = {part.name: part for part in parameters}
        self._boxes: dict[str, Any] = {}
        for name, part in self._parameters.items():
            self._boxes[name] = _add_box(layout, part, (buttons or {}).get(name, ()))
            self._boxes[name].changed.connect(lambda: changed())
            if not isinstance(part, NumberParameter) or not part.unit:
                continue
            if unit_in_label:
                label = layout.labelForField(self._boxes[name].native)
                label.setText(f"{_title(part)}, {part.unit}")
            else:
                _show_unit(self._boxes[name], part.unit)

    def __getitem__(self, name: str) -> Any:
        """One control, with `value`, `enabled` and `native`."""
        return self._boxes[name]

    def value(self) -> dict[str, Any]:
        """Return what is shown; what is greyed out has its default."""
        return {
            name: _value_of(box, self._parameters[name])
            if box.enabled
            else self._parameters[name].default
            for name, box in self._boxes.items()
        }

    def setValue(self, declared: Declared) -> None:
        """Show the values of a declaration."""
        for name, part in self._parameters.items():
            _show_value(self._boxes[name], part, getattr(declared, name))


def _add_box(layout: QFormLayout, parameter: Parameter, buttons: Sequence[QPushButton]) -> Any:
    """Add a row for a parameter, and return its control."""
    label = QLabel(_title(parameter))
    if isinstance(parameter, SwitchParameter):
        box = create_widget(value=parameter.default, annotation=bool, widget_type="CheckBox")
        box.native.setText(_title(parameter))
        layout.addRow("", box.native)
    elif isinstance(parameter, NumberParameter):
        box = _row_box(parameter) if parameter.row else _number_box(parameter)
        layout.addRow(label, box.native)
    else:
        box = _choice_box(parameter)
        layout.addRow(label, _choice_rows(parameter, box, buttons))
        layout.addRow(_help_line(parameter, box))
    label.setBuddy(box.native)
    box.native.setToolTip(parameter.text)
    return box


def _title(parameter: Parameter) -> str:
    """Return what a form calls a parameter."""
    if isinstance(parameter, SwitchParameter) and parameter.label:
        return parameter.label
    words = " ".join(ACRONYMS.get(word, word) for word in parameter.name.split("_"))
    return words[:1].upper() + words[1:]


def _value_of(box: Any, parameter: Parameter) -> Any:
    """Return what a box shows; None for a number that is not said."""
    if isinstance(parameter, SwitchParameter) or parameter.default is not None:
        return box.value
    if isinstance(parameter, ChoiceParameter):
        return box.value or None
    if parameter.row:
        return box.value.split() or None
    return None if box.value < parameter.ge else box.value


def _show_value(box: Any, parameter: Parameter, value: Any) -> None:
    """Show a value of a parameter; a file joins the options of its choice."""
    if isinstance(parameter, ChoiceParameter):
        value = value or ""
        if value not in _options(parameter):
            _fill(box, parameter, value)
    elif isinstance(parameter, NumberParameter) and parameter.row:
        value = " ".join(map(str, value or ()))
    box.value = box.min if value is None else value


def _number_box(parameter: NumberParameter) -> Any:
    """Spin box with the parameter's range, step and unit; one step below the range is None."""
    optional = parameter.default is None
    low = parameter.ge - parameter.step if optional else parameter.ge
    # magicgui's own choice for whole numbers has no suffix for the unit.
    box = create_widget(
        value=float(low if parameter.default is None else parameter.default),
        annotation=float,
        name=parameter.name,
        widget_type="FloatSpinBox",
        options={"min": low, "max": parameter.le, "step": parameter.step},
    )
    box.native.setDecimals(_digits(parameter))
    if optional:
        box.native.setSpecialValueText(parameter.chosen or NONE)
    return box


def _show_unit(box: Any, unit: str) -> None:
    """Say the unit behind the number, in the plural or not as the number goes."""

    def say(value: float) -> None:
        box.native.setSuffix(f" {unit_for(value, unit)}")

    box.changed.connect(say)
    say(box.value)


def _row_box(parameter: NumberParameter) -> Any:
    """Line of numbers; an empty one is None."""
    box = create_widget(value="", annotation=str, name=parameter.name, widget_type="LineEdit")
    box.native.setPlaceholderText(parameter.default_text)
    return box


def _digits(parameter: NumberParameter) -> int:
    """Decimals: as declared, or as many as the smallest value needs; the step may hide it."""
    if parameter.kind is int or parameter.digits is not None:
        return parameter.digits or 0
    finest = min(value for value in (parameter.ge, parameter.step, 1) if value > 0)
    return max(1, ceil(-log10(finest)))


def _choice_box(parameter: ChoiceParameter) -> Any:
    """Combo box with the options, each with its help."""
    box = create_widget(
        value=parameter.default or "",
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
        text = _options(parameter).get(box.value)
        if text is None:
            text = _own_model(box.value) if parameter.suffix == MODELS else OWN_FILE
        label.setText(text)
        label.setToolTip(box.value)

    box.changed.connect(show)
    show()
    return label


def _choose_file(parameter: ChoiceParameter, box: Any) -> None:
    title = _title(parameter)
    folder = "" if box.value in _options(parameter) else str(Path(box.value).parent)
    path, _ = QFileDialog.getOpenFileName(
        box.native, title, folder, f"{title} (*{parameter.suffix})"
    )
    if path:
        _show_value(box, parameter, path)


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
        text = _options(parameter).get(value, value)
        combo.setItemData(at, text, Qt.ItemDataRole.ToolTipRole)


def _options(parameter: ChoiceParameter) -> dict[str, str]:
    """Return what can be chosen, with help; "" stands for None."""
    none = {"": f"{parameter.chosen}."} if parameter.default is None else {}
    return none | dict(parameter.options)


def _choices(parameter: ChoiceParameter, file: str) -> Callable[[Any], list[tuple[str, str]]]:
    """Return what a combo box shows; a function, since magicgui asks again when it is docked."""

    def shown(_box: object) -> list[tuple[str, str]]:
        own = models.own_models() if parameter.suffix == MODELS else {}
        found = {name: name or AUTOMATIC for name in _options(parameter)}
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
