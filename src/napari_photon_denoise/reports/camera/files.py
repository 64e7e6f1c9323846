"""The report as files: whole, or not at all."""

from __future__ import annotations

from pathlib import Path

from napari_photon_denoise.camera.transfer import CameraReport
from napari_photon_denoise.io.text import FIGURES, REPORT, as_json, write_text
from napari_photon_denoise.reports.camera.facts import report_facts
from napari_photon_denoise.reports.camera.page import report_page


def write_report(report: CameraReport, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write the report as one HTML file that needs nothing else: no network, no scripts.

    Parameters
    ----------
    report : CameraReport
    path : path ending in .html or .htm
    overwrite : bool
        Replace a file that is there.

    Raises
    ------
    OutputExists
        If the file is there and `overwrite` is False.
    PhotonDenoiseError
        If the ending is another or the folder can't be written.
    """
    return write_text(lambda: report_page(report), path, REPORT, overwrite=overwrite)


def write_facts(report: CameraReport, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write the report as JSON, ending in .json; see `report_facts`, and for the rest above."""
    return write_text(lambda: as_json(report_facts(report)), path, FIGURES, overwrite=overwrite)
