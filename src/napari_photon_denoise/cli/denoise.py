"""``photon-denoise denoise`` and ``photon-denoise run``: files in, files out, one by one."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.estimate import estimate_job
from napari_photon_denoise.cli.console import complain, note, run_with_bar, say
from napari_photon_denoise.cli.extra_files import extra_files
from napari_photon_denoise.cli.folder import make_folder
from napari_photon_denoise.cli.options import (
    add_camera_options,
    add_method_options,
    add_work_options,
    camera_from,
    fit_camera,
    method_from,
    say_correlation,
    with_file,
)
from napari_photon_denoise.denoisers import AnyMethod
from napari_photon_denoise.errors import OutputExists, PhotonDenoiseError
from napari_photon_denoise.io import ImageFile, find_images, open_ome_tiff, read
from napari_photon_denoise.io.image import bare_name
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.pipeline import Denoised, Units, denoise_job, result_dtype
from napari_photon_denoise.recipe import CalibrationRecord, Recipe, load_recipe, parse_recipe


@dataclass(frozen=True)
class Work:
    """What is done to every image.

    Parameters
    ----------
    denoiser : method and its parameters
    camera : Calibration or None
        None estimates it from each image.
    units : {"photons", "counts"}
    axes : str or None
        Of the images, where they do not say.
    tile : int or None
    chosen : argparse.Namespace
        Device, overwriting, and what is known of the images' camera.
    """

    denoiser: AnyMethod
    camera: Calibration | None
    units: Units
    axes: str | None
    tile: int | None
    chosen: argparse.Namespace

    def calibration(self, image: ImageFile) -> Calibration:
        """Return the calibration that fits an image; say so if it is only an estimate."""
        if self.camera is not None:
            fitting = fit_camera(self.camera, tuple(image.data.shape[-2:]), self.chosen)
            return say_correlation(with_file(fitting), self.chosen)
        estimate = run_with_bar(estimate_job(image.data, image.axes), image.path.name)
        for sentence in ("No camera was given.", *estimate.sentences):
            note(f"{image.path.name}: {sentence}")
        return say_correlation(estimate.calibration(), self.chosen)

    def recipe(
        self, image: ImageFile, target: Path, calibration: Calibration, denoiser: AnyMethod
    ) -> Recipe:
        """Everything that determines the result of an image."""
        return Recipe(
            calibration=CalibrationRecord.of(calibration),
            denoiser=denoiser,
            units=self.units,
            axes=image.axes,
            tile=self.tile,
            input=str(image.path.resolve()),
            output=str(target.resolve()),
        )


def add_denoise_command(commands: Any) -> None:
    """Add ``denoise``."""
    parser = commands.add_parser(
        "denoise",
        help="denoise image files",
        description="Denoise files, folders or globs and write OME-TIFF. Files already done are "
        "skipped; a bad file does not stop the others. What a method gives beside the image, such "
        "as a standard deviation, is written beside OUT. Without a camera, gain and offset are "
        "estimated from each image, which is less sure.",
    )
    parser.add_argument("images", nargs="+", metavar="IN", help="file, folder or glob")
    parser.add_argument(
        "-o", "--output", required=True, metavar="OUT", help="file (.ome.tif), or folder"
    )
    add_method_options(parser)
    add_camera_options(parser)
    group = parser.add_argument_group("image")
    group.add_argument("--axes", help="a letter of TCZYX a dimension, where the file does not say")
    group.add_argument(
        "--units",
        choices=("photons", "counts"),
        default="photons",
        help="float32 photons, or grey values in the image's own type (default: photons)",
    )
    add_work_options(parser)
    parser.set_defaults(command=_denoise)


def add_run_command(commands: Any) -> None:
    """Add ``run``."""
    parser = commands.add_parser(
        "run",
        help="repeat a recipe",
        description="Do again what a recipe says, on its own image or on others.",
    )
    parser.add_argument(
        "recipe", metavar="RECIPE", help="recipe (.json), or a result (.ome.tif) that holds one"
    )
    parser.add_argument("images", nargs="*", metavar="IN", help="instead of the recipe's image")
    parser.add_argument("-o", "--output", metavar="OUT", help="instead of the recipe's output")
    add_camera_options(parser)
    add_work_options(parser)
    parser.set_defaults(command=_run)


def _denoise(chosen: argparse.Namespace) -> int:
    work = Work(
        denoiser=method_from(chosen),
        camera=camera_from(chosen),
        units=chosen.units,
        axes=chosen.axes,
        tile=chosen.tile,
        chosen=chosen,
    )
    return _do(work, chosen.images, chosen.output)


def _run(chosen: argparse.Namespace) -> int:
    recipe = load_recipe(chosen.recipe)
    images = chosen.images or ([recipe.input] if recipe.input else [])
    output = chosen.output or recipe.output
    if not images or output is None:
        raise PhotonDenoiseError(
            f"{chosen.recipe} does not say which image and output: give IN and -o OUT."
        )
    work = Work(
        denoiser=recipe.denoiser,
        camera=camera_from(chosen) or recipe.calibration.restore(),
        units=recipe.units,
        axes=recipe.axes,
        tile=chosen.tile or recipe.tile,
        chosen=chosen,
    )
    return _do(work, images, output)


def _do(work: Work, patterns: Sequence[str], output: str) -> int:
    """Denoise every image; return 0, or 2 if any failed."""
    images = find_images(patterns)
    targets = _targets(images, output, work.denoiser.method)
    failed: list[tuple[Path, str]] = []
    for path, target in targets:
        try:
            with read(path, axes=work.axes) as image:
                _denoise_file(work, image, target, skip_done=len(targets) > 1)
        except PhotonDenoiseError as error:
            if len(targets) == 1:
                raise
            failed.append((path, str(error)))
            complain(f"{path}: {error}")
    if failed:
        say(f"{len(targets) - len(failed)} of {len(targets)} images are done; these failed:")
        for path, why in failed:
            say(f"  {path}: {why}")
    return 2 if failed else 0


def _targets(images: Sequence[Path], output: str, method: str) -> list[tuple[Path, Path]]:
    """Pair every image with the file to write."""
    folder = Path(output)
    is_file = folder.suffix.lower() in (".tif", ".tiff")
    if is_file and len(images) > 1:
        raise PhotonDenoiseError(
            f"{len(images)} images can't go into one file {folder}: name a folder with -o."
        )
    if is_file:
        return [(images[0], folder)]
    make_folder(folder)
    pairs = [(path, folder / f"{bare_name(path)}_{method}.ome.tif") for path in images]
    names = [target for _, target in pairs]
    twice = sorted({str(name) for name in names if names.count(name) > 1})
    if twice:
        raise PhotonDenoiseError(
            f"Several images would be written to {twice[0]}: denoise their folders one by one."
        )
    return pairs


def _denoise_file(work: Work, image: ImageFile, target: Path, *, skip_done: bool) -> None:
    """Denoise one file into another, and its extras beside; whole, or not at all."""
    if image.axes_guessed:
        note(f"{image.path.name} does not name its axes; {image.axes} is a guess: see --axes.")
    calibration = work.calibration(image)
    photons = Photons(image.data, calibration, image.axes, image.pixel_size)
    denoiser = work.denoiser.resolved(photons)
    extras = extra_files(denoiser, target)
    files = [target, *extras.values()]
    for file in files:
        if file.resolve() == image.path.resolve():
            raise PhotonDenoiseError(f"{file} is the input itself: choose another output.")
    recipe = work.recipe(image, target, calibration, denoiser)
    if skip_done and target.exists() and not work.chosen.overwrite:
        for file in files:
            _check_made_by(file, recipe)
        say(f"{image.path}: done already, skipped")
        return
    result = _write(work, photons, image, files, denoiser, recipe, tuple(extras))
    for sentence in result.notes:
        note(f"{image.path.name}: {sentence}")
    for file in files:
        say(f"{image.path} -> {file}")


def _write(
    work: Work,
    photons: Photons,
    image: ImageFile,
    files: Sequence[Path],
    denoiser: AnyMethod,
    recipe: Recipe,
    extras: Sequence[str],
) -> Denoised:
    """Denoise into files: the image, then its extras."""
    dtype = result_dtype(photons, work.units)
    with ExitStack() as opened:
        outs = [
            opened.enter_context(
                open_ome_tiff(
                    file,
                    photons.shape,
                    np.float32 if number else dtype,
                    image.axes,
                    pixel_size=image.pixel_size,
                    channel_names=image.channel_names,
                    recipe=recipe.as_dict(),
                    overwrite=work.chosen.overwrite,
                )
            )
            for number, file in enumerate(files)
        ]
        job = denoise_job(
            photons,
            denoiser,
            device=work.chosen.device,
            tile=work.tile,
            units=work.units,
            out=outs[0],
            extra_out=dict(zip(extras, outs[1:], strict=True)).__getitem__,
        )
        return run_with_bar(job, image.path.name)


def _check_made_by(target: Path, recipe: Recipe) -> None:
    """Refuse a file that is missing beside what is there, or was made by another recipe."""
    if not target.exists():
        raise OutputExists(
            f"{target} is missing, and what belongs with it exists already: add --overwrite to "
            "make both again, or choose another folder."
        )
    with read(target) as before:
        made = parse_recipe(before.recipe, str(target)) if before.recipe else None
    if made != recipe:
        raise OutputExists(
            f"{target} exists already and was made otherwise: add --overwrite, or choose another "
            "folder."
        )
