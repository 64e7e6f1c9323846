"""What was measured of a model's intervals, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def say_coverage(facts: Mapping[str, Any]) -> str:
    """Say how many pixels of images that were kept aside a model's intervals hold.

    Parameters
    ----------
    facts : mapping
        Of the model's file.

    Returns
    -------
    str
        A sentence; empty for models that have no intervals, or none that were measured.
    """
    measured = facts.get("coverage")
    if not isinstance(measured, dict):
        return ""
    fifty, ninety = (round(100 * share) for share in measured["held"])
    bright, brightest = (round(100 * share) for share in measured["held_where_bright"])
    first, second = measured["factors"]
    return (
        f"The 50 % interval, {first:.2f} scales to either side, holds {fifty} % of the pixels of "
        f"images that were kept aside, and the 90 % interval, {second:.2f} scales, {ninety} %; of "
        f"the brighter half {bright} % and {brightest} %. Of images unlike those nothing is known."
    )
