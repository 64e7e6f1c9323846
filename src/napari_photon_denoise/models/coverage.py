"""What was measured of a model's intervals, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

OTHER_LIGHT = 1.5  # times more, or less, than the images had; at twice the light 27 % for 50 %


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


def say_other_light(facts: Mapping[str, Any], mean: float) -> str:
    """Say that an image has other light than those that a model's intervals were measured on.

    Parameters
    ----------
    facts : mapping
        Of the model's file.
    mean : float, e-
        Of the image.

    Returns
    -------
    str
        A sentence; empty where the light is like theirs, or nothing was measured.
    """
    measured = facts.get("coverage")
    if not isinstance(measured, dict):
        return ""
    low, high = measured["light"]
    if low / OTHER_LIGHT <= mean <= high * OTHER_LIGHT:
        return ""
    return (
        f"The image has {mean:.3g} photons a pixel, and those that the intervals were measured on "
        f"{low:.3g} to {high:.3g}: the intervals do not hold for it, so train on pairs of its "
        "exposure."
    )
