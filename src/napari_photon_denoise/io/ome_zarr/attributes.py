"""The attributes of a zarr group as its file has them; reads and writes JSON, without zarr."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from napari_photon_denoise.io.ome import NAMESPACE
from napari_photon_denoise.io.ome_zarr.store import ZarrFormat, flush
from napari_photon_denoise.io.text import from_json
from napari_photon_denoise.io.whole import whole_file

V3, V2 = "zarr.json", ".zattrs"
UNFINISHED = "unfinished"


def read_attributes(folder: Path) -> dict[str, Any]:
    """Return the attributes of a group; none of what is no group, or damaged."""
    for name in (V3, V2):
        try:
            said = from_json((folder / name).read_bytes())
        except (OSError, ValueError):
            continue
        found = said.get("attributes") if name == V3 and isinstance(said, dict) else said
        return found if isinstance(found, dict) else {}
    return {}


def write_attributes(folder: Path, attributes: dict[str, Any], zarr_format: ZarrFormat) -> None:
    """Replace the attributes of a group at once: readers see the old ones or the new ones."""
    file = folder / (V3 if zarr_format == 3 else V2)
    said = attributes
    if zarr_format == 3:
        said = from_json(file.read_bytes()) | {"attributes": attributes}
    with whole_file(file) as part:
        part.write_text(json.dumps(said, indent=1, allow_nan=False), encoding="utf-8")
        flush(part)


def own_attributes(attributes: dict[str, Any]) -> dict[str, Any]:
    """Return what this program wrote about an image; nothing in one of other origin."""
    ours = attributes.get(NAMESPACE)
    return ours if isinstance(ours, dict) else {}
