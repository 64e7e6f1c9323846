"""The report's tables: figures with their errors, and in words why some are not given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.evaluation.figure import Figure, Reading
from napari_photon_denoise.evaluation.methods.columns import improved, improvement_rows
from napari_photon_denoise.evaluation.methods.rows import Row
from napari_photon_denoise.evaluation.numbers import FOUR, NONE, number, with_error
from napari_photon_denoise.evaluation.plane import Plane
from napari_photon_denoise.metrics.consistency import measure_consistency
from napari_photon_denoise.metrics.flags import Flags
from napari_photon_denoise.reports.tables import table


def comparison_table(rows: Sequence[Row], figures: Sequence[Figure[Any]]) -> str:
    """Make the table of a comparison: a line a candidate, best first."""
    header = ("method", *(figure.header for figure in figures))
    lines = [(row.name, *(row[figure.key].text for figure in figures)) for row in rows]
    return table(header, lines, ("", *["number"] * len(figures)))


def improvement_table(rows: Sequence[Row], *, with_truth: bool) -> str:
    """Make the table of how many times better the methods are than the raw image."""
    titles = (figure.improvement_header for figure in improved(rows, with_truth=with_truth))
    # A line a figure, since there are more of them than methods.
    header, *lines = zip(
        ("figure", *titles), *improvement_rows(rows, with_truth=with_truth), strict=True
    )
    return table(header, lines, ("", *["number"] * (len(header) - 1)), "narrow")


def comparison_reasons(rows: Sequence[Row], figures: Sequence[Figure[Any]]) -> str:
    """Say why figures are "n/a", a line a reason; and what methods have to say."""
    absent: dict[str, dict[str, list[str]]] = {}
    for figure in figures:
        for row in rows:
            if reason := row[figure.key].reason:
                absent.setdefault(reason, {}).setdefault(figure.title, []).append(row.name)
    lines = [(_what(columns), reason) for reason, columns in absent.items()]
    lines += [(row.name, note) for row in rows for note in row.notes if note not in absent]
    return _remarks(lines)


def columns_help(figures: Sequence[Figure[Any]]) -> str:
    """Say what each column means."""
    return table(("", ""), [(one.header, one.help) for one in figures], ("name", ""))


def figures_table(figures: Sequence[Reading]) -> str:
    """Make the table of one denoised image: figures that apply, before and after."""
    header = ("figure", "raw", "denoised", "unit", "better by", "what it says")
    lines = [
        (
            figure.name,
            number(figure.before, FOUR),
            figure.shown(FOUR),
            figure.unit,
            figure.gain,
            figure.says,
        )
        for figure in figures
        if figure.applies
    ]
    return table(header, lines, ("", "number", "number", "", "number", "soft"))


def figures_reasons(missing: Mapping[str, Sequence[str]]) -> str:
    """Say which figures are not given, and why."""
    return _remarks([(", ".join(names), why) for why, names in missing.items()])


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
            with_error(z.autocorrelation[axis], z.autocorrelation_error[axis], FOUR)
            for axis in (-2, -1)
        ]
        mean = with_error(z.mean, z.mean_error, FOUR)
        variance = with_error(z.variance, z.variance_error, FOUR)
        lines.append((name, mean, variance, *shared, places))
    return table(header, lines, ("", *["number"] * 4, ""))


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
