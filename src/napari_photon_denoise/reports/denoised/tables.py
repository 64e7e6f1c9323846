"""The report's tables: figures with their errors, and in words why some are not given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import floor, isfinite, log10

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.evaluation.figures import Figure
from napari_photon_denoise.evaluation.methods.columns import COLUMNS, Column
from napari_photon_denoise.evaluation.methods.details import (
    details,
    improved,
    improvement_header,
    improvement_rows,
)
from napari_photon_denoise.evaluation.methods.rows import Row
from napari_photon_denoise.evaluation.plane import Plane
from napari_photon_denoise.metrics.applicable import NotApplicable
from napari_photon_denoise.metrics.consistency import measure_consistency
from napari_photon_denoise.metrics.flags import Flags
from napari_photon_denoise.reports.tables import table

NONE = "–"


def comparison_table(rows: Sequence[Row], *, with_truth: bool) -> str:
    """Make the table of a comparison: a line a candidate, best first."""
    columns = _columns(with_truth=with_truth)
    header = ("method", *(column.header for column in columns))
    lines = [(row.name, *(column.text(row) for column in columns)) for row in rows]
    return table(header, lines, ("", *["number"] * len(columns)))


def details_table(rows: Sequence[Row]) -> str:
    """Make the table of further figures with the truth."""
    columns = details(rows, with_truth=True)
    lines = [(row.name, *(column.text(row) for column in columns)) for row in rows]
    header = ("method", *(column.header for column in columns))
    return table(header, lines, ("", *["number"] * len(columns)))


def improvement_table(rows: Sequence[Row], *, with_truth: bool) -> str:
    """Make the table of how many times better the methods are than the raw image."""
    titles = map(improvement_header, improved(rows, with_truth=with_truth))
    # A line a figure, since there are more of them than methods.
    header, *lines = zip(
        ("figure", *titles), *improvement_rows(rows, with_truth=with_truth), strict=True
    )
    return table(header, lines, ("", *["number"] * (len(header) - 1)), "narrow")


def comparison_reasons(rows: Sequence[Row], *, with_truth: bool) -> str:
    """Say why figures are "n/a", a line a reason; and what methods have to say."""
    absent: dict[str, dict[str, list[str]]] = {}
    for column in [*_columns(with_truth=with_truth), *details(rows, with_truth=with_truth)]:
        for row in rows:
            value = column.value(row)
            if isinstance(value, NotApplicable):
                absent.setdefault(value.reason, {}).setdefault(column.title, []).append(row.name)
    lines = [(_what(columns), reason) for reason, columns in absent.items()]
    lines += [(row.name, note) for row in rows for note in row.notes if note not in absent]
    return _remarks(lines)


def columns_help(rows: Sequence[Row], *, with_truth: bool) -> str:
    """Say what each column means."""
    columns = [*_columns(with_truth=with_truth), *details(rows, with_truth=with_truth)]
    lines = [(column.header, column.help) for column in columns]
    return table(("", ""), lines, ("name", ""))


def figures_table(figures: Sequence[Figure]) -> str:
    """Make the table of one denoised image: figures that apply, before and after."""
    header = ("figure", "raw", "denoised", "unit", "better by", "what it says")
    lines = [
        (
            figure.name,
            number(figure.before),
            with_error(figure.value, figure.error),
            figure.unit,
            figure.gain,
            figure.says,
        )
        for figure in figures
        if figure.applies
    ]
    return table(header, lines, ("", "number", "number", "", "number", "soft"))


def figures_reasons(figures: Sequence[Figure]) -> str:
    """Say which figures are not given, and why."""
    absent: dict[str, list[str]] = {}
    for figure in figures:
        if not figure.applies:
            absent.setdefault(figure.reason, []).append(figure.name)
    return _remarks([(", ".join(dict.fromkeys(names)), why) for why, names in absent.items()])


def consistency_table(plane: Plane, flags: Mapping[str, Flags]) -> str:
    """Make the table of what was removed from the plane that is shown."""
    header = ("image", "mean", "variance", "correlation y", "correlation x", "places")
    lines: list[tuple[str, ...]] = []
    for name, image in plane.denoised.items():
        places = flags[name].verdict if name in flags else NONE
        try:
            z = measure_consistency(plane.raw, image, plane.read_noise)
        except PhotonDenoiseError as error:
            lines.append((name, NONE, NONE, NONE, NONE, str(error)))
            continue
        shared = [
            with_error(z.autocorrelation[axis], z.autocorrelation_error[axis]) for axis in (-2, -1)
        ]
        mean, variance = with_error(z.mean, z.mean_error), with_error(z.variance, z.variance_error)
        lines.append((name, mean, variance, *shared, places))
    return table(header, lines, ("", *["number"] * 4, ""))


def number(value: float | None) -> str:
    """Write a number to four digits; a dash where there is none."""
    return NONE if value is None or not isfinite(value) else f"{value:.4g}"


def with_error(value: float | None, error: float | None) -> str:
    """Write a number and its standard error."""
    if value is None or error is None or not isfinite(value) or not isfinite(error):
        return number(value)
    if error <= 0:
        return number(value)
    decimals = max(0, 1 - floor(log10(error)))  # to the error's second digit
    return f"{value:z.{decimals}f} ± {error:.{decimals}f}"


def _columns(*, with_truth: bool) -> list[Column]:
    return [column for column in COLUMNS if with_truth or not column.needs_truth]


def _what(columns: Mapping[str, Sequence[str]]) -> str:
    """Name figures and the rows that lack them; those of the same rows together."""
    together: dict[tuple[str, ...], list[str]] = {}
    for title, names in columns.items():
        together.setdefault(tuple(names), []).append(title)
    return "; ".join(
        f"{', '.join(titles)} of {', '.join(names)}" for names, titles in together.items()
    )


def _remarks(lines: Sequence[tuple[str, str]]) -> str:
    """Make a list of remarks: what, and the sentence."""
    if not lines:
        return ""
    items = "\n".join(f"<li><b>{escape(what)}:</b> {escape(text)}</li>" for what, text in lines)
    return f'<p>Not given, or worth knowing:</p>\n<ul class="remarks">\n{items}\n</ul>'
