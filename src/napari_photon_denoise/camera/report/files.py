"""The report as files: whole, or not at all."""

from __future__ import annotations

import json
from pathlib import Path

from napari_photon_denoise.camera.report.facts import report_facts
from napari_photon_denoise.camera.report.page import report_page
from napari_photon_denoise.camera.transfer import CameraReport
from napari_photon_denoise.io.whole import check_output, whole_file


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
    target = check_output(path, (".html", ".htm"), "A report", overwrite=overwrite)
    with whole_file(target) as file:
        file.write_text(report_page(report), encoding="utf-8")
    return target


def write_facts(report: CameraReport, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write the report as JSON; see `report_facts`.

    Parameters
    ----------
    report : CameraReport
    path : path ending in .json
    overwrite : bool
        Replace a file that is there.

    Raises
    ------
    OutputExists
        If the file is there and `overwrite` is False.
    PhotonDenoiseError
        If the ending is another or the folder can't be written.
    """
    target = check_output(path, (".json",), "The report's figures", overwrite=overwrite)
    text = json.dumps(report_facts(report), indent=1, ensure_ascii=False, allow_nan=False)
    with whole_file(target) as file:
        file.write_text(text + "\n", encoding="utf-8")
    return target
