"""What was measured of one denoised image, to be kept: page, table and figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from napari_photon_denoise.evaluation.evidence import Evidence
from napari_photon_denoise.evaluation.figure import Reading
from napari_photon_denoise.evaluation.image.measured import Measured
from napari_photon_denoise.evaluation.plane import Line, Plane
from napari_photon_denoise.evaluation.ranking import Comparison
from napari_photon_denoise.evaluation.resolution import ResolutionPair
from napari_photon_denoise.metrics.applicable import NotApplicable
from napari_photon_denoise.reports.denoised.page import IN_MEMORY, Subject, measurement_page
from napari_photon_denoise.reports.kept import KeptWithImages


@dataclass(frozen=True, eq=False)
class Report(KeptWithImages):
    """What is known of one denoised image.

    Parameters
    ----------
    measured : Measured
        The figures, and what they were taken of.
    """

    measured: Measured

    def __getitem__(self, key: str) -> Reading:
        """Return the figure of a key, such as "psnr".

        Raises
        ------
        KeyError
            If it is not in the table.
        """
        return self.measured[key]

    def __contains__(self, key: str) -> bool:
        """Tell whether the table has a line of this key."""
        return key in self.measured

    @property
    def figures(self) -> tuple[Reading, ...]:
        """The table, those with truth first."""
        return self.measured.figures

    @property
    def evidence(self) -> Evidence | NotApplicable:
        """From the finished image: residual, regions, flags."""
        return self.measured.evidence

    @property
    def verdict(self) -> str:
        """What the figures say, in a few sentences."""
        return self.measured.verdict

    @property
    def held_out(self) -> Comparison | NotApplicable:
        """Of the method and the raw image, by photons held back."""
        return self.measured.held_out

    @property
    def resolution(self) -> ResolutionPair | NotApplicable:
        """Before and after denoising."""
        return self.measured.resolution

    @property
    def plane(self) -> Plane | None:
        """That the page shows; None without photons."""
        return self.measured.plane

    @property
    def image(self) -> str:
        """Where the denoised image lies, or its name; empty for an array."""
        return self.measured.image

    @property
    def recipe(self) -> Mapping[str, Any]:
        """How it was made, ready for JSON; empty where that is not known."""
        return self.measured.recipe

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know, a sentence each."""
        return self.measured.notes

    @property
    def camera(self) -> str:
        """Its numbers, in a line."""
        return self.measured.camera

    @property
    def method(self) -> str:
        """Its key, or empty where it is not known."""
        return self.measured.method

    def regions(self) -> list[dict[str, Any]]:
        """Residual, photons and flags of tiles of 64 px, a line each; none without photons."""
        return self.measured.regions()

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return self.measured.as_dict()

    def as_csv(self) -> str:
        """Return the table as comma-separated text, a line a figure."""
        return self.measured.as_csv()

    def as_html(self, line: Line | None = None) -> str:
        """Return the report as one HTML page that needs nothing else.

        Parameters
        ----------
        line : ((y, x), (y, x)), px, optional
            Of the profile; None goes through the brightest structure.
        """
        found = self.measured
        name = Path(found.image).name or IN_MEMORY
        return measurement_page(found, Subject(name, found.camera, dict(found.recipe)), line)
