"""Pages of which one is shown."""

from __future__ import annotations

from qtpy.QtWidgets import QVBoxLayout, QWidget


class Pages(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Widgets of which one is shown; unlike a QStackedWidget, no higher than that one needs."""

    def __init__(self) -> None:
        super().__init__()
        self._pages: list[QWidget] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)

    def add(self, page: QWidget) -> None:
        """Add a page, hidden unless it is the first."""
        page.setVisible(not self._pages)
        self._pages.append(page)
        self._layout.addWidget(page)

    def show_page(self, page: QWidget) -> None:
        """Show one page and hide the others."""
        for other in self._pages:
            if other is not page:
                other.hide()
        page.show()
