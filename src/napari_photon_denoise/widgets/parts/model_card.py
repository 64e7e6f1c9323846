"""What a network was trained on, how good it is and where it fails, to read."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from napari_photon_denoise import models
from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.denoisers import AnyMethod
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.widgets.parts.layers import photons_of
from napari_photon_denoise.widgets.parts.run_bar import RunBar
from napari_photon_denoise.widgets.parts.source import SourcePicker

SIZE = 620, 560  # px; about 80 characters a line


def open_card(model: str, parent: QWidget) -> QDialog:
    """Open the card of a model beside the window, which stays usable.

    Parameters
    ----------
    model : str
        Name of a shipped model, or a file.
    parent : QWidget

    Raises
    ------
    PhotonDenoiseError
        If it has none.
    """
    if model not in models.shipped_models():
        raise PhotonDenoiseError(
            "Only the models that come with the program have a card: a file of your own is "
            "described by who trained it."
        )
    try:
        text = models.card(model)
    except OSError:
        raise PhotonDenoiseError(
            f"The card of {model} is missing: install napari-photon-denoise again."
        ) from None
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(f"Model card: {model}")
    browser = QTextBrowser()
    browser.setOpenExternalLinks(True)
    browser.setMarkdown(text)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    layout = QVBoxLayout(dialog)
    layout.addWidget(browser)
    layout.addWidget(buttons)
    dialog.resize(*SIZE)
    dialog.show()
    return dialog


def show_card(method: AnyMethod, source: SourcePicker, bar: RunBar) -> None:
    """Open the card of a method's model, or of the one that the image decides on; or say why not.

    Parameters
    ----------
    method : method and its parameters
    source : SourcePicker
        Where the image is chosen.
    bar : RunBar
        Of the dock that is asked.
    """
    try:
        # Which model "auto" is does not depend on the camera, which may not be known yet.
        unknown = Calibration(gain=1, offset=0)
        photons = photons_of(source.layer(), unknown, source.axes())
        open_card(method.resolved(photons).card, bar)
    except PhotonDenoiseError as error:
        bar.refuse(str(error))
