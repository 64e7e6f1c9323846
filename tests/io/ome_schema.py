"""Make `io/ome_2016_06.json` of the OME schema that ome-types carries, or look whether it is so.

`python tests/io/ome_schema.py` writes it anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

XS = "{http://www.w3.org/2001/XMLSchema}"
TABLE = Path(__file__).parents[2] / "src/napari_photon_denoise/io/ome_2016_06.json"

# What is taken along, and all that stands in it; the pixels themselves are described anew.
CARRIED = ("Experimenter", "Instrument", "ObjectiveSettings", "ImagingEnvironment", "StageLabel")
CARRIED += ("Channel", "Plane", "CommentAnnotation", "TagAnnotation", "TermAnnotation")
CARRIED += ("LongAnnotation", "DoubleAnnotation", "BooleanAnnotation", "TimestampAnnotation")
CARRIED += ("MapAnnotation", "ListAnnotation", "XMLAnnotation", "ExperimenterRef", "InstrumentRef")
LEFT_OUT = ("HashSHA1",)  # of pixels that are others now


def schema() -> Path:
    import ome_types

    return Path(ome_types.__file__).parent / "ome-2016-06.xsd"


def make_table() -> dict[str, Any]:
    """Return a row an element: attributes, children in order, type of the text.

    A child is its name, its row, and whether there may be several of it.
    """
    root = ElementTree.parse(schema()).getroot()
    named = {child.get("name"): child for child in root if child.get("name")}
    table: dict[str, Any] = {"units": {}}
    waiting = list(CARRIED)
    while waiting:
        name = waiting.pop(0)
        if name not in table:
            table[name] = _row(named[name], named, table, waiting)
    return {name: table[name] for name in sorted(table)}


def _row(element: Any, named: Any, table: Any, waiting: list[str]) -> dict[str, Any]:
    row: dict[str, Any] = {"attributes": {}, "required": [], "children": [], "needs": []}
    text = _collect(element, row, named, table, waiting)
    return row | ({"text": text} if text else {})


def _collect(node: Any, row: Any, named: Any, table: Any, waiting: list[str]) -> Any:
    text = None
    base = node.get("base") or (node.get("type") if node.tag == XS + "element" else None)
    if node.tag == XS + "extension" and base in named:
        text = _collect(named[base], row, named, table, waiting)
    elif base and base.startswith("xsd:") and node.tag == XS + "extension":
        text = base.removeprefix("xsd:")
    elif node.tag == XS + "element" and base:
        if base in named and named[base].tag == XS + "complexType":
            text = _collect(named[base], row, named, table, waiting)
        else:
            text = _type(base, named, table)
    for child in node:
        if child.tag == XS + "attribute":
            kind = child.get("type")
            found = _type(kind, named, table) if kind else _enumeration(child)
            row["attributes"][child.get("name")] = found
            if child.get("use") == "required":
                row["required"].append(child.get("name"))
        elif child.tag == XS + "element":
            _child(child, row, named, table, waiting)
        elif child.tag == XS + "simpleType" and node.tag == XS + "element":
            text = _enumeration(node) or "string"
        elif child.tag == XS + "any":
            text = "any"
        else:
            text = _collect(child, row, named, table, waiting) or text
    return text


def _child(child: Any, row: Any, named: Any, table: Any, waiting: list[str]) -> None:
    name = child.get("ref") or child.get("name")
    if name in LEFT_OUT:
        return
    many = child.get("maxOccurs") != "1"
    members = [one for one, e in named.items() if e.get("substitutionGroup") == name] or [name]
    for member in members:
        kind = member
        if child.get("ref") is None:  # defined here, and not under its own name
            kind = _local(child, member, named, table, waiting)
        elif member not in table:
            waiting.append(member)
        row["children"].append([member, kind, many])
        if child.get("minOccurs", "1") != "0":
            row["needs"].append(member)


def _local(child: Any, member: str, named: Any, table: Any, waiting: list[str]) -> str:
    row = _row(child, named, table, waiting)
    kind = next((k for k, r in table.items() if k.startswith(f"{member}/") and r == row), None)
    if kind is None:
        kind = f"{member}/{sum(k.startswith(f'{member}/') for k in table)}"
        table[kind] = row
    return kind


def _type(name: str, named: Any, table: Any) -> Any:
    if name.startswith("xsd:"):
        return name.removeprefix("xsd:")
    values = _enumeration(named[name])
    if name.startswith("Units"):
        table["units"][name] = values
        return name
    return values or name


def _enumeration(node: Any) -> list[str]:
    return [value.get("value") for value in node.iter(XS + "enumeration")]


def as_text(table: dict[str, Any]) -> str:
    rows = [
        f"{json.dumps(n)}: {json.dumps(r, ensure_ascii=False, separators=(',', ':'))}"
        for n, r in table.items()
    ]
    return "{\n" + ",\n".join(rows) + "\n}\n"


if __name__ == "__main__":
    TABLE.write_text(as_text(make_table()), encoding="utf-8")
