"""Clusters as files: the figures as a table, the numbers of clusters that were tried as a plot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from napari_photon_denoise.evaluation.clusters import HEADER, Clusters, rows
from napari_photon_denoise.io.text import TABLE, as_csv, write_text
from napari_photon_denoise.io.whole import check_output, whole_file
from napari_photon_denoise.metrics.clusters import Indices

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PICTURE = (".png", ".svg", ".pdf"), "The plot"
PANELS = (
    ("silhouette", "silhouette\n(1 is best)"),
    ("davies_bouldin", "Davies-Bouldin\n(0 is best)"),
    ("share", "share of squares\nwithin clusters"),
)


def save_table(clusters: Clusters, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write the figures as CSV: what was found, and every number of clusters that was tried.

    Raises
    ------
    PhotonDenoiseError
        If the file can't be written, or is there and may not be replaced.
    """
    return write_text(lambda: as_csv(HEADER, rows(clusters)), path, TABLE, overwrite=overwrite)


def save_sweep(clusters: Clusters, path: str | Path, *, overwrite: bool = False) -> Path:
    """Draw the figures over the number of clusters.

    Raises
    ------
    PhotonDenoiseError
        If the file can't be written, or is there and may not be replaced.
    """
    target = check_output(path, *PICTURE, overwrite=overwrite)
    figure = _draw(clusters)
    with whole_file(target) as part:
        figure.savefig(part, dpi=120, format=target.suffix[1:].lower())
    return target


def _draw(clusters: Clusters) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 5.5), layout="constrained")
    axes = figure.subplots(len(PANELS), sharex=True)
    for one in clusters.channels:
        label = f"channel {one.channel}" if len(clusters.channels) > 1 else "K-means"
        for axis, (name, text) in zip(axes, PANELS, strict=True):
            axis.plot(*curve(one.sweep, name), "o-", label=label)
            axis.set_ylabel(text)
            axis.grid(alpha=0.2)
    axes[0].legend(frameon=False)
    axes[-1].set_xlabel("number of clusters, K")
    axes[-1].xaxis.get_major_locator().set_params(integer=True)
    return figure


def curve(sweep: Sequence[Indices], name: str) -> tuple[list[int], list[float]]:
    """Numbers of clusters and a figure of them; those without one are left out."""
    known = [(one.clusters, getattr(one, name)) for one in sweep]
    counts = [count for count, value in known if value is not None]
    return counts, [value for _, value in known if value is not None]
