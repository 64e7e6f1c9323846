"""The error of a training over its steps, as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_photon_denoise.io.whole import whole_file

if TYPE_CHECKING:
    from napari_photon_denoise.networks.learning.checkpoint import Curve


def draw_curve(curve: Curve, path: Path, score: str) -> None:
    """Write a PNG.

    Parameters
    ----------
    curve : Curve
    path : Path
    score : str
        What the held-out score is, for its axis.

    Raises
    ------
    PhotonDenoiseError
        If it can't be written.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    left = figure.add_subplot()
    left.plot(curve.steps, curve.held_out, "o-", label="held out")
    left.set(xlabel="step", ylabel=score)
    right = left.twinx()
    right.plot(curve.steps, curve.training, "--", color="0.6", label="training")
    right.set_ylabel("objective")
    figure.legend(loc="outside upper center", ncols=2)
    with whole_file(path) as part:
        figure.savefig(part, dpi=120)
