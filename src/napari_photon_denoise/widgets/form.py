"""The choice of a method, and its form, made from the declaration of its parameters."""

from __future__ import annotations

from math import ceil, log10
from typing import Any

from magicgui.widgets import create_widget
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QComboBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from napari_photon_denoise.denoisers import METHODS, AnyMethod
from napari_photon_denoise.denoisers.parameters import Parameter, declared_parameters
from napari_photon_denoise.widgets.pages import Pages

NO_Z = "The image has no Z axis (see Axes above)."


class MethodForm(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Spin boxes for a method's parameters; a new parameter needs nothing here.

    Parameters
    ----------
    method : type of Method
    """

    valueChanged = Signal()

    def __init__(self, method: type[AnyMethod]) -> None:
        super().__init__()
        self._method = method
        self._parameters = declared_parameters(method)
        self._boxes: dict[str, Any] = {}
        layout = QFormLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        for parameter in self._parameters:
            box = _make_box(parameter)
            box.changed.connect(self._emit)
            self._boxes[parameter.name] = box
            label = QLabel(parameter.name.replace("_", " ").capitalize())
            label.setBuddy(box.native)
            layout.addRow(label, box.native)
        self.set_has_z(True)

    def value(self) -> AnyMethod:
        """Return the method with the values of the form; what is greyed out has its default.

        Raises
        ------
        PhotonDenoiseError
            If a value can't be, such as an even window that was typed in.
        """
        return self._method(
            **{
                parameter.name: parameter.kind(self._boxes[parameter.name].value)
                if self._boxes[parameter.name].enabled
                else parameter.default
                for parameter in self._parameters
            }
        )

    def setValue(self, denoiser: AnyMethod) -> None:
        """Show the values of a method; one signal for all of them."""
        self.blockSignals(True)
        for name, box in self._boxes.items():
            box.value = getattr(denoiser, name)
        self.blockSignals(False)
        self._emit()

    def set_has_z(self, has_z: bool) -> None:
        """Grey out what acts across planes where the image has none."""
        for parameter in self._parameters:
            box = self._boxes[parameter.name]
            across = parameter.unit == "planes"
            box.enabled = has_z or not across
            box.native.setToolTip(parameter.text if box.enabled else f"{parameter.text}\n{NO_Z}")

    def _emit(self) -> None:
        self.valueChanged.emit()


class MethodPicker(QWidget):  # type: ignore[misc]  # Qt comes without types
    """All methods, and the form of the chosen one; each keeps its values."""

    valueChanged = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._method = QComboBox()
        self._method.setAccessibleName("Method")
        self._method.setToolTip("How structure is told from noise.")
        self._pages = Pages()
        self._forms: list[MethodForm] = [MethodForm(method) for method in METHODS.values()]
        for (key, method), form in zip(METHODS.items(), self._forms, strict=True):
            form.valueChanged.connect(self._emit)
            self._method.addItem(method.title, key)
            self._pages.add(form)
        self._method.currentIndexChanged.connect(self._on_method)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._method)
        layout.addWidget(self._pages)

    @property
    def form(self) -> MethodForm:
        """Form of the chosen method."""
        return self._forms[int(self._method.currentIndex())]

    def value(self) -> AnyMethod:
        """Return the chosen method with its parameters.

        Raises
        ------
        PhotonDenoiseError
            If a value can't be.
        """
        return self.form.value()

    def setValue(self, denoiser: AnyMethod) -> None:
        """Show a method and its parameters."""
        self.choose(denoiser.method)
        self.form.setValue(denoiser)

    def choose(self, key: str) -> None:
        """Choose a method by its key."""
        self._method.setCurrentIndex(self._method.findData(key))

    def set_has_z(self, has_z: bool) -> None:
        """Grey out what acts across planes where the image has none."""
        for form in self._forms:
            form.set_has_z(has_z)

    def _on_method(self, number: int) -> None:
        self._pages.show_page(self._forms[number])
        self._emit()

    def _emit(self) -> None:
        self.valueChanged.emit()


def _make_box(parameter: Parameter) -> Any:
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
