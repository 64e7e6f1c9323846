"""``photon-denoise denoise`` and ``photon-denoise run``: files in, files out, one by one."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from napari_photon_denoise.cli.console import complain, note, run_with_bar, say
from napari_photon_denoise.cli.folder import make_folder
from napari_photon_denoise.cli.options import (
    add_camera_options,
    add_method_options,
    add_work_options,
    camera_from,
    fit_camera,
    method_from,
    with_file,
)
from napari_photon_denoise.errors import OutputExists, PhotonDenoiseError
from napari_photon_denoise.io import ImageFile, find_images, open_ome_tiff, read
from napari_photon_denoise.io.image import bare_name
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.pipeline import denoise_job, result_dtype
from napari_photon_denoise.recipe import CalibrationRecord, Recipe, load_recipe, parse_recipe

NO_CAMERA = (
    "Say which camera took the image: --camera FILE (a calibration), --camera PRESET "
    "('photon-denoise info' lists them), or --gain, --offset and --read-noise. If the values are "
    "photons already: --gain 1 --offset 0."
)


def add_denoise_command(commands: Any) -> None:
    """Add ``denoise``."""
    parser = commands.add_parser(
        "denoise",
        help="denoise image files",
        description="Denoise files, folders or globs and write OME-TIFF. Files already done are "
        "skipped; a bad file does not stop the others.",
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
    denoiser, camera = method_from(chosen), camera_from(chosen)
    if camera is None:
        raise PhotonDenoiseError(NO_CAMERA)
    record = CalibrationRecord.of(with_file(camera))
    recipe = Recipe(
        calibration=record,
        denoiser=denoiser,
        units=chosen.units,
        axes=chosen.axes,
        tile=chosen.tile,
    )
    return _work(chosen, recipe, camera, chosen.images, chosen.output)


def _run(chosen: argparse.Namespace) -> int:
    recipe = load_recipe(chosen.recipe)
    camera = camera_from(chosen) or recipe.calibration.restore()
    images = chosen.images or ([recipe.input] if recipe.input else [])
    output = chosen.output or recipe.output
    if not images or output is None:
        raise PhotonDenoiseError(
            f"{chosen.recipe} does not say which image and output: give IN and -o OUT."
        )
    changes = {"calibration": CalibrationRecord.of(with_file(camera))}
    tile = chosen.tile or recipe.tile
    return _work(chosen, recipe.model_copy(update=changes | {"tile": tile}), camera, images, output)


def _work(
    chosen: argparse.Namespace,
    recipe: Recipe,
    camera: Any,
    patterns: Sequence[str],
    output: str,
) -> int:
    """Denoise every image; return 0, or 2 if any failed."""
    images = find_images(patterns)
    targets = _targets(images, output, recipe.denoiser.method)
    failed: list[tuple[Path, str]] = []
    for path, target in targets:
        try:
            with read(path, axes=recipe.axes) as image:
                if len(targets) > 1 and _is_done(target, image, recipe, camera, chosen):
                    say(f"{path}: done already, skipped")
                    continue
                _denoise_file(image, target, recipe, camera, chosen)
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


def _final_recipe(recipe: Recipe, image: ImageFile, target: Path, camera: Any) -> Recipe:
    """Complete a recipe with the files and axes that it is used on."""
    return recipe.model_copy(
        update={
            "calibration": CalibrationRecord.of(camera),
            "axes": image.axes,
            "input": str(image.path.resolve()),
            "output": str(target.resolve()),
        }
    )


def _is_done(
    target: Path, image: ImageFile, recipe: Recipe, camera: Any, chosen: argparse.Namespace
) -> bool:
    """Whether the output is there and was made by the same recipe."""
    if chosen.overwrite or not target.exists():
        return False
    fitted = with_file(fit_camera(camera, tuple(image.data.shape[-2:]), chosen))
    with read(target) as before:
        made = parse_recipe(before.recipe, str(target)) if before.recipe else None
    if made != _final_recipe(recipe, image, target, fitted):
        raise OutputExists(
            f"{target} exists already and was made otherwise: add --overwrite, or choose another "
            "folder."
        )
    return True


def _denoise_file(
    image: ImageFile, target: Path, recipe: Recipe, camera: Any, chosen: argparse.Namespace
) -> None:
    """Denoise one file into another; whole, or not at all."""
    if target.resolve() == image.path.resolve():
        raise PhotonDenoiseError(f"{target} is the input itself: choose another output.")
    calibration = with_file(fit_camera(camera, tuple(image.data.shape[-2:]), chosen))
    photons = Photons(image.data, calibration, image.axes, image.pixel_size)
    if image.axes_guessed:
        note(f"{image.path.name} does not name its axes; {image.axes} is a guess: see --axes.")
    with open_ome_tiff(
        target,
        photons.shape,
        result_dtype(photons, recipe.units),
        image.axes,
        pixel_size=image.pixel_size,
        channel_names=image.channel_names,
        recipe=_final_recipe(recipe, image, target, calibration).as_dict(),
        overwrite=chosen.overwrite,
    ) as out:
        job = denoise_job(
            photons,
            recipe.denoiser,
            device=chosen.device,
            tile=recipe.tile,
            units=recipe.units,
            out=out,
        )
        result = run_with_bar(job, image.path.name)
    for sentence in result.notes:
        note(f"{image.path.name}: {sentence}")
    say(f"{image.path} -> {target}")
