"""What a comparison found, to be kept: rows, verdict, recipes, page, table and figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.evaluation.figure import Figure, finite
from napari_photon_denoise.evaluation.method_run import Runnable
from napari_photon_denoise.evaluation.methods.columns import (
    all_columns,
    rows_as_csv,
    rows_as_text,
)
from napari_photon_denoise.evaluation.methods.job import Compared
from napari_photon_denoise.evaluation.methods.rows import RAW, Row
from napari_photon_denoise.evaluation.methods.surroundings import Region
from napari_photon_denoise.evaluation.plane import Line, Plane, edges, middle, place, steps_of
from napari_photon_denoise.metrics.applicable import NotApplicable
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.recipe import make_recipe
from napari_photon_denoise.reports.denoised.page import IN_MEMORY, Subject, comparison_page
from napari_photon_denoise.reports.kept import KeptWithImages


@dataclass(frozen=True, eq=False)
class ComparisonReport(KeptWithImages):
    """Several methods on one region of an image, judged.

    It prints as a table, and is looped over row by row, the best first:
    ``[(row.name, row["held-out-mse"].value) for row in report]``; ``report["Gaussian"]`` is the
    row of that name.

    Parameters
    ----------
    compared : Compared
    plane : Plane
        That is shown: the middle one of the region.
    image : str
        The raw image's name; empty for an array.
    region : mapping of axis letter to (start, stop)
        That was compared, px.
    is_whole : bool
        Whether that is all of the image.
    camera : str
        Its numbers, in a line.
    recipes : mapping of name to dict
        How each image was made, ready for JSON, as far as it is known.
    notes : tuple of str
        What the user should know beside what `compared` says.
    """

    compared: Compared
    plane: Plane
    image: str
    region: Mapping[str, tuple[int, int]]
    is_whole: bool
    camera: str
    recipes: Mapping[str, dict[str, Any]]
    notes: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Row]:
        """Return the rows, one by one, the best first."""
        return iter(self.rows)

    def __len__(self) -> int:
        """Count the rows, that of the raw image included."""
        return len(self.rows)

    def __getitem__(self, name: str) -> Row:
        """Return the row of a method, or of the raw image ("Raw").

        Raises
        ------
        KeyError
            If there is none of this name.
        """
        for row in self.rows:
            if row.name == name:
                return row
        raise KeyError(name)

    def __repr__(self) -> str:
        """Return the table and the verdict."""
        table = rows_as_text(self.rows, with_truth=self.compared.truth_range is not None)
        return f"{table}\n{self.verdict}"

    @property
    def rows(self) -> tuple[Row, ...]:
        """The methods and the raw image, best first."""
        return self.compared.rows

    @property
    def verdict(self) -> str:
        """What the comparison comes to, in a sentence or two."""
        return self.compared.verdict

    @property
    def place(self) -> str:
        """Which part of the image was compared."""
        if self.is_whole:
            return "the whole image"
        parts = (
            f"{axis} = {start}" if stop == start + 1 else f"{axis} {start}:{stop}"
            for axis, (start, stop) in self.region.items()
        )
        return f"region {', '.join(parts).lower()} px"

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        held_out, with_truth = self.compared.comparison, self.compared.truth_range is not None
        shown = all_columns(self.rows, with_truth=with_truth)
        return {
            "verdict": self.verdict,
            "notes": [*self.notes, *self.compared.notes],
            "image": self.image,
            "region": {axis: list(ends) for axis, ends in self.region.items()},
            "camera": self.camera,
            "truth_range": self.compared.truth_range,
            "folds": None if isinstance(held_out, NotApplicable) else held_out.folds,
            "rows": [_row_dict(row, shown) for row in self.rows],
            "recipes": dict(self.recipes),
        }

    def as_csv(self) -> str:
        """Return the table as comma-separated text, a line a method."""
        return rows_as_csv(self.rows, with_truth=self.compared.truth_range is not None)

    def as_html(self, line: Line | None = None) -> str:
        """Return the report as one HTML page that needs nothing else.

        Parameters
        ----------
        line : ((y, x), (y, x)), px of the image, optional
            Of the profile; None goes through the brightest structure.
        """
        if line is not None:
            y, x = self.plane.origin
            line = ((line[0][0] - y, line[0][1] - x), (line[1][0] - y, line[1][1] - x))
        return comparison_page(self.compared, self.plane, self._subject(), line)

    def _recipe(self) -> dict[str, Any]:
        """Return all recipes as one, for reading: they differ in the method alone."""
        if not self.recipes:
            return {}
        shared = dict(next(iter(self.recipes.values())))
        del shared["denoiser"]
        return {
            **shared,
            "denoisers": {name: one["denoiser"] for name, one in self.recipes.items()},
        }

    def _subject(self) -> Subject:
        return Subject(self.image or IN_MEMORY, self.camera, self._recipe(), self.place, self.notes)


def make_report(
    compared: Compared,
    photons: Photons,
    region: Region,
    methods: Mapping[str, Runnable],
    *,
    truth: Float32 | None = None,
    image: str = "",
    file: str = "",
    device: str | None = None,
    notes: Sequence[str] = (),
) -> ComparisonReport:
    """Gather what a report needs of a comparison, while the raw image is open.

    Parameters
    ----------
    compared : Compared
    photons : Photons
        The raw image.
    region : tuple of slice
        That was compared.
    methods : mapping of name to method
        Of the rows, as far as they are known.
    truth : array of the region's shape, float32, e-, optional
    image : str
        The raw image's name; empty for an array.
    file : str
        Where it lies, for the recipes; empty if in no file.
    device : {"auto", "cpu", "cuda", "mps"}, optional
        Where the methods were run, for the recipes.
    notes : sequence of str
        What the user should know, a sentence each.
    """
    ends = {axis: (part.start, part.stop) for axis, part in zip(photons.axes, region, strict=True)}
    return ComparisonReport(
        compared,
        _plane(compared, photons, region, truth),
        image,
        ends,
        is_whole=all(ends[axis] == (0, size) for axis, size in photons.sizes.items()),
        camera=photons.calibration.describe(),
        recipes={
            name: recipe.as_dict()
            for name, method in methods.items()
            if (recipe := make_recipe(method, photons, file, device))
        },
        notes=tuple(notes),
    )


def _plane(compared: Compared, photons: Photons, region: Region, truth: Float32 | None) -> Plane:
    """Take the middle plane of all images."""
    images = {row.name: row.clean for row in compared.rows if row.clean is not None}
    raw = images.pop(RAW)
    at = middle(raw.shape)
    return Plane(
        raw=raw[at],
        read_noise=photons.read_noise(region),
        denoised={name: image[at] for name, image in images.items()},
        truth=None if truth is None else truth[at],
        pixel_size=edges(photons.pixel_size),
        steps=steps_of(photons),
        origin=(region[-2].start, region[-1].start),
        where=place(photons.sizes, at, tuple(part.start for part in region[:-2])),
        relative=photons.calibration.relative,
    )


def _row_dict(row: Row, shown: Sequence[Figure[Any]]) -> dict[str, Any]:
    figures = []
    for figure in shown:
        found = row[figure.key]
        figures.append(
            {
                "figure": figure.title,
                "unit": figure.unit,
                "improvement": finite(found.improvement),
                "value": found.value,
                "error": finite(found.error),
                "reason": found.reason,
            }
        )
    return {"name": row.name, "figures": figures, "notes": list(row.notes)}
