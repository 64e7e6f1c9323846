"""What is kept of a result: a page, a table, and figures, as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from napari_photon_denoise.evaluation.plane import Line
from napari_photon_denoise.io.text import FIGURES, REPORT, TABLE, as_json, write_text


class Kept(Protocol):
    """A page and a table that can be saved."""

    def as_csv(self) -> str:
        """Return the table as comma-separated text."""
        ...

    def as_html(self) -> str:
        """Return the report as one HTML page that needs nothing else."""
        ...

    def save_report(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Save the report as one HTML page.

        Parameters
        ----------
        path : path ending in .html or .htm
        overwrite : bool

        Raises
        ------
        PhotonDenoiseError
            If the file is there, has another ending, or can't be written.
        """
        return write_text(self.as_html, path, REPORT, overwrite=overwrite)

    def save_csv(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Save the table as comma-separated text; raises as `save_report`."""
        return write_text(self.as_csv, path, TABLE, overwrite=overwrite)


class KeptWithImages(Kept, Protocol):
    """A page that shows images and a profile along a line, a table, and figures as JSON."""

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        ...

    def as_html(self, line: Line | None = None) -> str:
        """Return the report as one HTML page that needs nothing else.

        Parameters
        ----------
        line : ((y, x), (y, x)), px of the image, optional
            Of the profile; None goes through the brightest structure.
        """
        ...

    def save_report(
        self, path: str | Path, *, line: Line | None = None, overwrite: bool = False
    ) -> Path:
        """Save the report as one HTML page: pictures, profile, tables, verdict and recipes.

        Parameters
        ----------
        path : path ending in .html or .htm
        line : ((y, x), (y, x)), px of the image, optional
            Of the profile; None goes through the brightest structure.
        overwrite : bool

        Raises
        ------
        PhotonDenoiseError
            If the file is there, has another ending, or can't be written.
        """
        return write_text(lambda: self.as_html(line), path, REPORT, overwrite=overwrite)

    def save_json(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Save figures and recipes as JSON; raises as `save_report`."""
        return write_text(lambda: as_json(self.as_dict()), path, FIGURES, overwrite=overwrite)
