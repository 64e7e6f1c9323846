"""How clusters are found: controls made from the declaration, those that count in sight."""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QCheckBox, QFormLayout, QWidget

from napari_photon_denoise.metrics.clusters import ClusterSettings
from napari_photon_denoise.parameters import declared_parameters
from napari_photon_denoise.widgets.parts.boxes import Boxes

SWEEP = range(2, 9)
# What an algorithm or feature has no use for, and why.
OF_ALGORITHM = {"clusters": ("k-means",), "reach": ("dbscan",), "least": ("dbscan", "hdbscan")}
OF_FEATURES = {"window": ("mean-std",)}


class ClusterForm(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Algorithm, number of clusters, features; and whether other numbers are tried as well."""

    valueChanged = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._parameters = declared_parameters(ClusterSettings)
        layout = QFormLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self._boxes = Boxes(layout, self._parameters, self._on_change)
        self._sweep = QCheckBox(f"Compare {SWEEP[0]} to {SWEEP[-1]} clusters")
        self._sweep.setChecked(True)
        self._sweep.setToolTip(
            "Also try K-means with these numbers, and draw how well the clusters part: a number "
            "at which the silhouette is high and Davies-Bouldin low is a natural one."
        )
        self._sweep.toggled.connect(self.valueChanged)
        layout.addRow(self._sweep)
        self._grey()

    def value(self) -> ClusterSettings:
        """Return the settings; what is greyed out has its default.

        Raises
        ------
        PhotonDenoiseError
            If a value can't be, such as an even window that was typed in.
        """
        return ClusterSettings(**self._boxes.value())

    def setValue(self, settings: ClusterSettings) -> None:
        """Show settings; one signal for all of them."""
        self.blockSignals(True)
        self._boxes.setValue(settings)
        self.blockSignals(False)
        self._on_change()

    def sweep(self) -> range:
        """Return the numbers of clusters that are tried as well."""
        return SWEEP if self._sweep.isChecked() else range(0)

    def set_sweep(self, on: bool) -> None:
        """Say whether other numbers are tried as well."""
        self._sweep.setChecked(on)

    def _grey(self) -> None:
        """Grey out what the choice has no use for, and say so."""
        chosen = {"algorithm": self._boxes["algorithm"].value}
        chosen["features"] = self._boxes["features"].value
        for needed, kind in ((OF_ALGORITHM, "algorithm"), (OF_FEATURES, "features")):
            for name, values in needed.items():
                box = self._boxes[name]
                box.enabled = chosen[kind] in values
                text = next(part.text for part in self._parameters if part.name == name)
                why = "" if box.enabled else f"Not used with {chosen[kind]}."
                box.native.setToolTip("\n".join(filter(None, (text, why))))

    def _on_change(self) -> None:
        self._grey()
        self.valueChanged.emit()
