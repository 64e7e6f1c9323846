"""A comparison as comma-separated text."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO

from napari_photon_denoise.evaluation.methods.columns import COLUMNS
from napari_photon_denoise.evaluation.methods.details import details, improved, improvement
from napari_photon_denoise.evaluation.methods.rows import Row
from napari_photon_denoise.metrics.applicable import NotApplicable


def as_csv(rows: Sequence[Row], *, with_truth: bool) -> str:
    """Write rows as CSV, units in the header; what can't be given is empty, and said at the end.

    Parameters
    ----------
    rows : sequence of Row
    with_truth : bool
        Whether there are columns for figures that need a truth.
    """
    columns = [column for column in COLUMNS if with_truth or not column.needs_truth]
    columns += details(rows, with_truth=with_truth)
    ratios = improved(rows, with_truth=with_truth)
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    header = ["Method"]
    for column in columns:
        header.append(column.header)
        if column.error is not None:
            header.append(f"{column.title} standard error ({column.unit})")
    header += [
        f"{column.title} improvement ({'dB' if column.unit == 'dB' else 'times'})"
        for column in ratios
    ]
    writer.writerow([*header, "Notes"])
    for row in rows:
        cells, reasons = [row.name], dict.fromkeys(row.notes)
        for column in columns:
            value = column.value(row)
            if isinstance(value, NotApplicable):
                reasons[value.reason] = None
            cells.append("" if isinstance(value, NotApplicable) else repr(value))
            if column.error is not None:
                is_known = not isinstance(value, NotApplicable)
                cells.append(repr(column.error(row)) if is_known else "")
        found = [improvement(column, row) for column in ratios]
        cells += ["" if isinstance(one, NotApplicable) else repr(one) for one in found]
        writer.writerow([*cells, " ".join(reasons)])
    return text.getvalue()
