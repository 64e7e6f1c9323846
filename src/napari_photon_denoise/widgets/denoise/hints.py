"""Calm lines under the form of a method: what it is told, where it runs, what it has to say."""

from __future__ import annotations

from collections.abc import Sequence

from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.denoisers import AnyMethod
from napari_photon_denoise.widgets.parts.layout import small_print
from napari_photon_denoise.widgets.parts.task import Task


class Hints(QWidget):  # type: ignore[misc]  # Qt comes without types
    """As high as it has lines, and hidden without."""

    def __init__(self) -> None:
        super().__init__()
        self._computers: dict[str, str] = {}  # names of devices, as far as they were used
        self._label = small_print()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._label)
        self.clear()

    @property
    def text(self) -> str:
        """What is said."""
        return str(self._label.text())

    def clear(self) -> None:
        """Say nothing."""
        self._show([])

    def describe(
        self, denoiser: AnyMethod, calibration: Calibration, device: str, notes: Sequence[str]
    ) -> None:
        """Say what there is to say of a method with a camera.

        Parameters
        ----------
        denoiser : method and its parameters
        calibration : Calibration
        device : {"auto", "cpu", "cuda", "mps"}
        notes : sequence of str
            Of the preview.
        """
        lines = []
        # Notes say it, too.
        if denoiser.is_told_lengths and calibration.correlated and not notes:
            lines.append(f"Noise is shared over {_where(calibration)}: the network is told.")
        if denoiser.group == "pretrained" and device in self._computers:
            lines.append(f"Runs on {self._computers[device]}.")
        self._show([*lines, *notes])

    def learn(self, task: Task) -> None:
        """Take note of what a task that was just computed ran on."""
        if task.denoiser.group == "pretrained" and task.device not in self._computers:
            self._computers[task.device] = _computer(task.device)

    def _show(self, lines: Sequence[str]) -> None:
        self._label.setText("\n".join(lines))
        self.setVisible(bool(lines))


def _where(calibration: Calibration) -> str:
    y, x = calibration.length_y, calibration.length_x
    if y and x:
        return f"{y:.2g} px along y and {x:.2g} px along x"
    return f"{y:.2g} px along y" if y else f"{x:.2g} px along x"


def _computer(device: str) -> str:
    """Name what torch computes on, such as "the CPU"; torch is imported by then."""
    from napari_photon_denoise.networks.device import choose_device, describe_devices

    chosen = choose_device(device)
    if chosen == "cpu":
        return "the CPU"
    return next(name for key, name in describe_devices() if key.startswith(chosen))
