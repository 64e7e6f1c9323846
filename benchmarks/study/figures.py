"""The page's figures: those of the package's own pages, and how the networks learnt."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from benchmarks.study.tables import Facts

from napari_photon_denoise.io.whole import whole_file

DRAWING = re.compile(r'<svg [^>]*aria-label="([^"]*)"[^>]*>.*?</svg>', re.DOTALL)
FRAME = '<svg xmlns="http://www.w3.org/2000/svg" color="#222" '
PAPER = '<rect width="9999" height="9999" fill="white"/>'


def keep(html: str, names: dict[str, str], folder: Path) -> dict[str, str]:
    """Write drawings of a page of the package as SVG files.

    Parameters
    ----------
    html : str
        The page.
    names : mapping of str to str
        Name of the file without its ending, by the start of what the drawing says of itself.
    folder : Path

    Returns
    -------
    mapping of str to str
        What each drawing says of itself, by name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kept = {}
    for drawing in DRAWING.finditer(html):
        said = unescape(drawing[1])
        for start, name in names.items():
            if said.startswith(start):
                inside = drawing[0].replace("<svg ", FRAME, 1).replace(">", f">{PAPER}", 1)
                with whole_file(folder / f"{name}.svg") as part:
                    part.write_text(inside + "\n", encoding="utf-8")
                kept[name] = said
    return kept


def draw_training(facts: Facts, path: Path) -> None:
    """Draw the held-out error of each network over its steps."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 4.6), layout="constrained")
    axes = figure.add_subplot()
    for number, (title, said) in enumerate(facts.items()):
        dash = ("-", "--", ":")[number // 10]
        axes.plot(said["curve"]["steps"], said["curve"]["held_out"], dash, label=title)
    axes.set(xlabel="step", ylabel="held-out squared error over noise variance, dB")
    axes.grid(alpha=0.3)
    figure.legend(loc="outside right upper", fontsize=8)
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as part:
        figure.savefig(part, format="svg", metadata={"Date": None})
