"""Results as one JSON file, written as a whole after each image."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from napari_photon_denoise.io.whole import whole_file

Cell = dict[str, Any]  # figures of one method on one image


@dataclass
class Store:
    """Remembered cells.

    Parameters
    ----------
    path : Path
    rows : dict
        What is known of each image, and its cells by method.
    """

    path: Path
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path) -> Store:
        """Read what is there, if anything."""
        rows = json.loads(path.read_text("utf-8")) if path.exists() else {}
        return cls(path, rows)

    def has(self, image: str, method: str, version: str) -> bool:
        """Whether a cell is finished, of that version of the method."""
        cell = self.rows.get(image, {}).get("cells", {}).get(method)
        return cell is not None and cell["version"] == version

    def put(self, image: str, facts: dict[str, Any], cells: dict[str, Cell]) -> None:
        """Add cells to an image and write everything."""
        row = self.rows.setdefault(image, {"cells": {}})
        row.update(facts)
        row["cells"].update(cells)
        with whole_file(self.path) as part:
            part.write_text(json.dumps(self.rows, indent=0), encoding="utf-8")

    def of(self, series: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of a series."""
        yield from (row for row in self.rows.values() if row["series"] == series)
