"""How the figures look: one colour and dash a method, safe for colour-blind readers."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from napari_photon_denoise.io.whole import whole_file

# Okabe and Ito's colours; who shares one has another dash and marker.
BLACK, GREY, ORANGE, SKY, GREEN = "#000000", "#888888", "#E69F00", "#56B4E9", "#009E73"
BLUE, RED, PINK, BROWN = "#0072B2", "#D55E00", "#CC79A7", "#8C6D31"
LOOKS: dict[str, tuple[str, str, str]] = {
    "raw": (GREY, ":", "x"),
    "gaussian": (GREY, "--", "+"),
    "nlm": (ORANGE, "-", "s"),
    "nlm-3d": (ORANGE, "--", "D"),
    "resunet-2d": (BLACK, "-", "o"),
    "resunet-stack": (BLACK, "--", "P"),
    "resunet": (BLUE, "-", "o"),
    "resunet-plain": (BLUE, "--", "v"),
    "resunet-kl": (BLUE, ":", "^"),
    "resunet-plain-kl": (BLUE, "-.", "*"),
    "u-net": (GREEN, "-", "s"),
    "u-net-plain": (GREEN, "--", "v"),
    "autoencoder": (PINK, "-", "D"),
    "autoencoder-plain": (PINK, "--", "v"),
    "rcan": (RED, "-", "^"),
    "rcan-plain": (RED, "--", "v"),
    "dncnn": (SKY, "-", "P"),
}
DPI = 110
COLOURS = 160


def look(method: str) -> dict[str, Any]:
    """Return colour, dash and marker of a method, as `plot` takes them."""
    colour, dash, marker = LOOKS.get(method, (BROWN, "-", "o"))
    return {"color": colour, "linestyle": dash, "marker": marker, "markersize": 4, "linewidth": 1.4}


def line_look(method: str) -> dict[str, Any]:
    """Return the same without a marker, for long lines."""
    return {key: value for key, value in look(method).items() if not key.startswith("marker")}


def new_figure(width: float, height: float) -> Figure:
    """Make a figure, size in inches."""
    return Figure(figsize=(width, height), layout="constrained")


def save(figure: Figure, path: Path) -> None:
    """Write a PNG of few colours: small."""
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    drawn = BytesIO()
    figure.savefig(drawn, format="png", dpi=DPI)
    with whole_file(path) as part:
        image = Image.open(drawn).convert("RGB")
        image.quantize(COLOURS).save(part, format="PNG", optimize=True)
