"""``photon-denoise denoise`` and ``photon-denoise run``: files in, files out, one by one."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from napari_photon_denoise.cli.cameras import NAME_AXES, describe_camera
from napari_photon_denoise.cli.console import FAULT, in_words, note, run_with_bar, say
from napari_photon_denoise.cli.files_told import FilesTeller
from napari_photon_denoise.cli.options import (
    add_camera_options,
    add_method_options,
    add_results_option,
    add_work_options,
    camera_from,
    method_from,
)
from napari_photon_denoise.cli.shard_options import (
    add_shard_options,
    check_format,
    check_here,
    shard_runner,
    store_options,
)
from napari_photon_denoise.cli.signals import stop_if_asked
from napari_photon_denoise.cli.watch import add_watch_options, watch_and_tell, watch_from
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.faults import ProgramFault
from napari_photon_denoise.files import FilesWork, denoise_files_job
from napari_photon_denoise.io import find_raw_images, find_series
from napari_photon_denoise.io.series import is_series
from napari_photon_denoise.job import relabelled
from napari_photon_denoise.recipe import Recipe, load_recipe


def add_denoise_command(commands: Any) -> None:
    """Add ``denoise``."""
    parser = commands.add_parser(
        "denoise",
        help="denoise image files",
        description="Denoise files, folders or globs and write OME-TIFF or OME-Zarr. Files already "
        "done are skipped, and so are results of this program; a bad file does not stop the "
        "others. What a method gives beside the image, such as a standard deviation, is written "
        "beside OUT. Without a camera, gain and offset are estimated from each image, which is "
        "less sure.",
    )
    parser.add_argument("images", nargs="+", metavar="IN", help="file, folder or glob")
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="OUT",
        help="file (.ome.tif, or .ome.zarr for what is huge), or folder",
    )
    add_method_options(parser)
    add_camera_options(parser)
    group = parser.add_argument_group("image")
    group.add_argument("--axes", help="a letter of TCZYX a dimension, where the file does not say")
    group.add_argument(
        "--series",
        action="store_true",
        help="take the numbered TIFF files of each folder, or of a pattern in quotes, as one stack",
    )
    group.add_argument(
        "--units",
        choices=("photons", "counts"),
        default="photons",
        help="float32 photons, or grey values in the image's own type (default: photons)",
    )
    add_shard_options(parser)
    add_work_options(parser)
    add_results_option(parser)
    add_watch_options(parser)
    parser.set_defaults(command=_denoise)


def add_run_command(commands: Any) -> None:
    """Add ``run``."""
    parser = commands.add_parser(
        "run",
        help="repeat a recipe",
        description="Do again what a recipe says, on its own image or on others.",
    )
    parser.add_argument(
        "recipe",
        metavar="RECIPE",
        help="recipe (.json), or a result (.ome.tif, .ome.zarr) that holds one",
    )
    parser.add_argument("images", nargs="*", metavar="IN", help="instead of the recipe's image")
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help="instead of the recipe's output, which is taken if it lies beside the image",
    )
    add_camera_options(parser)
    add_shard_options(parser)
    add_work_options(parser)
    add_results_option(parser)
    add_watch_options(parser)
    parser.set_defaults(command=_run)


def _denoise(chosen: argparse.Namespace) -> int:
    denoiser = method_from(chosen)
    work = FilesWork(
        denoiser=denoiser,
        output=Path(chosen.output),
        label=denoiser.method,
        camera=describe_camera(camera_from(chosen), chosen),
        units=chosen.units,
        axes=chosen.axes,
        name_axes=NAME_AXES,
        device=chosen.device,
        tile=chosen.tile,
        overwrite=chosen.overwrite,
        allow_results=chosen.allow_results,
        verbose=chosen.verbose,
    )
    return _do(work, chosen.images, chosen, series=chosen.series)


def _run(chosen: argparse.Namespace) -> int:
    recipe = load_recipe(chosen.recipe)
    images = chosen.images or ([recipe.input] if recipe.input else [])
    if not images:
        raise PhotonDenoiseError(f"{chosen.recipe} does not say which image: give IN and -o OUT.")
    work = FilesWork(
        denoiser=recipe.denoiser,
        output=Path(chosen.output) if chosen.output else _output_of(recipe, chosen),
        label=recipe.denoiser.method,
        camera=describe_camera(camera_from(chosen) or recipe.calibration.restore(), chosen),
        units=recipe.units,
        axes=recipe.axes,
        name_axes=NAME_AXES,
        device=chosen.device,
        tile=chosen.tile or recipe.tile,
        overwrite=chosen.overwrite,
        allow_results=chosen.allow_results,
        verbose=chosen.verbose,
        # A result that is made again where it lies is its own recipe.
        recipe=Path(chosen.recipe) if chosen.output else None,
    )
    series = not chosen.images and is_series(Path(images[0]))
    return _do(work, images, chosen, series=series)


def _output_of(recipe: Recipe, chosen: argparse.Namespace) -> Path:
    """Return the output that a recipe names, if it is beside the recipe's own image or itself.

    A recipe comes from elsewhere, perhaps from someone else: it does not choose a place.

    Raises
    ------
    PhotonDenoiseError
        If the place is another, or the recipe's output is not that of the images.
    """
    if recipe.output is None or recipe.input is None or chosen.images:
        raise PhotonDenoiseError(
            f"{chosen.recipe} does not say where the result of this image goes: give -o OUT."
        )
    output = Path(os.path.realpath(recipe.output))
    beside = {Path(os.path.realpath(one)).parent for one in (recipe.input, chosen.recipe)}
    if output.parent not in beside:
        raise PhotonDenoiseError(
            f"{chosen.recipe} would write to {recipe.output}, which is not beside its image: give "
            "-o OUT, that name or another."
        )
    return output


def _do(
    work: FilesWork,
    patterns: Sequence[str],
    chosen: argparse.Namespace,
    *,
    series: bool = False,
) -> int:
    """Denoise every image; return 0, or 2 if any failed, or 3 if that was this program's fault."""
    work = replace(work, ending=check_format(chosen, work.output), options=store_options(chosen))
    watch = watch_from(chosen)
    if watch is not None:
        check_here(chosen)
        _check_no_series(series)
        return watch_and_tell(work, patterns, watch)
    found = (
        find_series(patterns)
        if series
        else find_raw_images(patterns, allow_results=work.allow_results)
    )
    for sentence in found.notes:
        note(sentence)
    teller = FilesTeller(chosen.shards)
    try:
        with shard_runner(chosen, found.paths, work.output, work.denoiser) as who:
            work = replace(
                work, run_shards=who.run_shards, make_pyramid=who.make_pyramid, share=chosen.shards
            )
            job = denoise_files_job(work, found.paths)
            files = run_with_bar(relabelled(job, teller), "")
        stop_if_asked()  # a library may have made an error of that
    except KeyboardInterrupt:
        teller.say_kept()  # now that no worker adds to it
        raise
    failed = [(file.source, file.error) for file in files if file.error is not None]
    if failed and len(files) == 1:
        raise failed[0][1]
    if failed:
        say(f"{len(files) - len(failed)} of {len(files)} images are done; these failed:")
        for source, error in failed:
            say(f"  {source}: {in_words(error)}")
    if any(isinstance(error, ProgramFault) for _, error in failed):
        return FAULT
    return 2 if failed else 0


def _check_no_series(series: bool) -> None:
    if series:
        raise PhotonDenoiseError(
            "A series is one stack, whose files must all be there: leave out --watch, or --series "
            "to denoise each file as it comes."
        )
