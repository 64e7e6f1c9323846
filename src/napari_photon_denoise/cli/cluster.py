"""``photon-denoise cluster``: which pixels of an image look alike, as labels and figures."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Column, Table

from napari_photon_denoise.api.cluster import seen
from napari_photon_denoise.cli.cameras import NAME_AXES, describe_camera
from napari_photon_denoise.cli.console import note, run_with_bar, say, show_whole
from napari_photon_denoise.cli.options import (
    add_camera_options,
    add_flag,
    camera_from,
    stated_by,
)
from napari_photon_denoise.cli.outputs import check_outputs
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.evaluation.clusters import (
    HEADER,
    Clusters,
    cluster_job,
    labels_job,
    rows,
)
from napari_photon_denoise.evaluation.numbers import FOUR, number
from napari_photon_denoise.io import About, open_image
from napari_photon_denoise.io.text import TABLE
from napari_photon_denoise.io.whole import check_output
from napari_photon_denoise.metrics.clusters import ClusterSettings
from napari_photon_denoise.metrics.clusters.settings import MOST
from napari_photon_denoise.parameters import declared_parameters
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.reports.clusters import PICTURE, save_sweep, save_table

SWEEP = range(2, 9)


def add_command(commands: Any) -> None:
    """Add ``cluster``."""
    parser = commands.add_parser(
        "cluster",
        help="which pixels look alike: labels, and figures of how well they part",
        description="Find clusters of pixels that look alike in a smoothed image, each channel by "
        "itself, and print how well they are apart. Labels are numbered from 1, dark to bright, "
        "and -1 where a pixel belongs to no cluster.",
    )
    parser.add_argument("image", metavar="IMAGE", help="counts, or a denoised image")
    parser.add_argument("-o", "--output", metavar="LABELS", help="the labels (.ome.tif, .ome.zarr)")
    parser.add_argument("--csv", metavar="FILE", help="also write the figures there")
    parser.add_argument(
        "--sweep",
        nargs="*",
        type=int,
        metavar="K",
        help="numbers of clusters that K-means is tried with as well "
        f"(default, if none is named: {SWEEP[0]} to {SWEEP[-1]})",
    )
    parser.add_argument("--plot", metavar="FILE", help="also draw the figures over K (.png, .svg)")
    parser.add_argument("--axes", help="a letter of TCZYX a dimension, where the file does not say")
    parser.add_argument("--overwrite", action="store_true", help="replace files that are there")
    group = parser.add_argument_group("clusters")
    for part in declared_parameters(ClusterSettings):
        add_flag(group, part)
    add_camera_options(parser)
    parser.set_defaults(command=_cluster)


def _cluster(chosen: argparse.Namespace) -> int:
    settings = stated_by(vars(chosen), ClusterSettings)
    sweep = _sweep(chosen)
    for name, kind in ((chosen.csv, TABLE), (chosen.plot, PICTURE)):
        if name is not None:
            check_output(name, *kind, overwrite=chosen.overwrite)
    outputs = (chosen.output, chosen.csv, chosen.plot)
    check_outputs(chosen, outputs, {"input": [chosen.image]})
    given = camera_from(chosen)
    # Of noise that can't be told, the plainest model does: labels need no more.
    camera = replace(describe_camera(given, chosen), all_the_same=True)
    with seen(chosen.image, camera, chosen.axes, NAME_AXES) as (photons, notes):
        for sentence in notes:
            note(sentence)
        clusters = _into(chosen, photons, settings, sweep)
    _show(clusters)
    for sentence in clusters.notes:
        note(sentence)
    if chosen.output is not None:
        say(f"wrote {chosen.output}")
    if chosen.csv is not None:
        say(f"wrote {save_table(clusters, chosen.csv, overwrite=chosen.overwrite)}")
    if chosen.plot is not None:
        say(f"wrote {save_sweep(clusters, chosen.plot, overwrite=chosen.overwrite)}")
    return 0


def _sweep(chosen: argparse.Namespace) -> Sequence[int]:
    """Return the numbers of clusters to try; those of a plot, if none is named."""
    if chosen.sweep is None:
        return SWEEP if chosen.plot is not None else ()
    wrong = [count for count in chosen.sweep if not 1 <= count <= MOST]
    if wrong:
        raise PhotonDenoiseError(f"--sweep takes 1 to {MOST} clusters, not {wrong[0]}.")
    return sorted(set(chosen.sweep)) or SWEEP


def _into(
    chosen: argparse.Namespace,
    photons: Photons,
    settings: ClusterSettings,
    sweep: Sequence[int],
) -> Clusters:
    """Find the clusters, and write the labels if they are wanted."""
    name = Path(chosen.image).name
    if chosen.output is None:
        return run_with_bar(cluster_job(photons, settings, sweep), name)
    about = About(photons.axes, photons.pixel_size)
    # Opened first: what can't be written is refused before any work.
    with open_image(
        chosen.output, photons.shape, np.int32, about, overwrite=chosen.overwrite
    ) as target:
        clusters = run_with_bar(cluster_job(photons, settings, sweep), name)
        run_with_bar(labels_job(photons, clusters, target), name)
    return clusters


def _show(clusters: Clusters) -> None:
    """Print the figures."""
    deep = len(clusters.channels) > 1
    table = Table(
        *(Column(title, no_wrap=True) for title in HEADER[not deep :]),
        box=None,
        header_style="bold",
    )
    for row in rows(clusters):
        cells = [text if isinstance(text, str) else number(text, FOUR) for text in row[not deep :]]
        table.add_row(*cells)
    show_whole(table)
