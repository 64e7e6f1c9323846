"""What a study found, to be kept: rows, a line a method, page and table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from napari_photon_denoise.evaluation.study.job import Study, StudyRow
from napari_photon_denoise.evaluation.study.summary import MethodSummary, summarise
from napari_photon_denoise.reports.study.tables import as_csv


@dataclass(frozen=True)
class StudyReport:
    """Methods times images, measured.

    Parameters
    ----------
    study : Study
        With at least one row.
    title : str
        What was studied.
    exposure_label : str
        Quantity and unit of `StudyRow.exposure`.
    notes : tuple of str
        What the reader should know, a sentence each.
    """

    study: Study
    title: str
    exposure_label: str
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> tuple[StudyRow, ...]:
        """A method on an image each: image by image, methods as they were given."""
        return self.study.rows

    @property
    def failed(self) -> tuple[str, ...]:
        """What could not be done and why, a sentence each."""
        return self.study.failed

    @property
    def summary(self) -> list[MethodSummary]:
        """A line a method: mean improvements, and the signal improvement."""
        return summarise(self.study)

    def as_csv(self) -> str:
        """Return all figures as comma-separated text, a line an image and method."""
        return as_csv(self.study)

    def as_html(self) -> str:
        """Return tables and plots as one HTML page that needs nothing else."""
        # The page draws: matplotlib is paid for here alone.
        from napari_photon_denoise.reports.study.page import study_page

        return study_page(self.study, self.title, self.exposure_label, self.notes)

    def save_report(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Save tables and plots as one HTML page.

        Parameters
        ----------
        path : path ending in .html or .htm
        overwrite : bool

        Raises
        ------
        PhotonDenoiseError
            If the file is there, has another ending, or can't be written.
        """
        from napari_photon_denoise.io.text import REPORT, write_text

        return write_text(self.as_html(), path, REPORT, overwrite=overwrite)

    def save_csv(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Save all figures as comma-separated text; raises as `save_report`."""
        from napari_photon_denoise.io.text import TABLE, write_text

        return write_text(self.as_csv(), path, TABLE, overwrite=overwrite)
