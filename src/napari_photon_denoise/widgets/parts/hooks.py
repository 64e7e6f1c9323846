"""Connections to napari's events that can all be cut at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Hooks:
    """Events and what they call.

    napari outlives a dock widget: what is not disconnected would be called for ever.
    """

    def __init__(self) -> None:
        self._connected: list[tuple[Any, Callable[..., None]]] = []

    def connect(self, callback: Callable[..., None], *events: Any) -> None:
        """Call a function whenever one of the events happens."""
        for event in events:
            event.connect(callback)
            self._connected.append((event, callback))

    def cut(self, _gone: object = None) -> None:
        """Disconnect everything."""
        for event, callback in self._connected:
            event.disconnect(callback)
        self._connected.clear()
