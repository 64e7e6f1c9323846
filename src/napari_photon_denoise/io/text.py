"""Reports, tables and figures as files: whole, or not at all."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable
from io import StringIO
from pathlib import Path
from typing import Any

from napari_photon_denoise.io.whole import check_output, whole_file

# Endings, and what an error calls such a file.
REPORT = (".html", ".htm"), "A report"
TABLE = (".csv",), "A table"
FIGURES = (".json",), "The report's figures"
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # wide forms, too


def write_text(
    make: Callable[[], str],
    path: str | Path,
    kind: tuple[tuple[str, ...], str],
    *,
    overwrite: bool = False,
) -> Path:
    """Write a text file; the text is made when it is known that it can be written.

    Parameters
    ----------
    make : function without parameters
        Returns the text.
    path : path
    kind : REPORT, TABLE or FIGURES
    overwrite : bool
        Replace a file that is there.

    Raises
    ------
    OutputExists
        If the file is there and `overwrite` is False.
    PhotonDenoiseError
        If the ending is another or the folder can't be written.
    """
    target = check_output(path, *kind, overwrite=overwrite)
    with whole_file(target) as file:
        file.write_text(make(), encoding="utf-8", newline="\n")
    return target


def as_json(values: Any) -> str:
    """Write plain values as JSON for people; NaN and infinity, which it lacks, are refused."""
    return json.dumps(values, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def from_json(text: str | bytes) -> Any:
    """Read JSON that somebody may have damaged, or made to do harm.

    Raises
    ------
    ValueError
        If it is no JSON, or nested so deep that it is nobody's.
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deep") from None


def as_csv(header: Iterable[Any], lines: Iterable[Iterable[Any]]) -> str:
    """Write a table as comma-separated text; None becomes an empty cell.

    Text that a spreadsheet would take for a formula, such as the name of a file, gets an apostrophe
    before it, which spreadsheets do not show.
    """
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(map(_as_text, header))
    writer.writerows(map(_as_text, line) for line in lines)
    return text.getvalue()


def _as_text(cell: Any) -> Any:
    if not isinstance(cell, str) or not cell.lstrip().startswith(_FORMULA):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell
