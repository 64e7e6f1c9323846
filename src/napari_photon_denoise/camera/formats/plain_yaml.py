"""YAML as mappings, lists and text, without what makes a small file large or slow.

Numbers, dates and the like stay text: whoever needs a number makes it of the text, and says so
where it is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from napari_photon_denoise.errors import UnreadableFile

LARGEST = 4_000_000  # bytes; a movie's description by Micro-Manager has some 100,000
DEEPEST = 50  # mappings in mappings


def read_plain(path: Path) -> list[Any]:
    """Read the documents of a file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    list
        Of each document: dict, list or str. What is referred to twice is one object.

    Raises
    ------
    UnreadableFile
        If it is broken, too large or nested too deeply.
    """
    import yaml  # type: ignore[import-untyped]

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # in C where PyYAML has it
    if path.stat().st_size > LARGEST:
        raise UnreadableFile(
            f"{path} has {path.stat().st_size / 1e6:.0f} MB: the description of a camera has some "
            "kB; choose the file that Picasso or DECODE wrote."
        )
    try:
        text = path.read_text(encoding="utf-8")
        # Looked at before anything is built: building goes down by calling itself.
        if _depth(yaml.parse(text, Loader=loader)) <= DEEPEST:
            return list(yaml.load_all(text, Loader=loader))
    # PyYAML also raises errors of Python's own for what it cannot build.
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableFile(f"{path} can't be read: it is broken or no YAML.") from error
    raise UnreadableFile(f"{path} is nested too deeply for the description of a camera: check it.")


def _depth(events: Iterator[Any]) -> int:
    """Return how deep mappings and lists lie in each other; no further than is allowed."""
    import yaml

    depth = deepest = 0
    for event in events:
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        deepest = max(deepest, depth)
        if deepest > DEEPEST:
            break
    return deepest
