"""The user's defaults, from napari's Preferences."""

from __future__ import annotations

from typing import NamedTuple

PLUGIN = "napari-photon-denoise"


class Defaults(NamedTuple):
    """What a new task starts with."""

    device: str = "auto"
    tile: int | None = None


def read_defaults() -> Defaults:
    """Return the defaults of Preferences; our own where napari has no settings of plugins."""
    try:
        from napari.settings import get_plugin_settings
    except ImportError:  # napari before 0.9
        return Defaults()
    settings = get_plugin_settings().get(PLUGIN)
    if settings is None:  # used without its manifest, as in a script
        return Defaults()
    chosen = settings.denoising
    return Defaults(device=str(chosen.device), tile=int(chosen.tile) or None)
