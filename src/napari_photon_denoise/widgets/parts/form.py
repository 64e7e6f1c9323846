"""The choice of a method, and its form, made from the declaration of its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QFormLayout, QVBoxLayout, QWidget

from napari_photon_denoise.denoisers import AnyMethod
from napari_photon_denoise.parameter_kinds import NumberParameter, Parameter
from napari_photon_denoise.parameters import declared_parameters
from napari_photon_denoise.widgets.parts.boxes import Boxes
from napari_photon_denoise.widgets.parts.layout import NarrowCombo, button
from napari_photon_denoise.widgets.parts.pages import Pages

NO_Z = "The image has no Z axis (see Axes above)."
NO_NEIGHBOURS = "The image has one plane only: no Z or T of more (see Axes above)."
HELP = "How structure is told from noise."
M = TypeVar("M", bound=AnyMethod)
MODEL, NEIGHBOURS = "model", "neighbours"  # parameters of networks


class MethodForm(QWidget, Generic[M]):  # type: ignore[misc]  # Qt comes without types
    """Controls for a method's parameters; a new parameter needs nothing here.

    Parameters
    ----------
    method : type of Method
    """

    valueChanged = Signal()
    cardAsked = Signal()

    def __init__(self, method: type[M]) -> None:
        super().__init__()
        self._method = method
        self._parameters = declared_parameters(method)
        layout = QFormLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        tip = "What the network was trained on, how good it is, and where it fails."
        card = button("Model card…", tip, self.cardAsked)
        self._boxes = Boxes(layout, self._parameters, self._emit, {MODEL: [card]})
        self.set_sizes({"T": 2, "Z": 2})  # until an image says otherwise

    def value(self) -> M:
        """Return the method with the values of the form; what is greyed out has its default.

        Raises
        ------
        PhotonDenoiseError
            If a value can't be, such as an even window that was typed in.
        """
        return self._method(**self._boxes.value())

    def setValue(self, denoiser: M) -> None:
        """Show the values of a method; one signal for all of them."""
        self.blockSignals(True)
        self._boxes.setValue(denoiser)
        self.blockSignals(False)
        self._emit()

    def reset(self) -> None:
        """Show the defaults."""
        self.setValue(self._method())

    def set_sizes(self, sizes: Mapping[str, int]) -> None:
        """Grey out what acts across planes where the image has none.

        Parameters
        ----------
        sizes : mapping of str to int
            Size of each axis of the image.
        """
        for parameter in self._parameters:
            box = self._boxes[parameter.name]
            missing = _missing(parameter, sizes)
            box.enabled = not missing
            box.native.setToolTip("\n".join(filter(None, (parameter.text, missing))))

    def _emit(self) -> None:
        self.valueChanged.emit()


def _missing(parameter: Parameter, sizes: Mapping[str, int]) -> str:
    """Return why an image has no use for a parameter; empty if it has."""
    if isinstance(parameter, NumberParameter) and parameter.unit == "planes":
        return "" if "Z" in sizes else NO_Z
    if parameter.name == NEIGHBOURS:
        return "" if max(sizes.get("Z", 1), sizes.get("T", 1)) > 1 else NO_NEIGHBOURS
    return ""


class MethodPicker(QWidget, Generic[M]):  # type: ignore[misc]  # Qt comes without types
    """Methods, and the form of the chosen one; each keeps its values.

    Parameters
    ----------
    methods : mapping of key to type of Method
    """

    valueChanged = Signal()
    cardAsked = Signal()
    """The user wants to read about the network that is chosen."""

    def __init__(self, methods: Mapping[str, type[M]]) -> None:
        super().__init__()
        self._method = NarrowCombo()
        self._method.setAccessibleName("Method")
        self._pages = Pages()
        self._forms: list[MethodForm[M]] = [MethodForm(method) for method in methods.values()]
        for (key, method), form in zip(methods.items(), self._forms, strict=True):
            form.valueChanged.connect(self._emit)
            form.cardAsked.connect(self.cardAsked)
            self._method.addItem(method.title, key)
            self._pages.add(form)
        self._method.currentIndexChanged.connect(self._on_method)
        self._explain()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._method)
        layout.addWidget(self._pages)

    @property
    def form(self) -> MethodForm[M]:
        """Form of the chosen method."""
        return self._forms[int(self._method.currentIndex())]

    def value(self) -> M:
        """Return the chosen method with its parameters.

        Raises
        ------
        PhotonDenoiseError
            If a value can't be.
        """
        return self.form.value()

    def setValue(self, denoiser: M) -> None:
        """Show a method and its parameters."""
        self.choose(denoiser.method)
        self.form.setValue(denoiser)

    def choose(self, key: str) -> None:
        """Choose a method by its key."""
        self._method.setCurrentIndex(self._method.findData(key))

    def reset(self) -> None:
        """Give the parameters of the chosen method their defaults."""
        self.form.reset()

    def set_sizes(self, sizes: Mapping[str, int]) -> None:
        """Grey out what acts across planes where the image has none."""
        for form in self._forms:
            form.set_sizes(sizes)

    def _explain(self) -> None:
        """Name the method in full, as a narrow dock cuts it."""
        self._method.setToolTip(f"{self._method.currentText()}\n{HELP}")

    def _on_method(self, number: int) -> None:
        self._explain()
        self._pages.show_page(self._forms[number])
        self._emit()

    def _emit(self) -> None:
        self.valueChanged.emit()
