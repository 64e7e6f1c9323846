"""The report of a comparison as a page: drawn in the worker, so that napari stays usable."""

from __future__ import annotations

from pathlib import Path

from qtpy.QtCore import QObject, Signal

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.evaluation.methods import Compared
from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.reports.denoised.comparison import make_report
from napari_photon_denoise.widgets.compare.request import Request
from napari_photon_denoise.widgets.parts.worker import Runner


class ReportSaver(QObject):  # type: ignore[misc]  # Qt comes without types
    """Keeps what the last comparison found, and writes its report when asked.

    Parameters
    ----------
    parent : QObject
    """

    said = Signal(str)
    refused = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.runner = Runner(self)
        self._found: tuple[Request, Compared, Float32 | None] | None = None
        self.runner.succeeded.connect(self._on_saved)
        self.runner.refused.connect(self.refused)

    def keep(self, request: Request, compared: Compared, truth: Float32 | None) -> None:
        """Remember what a report would be about."""
        self._found = request, compared, truth

    def save(self, path: Path) -> None:
        """Write the report; a file that is there is replaced, as the dialog has asked."""
        if self.runner.busy:
            self.refused.emit("A report is being saved: wait a moment.")
        elif self._found is not None:
            self.said.emit("Drawing the report…")
            self.runner.start(_job(*self._found, path), f"Saving {path.name}")

    def _on_saved(self, path: Path) -> None:
        self.said.emit(f"Saved {path.name}.")


def _job(request: Request, compared: Compared, truth: Float32 | None, path: Path) -> Job[Path]:
    yield Progress("Drawing the report", 0, 1)
    named = {row.name: request.method_of(row.name) for row in compared.rows}
    report = make_report(
        compared,
        request.seen,
        request.region,
        {name: method for name, method in named.items() if method is not None},
        truth=truth,
        image=request.layer.name,
        file=request.layer.source.path or "",
        device=request.device,
    )
    if path.suffix.lower() == ".json":
        return report.save_json(path, overwrite=True)
    return report.save_report(path, overwrite=True)
