"""Tables, Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def row(*cells: str) -> str:
    """Write a line of a table."""
    return f"| {' | '.join(cells)} |"


def print_row(*cells: str) -> None:
    """Print a line at once: the next may take minutes."""
    print(row(*cells), flush=True)


def head(*titles: str) -> str:
    """Write the first two lines of a table."""
    return f"{row(*titles)}\n{row(*['---'] * len(titles))}"


def table(titles: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Write a table."""
    return "\n".join([head(*titles), *(row(*line) for line in lines)])
