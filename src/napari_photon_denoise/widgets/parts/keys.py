"""Keys of the viewer that a dock takes for as long as it is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Keys:
    """Binds keys, and lets go of them; those that someone else has taken stay theirs.

    Parameters
    ----------
    viewer : napari.Viewer
    """

    def __init__(self, viewer: Any) -> None:
        self._viewer = viewer
        self._bound: list[Any] = []

    def bind(self, key: str, function: Callable[[Any], Any]) -> None:
        """Call a function with the viewer when a key is pressed.

        One that yields goes on when the key is let go.

        Parameters
        ----------
        key : str
            Such as "H".
        function : callable
        """
        try:
            self._viewer.bind_key(key, function)
        except ValueError:  # taken, by another dock of ours, the user or a plugin
            return
        self._bound.append(key)

    def release(self) -> None:
        """Let go of all of them."""
        for key in self._bound:
            self._viewer.bind_key(key, None)
        self._bound.clear()
