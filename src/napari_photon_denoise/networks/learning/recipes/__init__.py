"""How the shipped models were trained, one JSON a model: all of its numbers are there."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent


def recipe_names() -> list[str]:
    """Names of the recipes that come with the program."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))
