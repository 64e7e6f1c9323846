"""Tables of a report as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape


def table(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    styles: Sequence[str],
    kind: str = "",
) -> str:
    """Make a table of escaped text.

    Parameters
    ----------
    header : sequence of str
    rows : sequence of sequence of str
        Text, not HTML.
    styles : sequence of str
        CSS class of each column, or "".
    kind : str
        CSS class of the table: "narrow" for one no wider than its text.
    """

    def line(tag: str, texts: Sequence[str]) -> str:
        cells = (
            f'<{tag} class="{style}">{escape(text)}</{tag}>'
            if style
            else f"<{tag}>{escape(text)}</{tag}>"
            for text, style in zip(texts, styles, strict=True)
        )
        return f"<tr>{''.join(cells)}</tr>"

    body = "\n".join(line("td", row) for row in rows)
    head = f"<thead>{line('th', header)}</thead>" if any(header) else ""
    return f'<div class="wide"><table class="{kind}">{head}<tbody>\n{body}\n</tbody></table></div>'
