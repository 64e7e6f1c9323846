"""What the OME schema of 2016-06 allows, so that what is taken from a file stays valid in ours.

Files of older schemas, and of programs that write what none allows, are common. `ome_2016_06.json`
is made from the schema (https://www.openmicroscopy.org/Schemas/OME/2016-06, CC BY 3.0).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from datetime import datetime
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any
from xml.etree.ElementTree import Element

from napari_photon_denoise.io.units import plain

_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FLOAT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_INT = re.compile(r"[+-]?\d{1,18}")
_URI = re.compile(r"[^\s<>\"{}|\\^`\[\]]{1,500}")
_LIMIT = 2**31  # of xsd:int
_DEEPEST = 50


def fitting(element: Element, name: str) -> Element | None:
    """Copy an element, as far as the schema allows it.

    What it does not know is left out, children are put in its order, and the names lose their
    namespace.

    Parameters
    ----------
    element : Element
        Of any version of the schema.
    name : str
        Of the element in the schema.

    Returns
    -------
    Element or None
        None if something is missing that the schema asks for.
    """
    return _copy(element, name, name)


def text_of(text: str | None) -> str:
    """Leave out the control characters that XML forbids."""
    return _FORBIDDEN.sub("", text or "")


def local(element: Element) -> str:
    """Return an element's name without its namespace; "" of comments and the like."""
    return str(element.tag).rpartition("}")[2] if isinstance(element.tag, str) else ""


def as_date(text: str) -> str | None:
    """Return a date with its time as the schema writes it; None if it is none."""
    try:
        return datetime.fromisoformat(text.strip()).isoformat()
    except ValueError:
        return None


@cache
def _table() -> dict[str, Any]:
    text = files("napari_photon_denoise.io").joinpath("ome_2016_06.json").read_text("utf-8")
    table: dict[str, Any] = json.loads(text)
    return table


def _copy(element: Element, name: str, row_name: str) -> Element | None:
    row = _table()[row_name]
    made = Element(name, _attributes(element, row["attributes"]))
    if any(needed not in made.attrib for needed in row["required"]):
        return None
    if "text" in row and not _copy_text(element, made, row["text"]):
        return None
    by_name: dict[str, list[Element]] = {}
    for child in element:
        by_name.setdefault(local(child), []).append(child)
    for child_name, child_row, many in row["children"]:
        copies = [_copy(child, child_name, child_row) for child in by_name.get(child_name, ())]
        fit = [copy for copy in copies if copy is not None]
        made.extend(fit if many else fit[:1])
        if child_name in row["needs"] and not fit:
            return None
    return made


def _copy_text(element: Element, made: Element, kind: Any) -> bool:
    if kind == "any":
        if _is_deep(element):
            return False
        made.extend(_bare(child) for child in element if local(child))
        return True
    made.text = _value(element.text or "", kind)
    return made.text is not None


def _is_deep(element: Element) -> bool:
    """Tell whether elements lie in each other deeper than any program has them."""
    level = [element]
    for _ in range(_DEEPEST):
        level = [child for parent in level for child in parent]
        if not level:
            return False
    return True


def _bare(element: Element) -> Element:
    """Copy an element of any kind; what was in OME's namespace is in that of the whole again."""
    ours = "openmicroscopy.org" in str(element.tag)
    made = Element(local(element) if ours else str(element.tag))
    made.attrib.update({key: text_of(value) for key, value in element.items()})
    made.text, made.tail = text_of(element.text), text_of(element.tail)
    made.extend(_bare(child) for child in element if local(child))
    return made


def _attributes(element: Element, kinds: dict[str, Any]) -> dict[str, str]:
    found, lost = {}, set()
    for key, value in element.items():
        fit = _value(value, kinds[key]) if key in kinds else None
        if fit is not None:
            found[key] = fit
        elif key.endswith("Unit"):
            lost.add(key.removesuffix("Unit"))
    # A number whose unit is not understood would get the schema's own unit instead.
    return {key: value for key, value in found.items() if key not in lost}


def _value(text: str, kind: Any) -> str | None:
    """Return a value as the schema writes it, None if it allows it not."""
    text = text_of(text)
    if isinstance(kind, list):
        return text if text in kind else None
    if kind.startswith("Units"):
        return _unit(text, kind)
    if kind.endswith("ID"):
        pattern = rf"(urn:lsid:[\w\-.]{{1,200}}:)?{kind[:-2]}:\S{{1,200}}"
        return text if re.fullmatch(pattern, text) else None
    return _KINDS[kind](text)


@lru_cache(maxsize=1000)
def _unit(text: str, kind: str) -> str | None:
    unit = plain(text).replace("μ", "µ")  # Unicode has two of them
    return next((one for one in (text, unit) if one in _table()["units"][kind]), None)


def _number(pattern: re.Pattern[str], allowed: Callable[[float], bool]) -> Callable[[str], Any]:
    def fit(text: str) -> str | None:
        text = text.strip()
        if not pattern.fullmatch(text) or not math.isfinite(float(text)):
            return None
        return text if allowed(float(text)) else None

    return fit


def _colour(text: str) -> str | None:
    """Return a colour as a signed number: some write it as one without a sign."""
    if not _INT.fullmatch(text.strip()) or not -_LIMIT <= int(text) < 2 * _LIMIT:
        return None
    return str(int(text) - 2 * _LIMIT if int(text) >= _LIMIT else int(text))


_KINDS: dict[str, Callable[[str], str | None]] = {
    "string": str,
    "anyURI": lambda text: text if _URI.fullmatch(text) else None,
    "boolean": lambda text: text.lower() if text.lower() in ("true", "false", "0", "1") else None,
    "dateTime": as_date,
    "Color": _colour,
    "float": _number(_FLOAT, lambda _: True),
    "double": _number(_FLOAT, lambda _: True),
    "PositiveFloat": _number(_FLOAT, lambda number: number > 0),
    "NonNegativeFloat": _number(_FLOAT, lambda number: number >= 0),
    "PercentFraction": _number(_FLOAT, lambda number: 0 <= number <= 1),
    "int": _number(_INT, lambda number: -_LIMIT <= number < _LIMIT),
    "long": _number(_INT, lambda _: True),
    "PositiveInt": _number(_INT, lambda number: 0 < number < _LIMIT),
    "NonNegativeInt": _number(_INT, lambda number: 0 <= number < _LIMIT),
}
