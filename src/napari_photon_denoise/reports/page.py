"""One HTML page: nothing is fetched, nothing is run, it prints as it looks."""

from __future__ import annotations

from html import escape
from importlib.resources import files


def html_page(title: str, parts: tuple[str, ...]) -> str:
    """Put a page together, with its style inside.

    Parameters
    ----------
    title : str
        Text, not HTML.
    parts : tuple of str
        HTML: a header, then sections.
    """
    style = files("napari_photon_denoise.reports").joinpath("page.css").read_text("utf-8")
    body = "\n".join(part for part in parts if part)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def section(title: str, text: str, *parts: str) -> str:
    """Make a section of a page; pictures among its parts become figures.

    Parameters
    ----------
    title, text : str
        HTML.
    *parts : str
        HTML.
    """
    inside = "\n".join(f"<figure>{part}</figure>" if "<svg" in part else part for part in parts)
    return f"<section>\n<h2>{title}</h2>\n<p>{text}</p>\n{inside}\n</section>"
