"""What a study found, to be kept: rows, a line a method, page and table."""

from __future__ import annotations

from dataclasses import dataclass

from napari_photon_denoise.evaluation.study.job import Study, StudyRow
from napari_photon_denoise.evaluation.study.summary import MethodSummary, summarise
from napari_photon_denoise.reports.kept import Kept
from napari_photon_denoise.reports.study.page import study_page
from napari_photon_denoise.reports.study.tables import study_as_csv


@dataclass(frozen=True)
class StudyReport(Kept):
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
        return study_as_csv(self.study)

    def as_html(self) -> str:
        """Return tables and plots as one HTML page that needs nothing else."""
        return study_page(self.study, self.title, self.exposure_label, self.notes)
