"""``photon-denoise study``: methods times images, resumable, as table and plots."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.estimate import estimate_job
from napari_photon_denoise.cli.compare import parse_method
from napari_photon_denoise.cli.console import complain, note, run_with_bar, say, show_whole
from napari_photon_denoise.cli.folder import make_folder
from napari_photon_denoise.cli.options import (
    add_camera_options,
    camera_from,
    fit_camera,
    say_correlation,
    with_file,
)
from napari_photon_denoise.compare import named_methods
from napari_photon_denoise.denoisers import METHODS
from napari_photon_denoise.denoisers.backend import DEVICES
from napari_photon_denoise.errors import OutputExists, PhotonDenoiseError
from napari_photon_denoise.io import find_images, read
from napari_photon_denoise.reporting.files import REPORT, TABLE, write_text
from napari_photon_denoise.studying.job import Study, study_job
from napari_photon_denoise.studying.shots import (
    SCENES,
    Optics,
    Shot,
    file_shot,
    virtual_shots,
)
from napari_photon_denoise.studying.summary import summarise
from napari_photon_denoise.studying.tables import SUMMARY, as_csv, summary_rows

RESULTS, CSV, PAGE = "results.json", "study.csv", "study.html"
PHOTONS = (1, 5, 20, 100)  # e-
DESCRIPTION = f"""Run every method on every image, compare with the truth, and write the table and
plots of Xypakis et al. 2023 (doi:10.1364/OE.504606): {CSV}, {PAGE} and {RESULTS} in a folder. What
is in the folder already is not computed again: a study may be stopped and gone on with, and grows
with methods and images. The images are files with truths, or exposures of a virtual camera."""
ESTIMATED = "No camera was given: gain and offset were estimated from the images, less surely."
NOISY_TRUTH = (
    "The truths are measurements: their own noise is part of every error, which makes "
    "improvements look smaller than they are."
)
EXAMPLE = """examples:
  photon-denoise study --virtual --photons 1 5 20 100 --method gaussian --method resunet -o study
  photon-denoise study raw/*.tif --truth truth/*.tif --camera camera.tif --method resunet \\
      --method "gaussian sigma=2" --na 1.4 --wavelength 0.525 --refractive-index 1.518 -o study
"""


def add_command(commands: Any) -> None:
    """Add ``study``."""
    parser = commands.add_parser(
        "study",
        help="many methods on many images with truths: a table and plots",
        description=DESCRIPTION,
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("raw", nargs="*", metavar="RAW", help="images in counts; folder or glob")
    parser.add_argument("-o", "--output", required=True, metavar="FOLDER", help="of the study")
    parser.add_argument(
        "--method", action="append", required=True, metavar="METHOD",
        help=f"one of {', '.join(METHODS)}, and its parameters in quotes: "
        "--method \"gaussian sigma=2\"; once for each",
    )  # fmt: skip
    _add_files(parser)
    _add_virtual(parser)
    _add_optics(parser)
    parser.add_argument("--device", choices=DEVICES, default="auto", help="where to compute")
    add_camera_options(parser)
    parser.set_defaults(command=_study)


def _add_files(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("files")
    group.add_argument(
        "--truth", nargs="+", metavar="TRUTH", default=[],
        help="as many as there are images, in their order, or one for all; integers are counts",
    )  # fmt: skip
    group.add_argument(
        "--exposure", nargs="+", type=float, metavar="T", default=[],
        help="of the images, one each or one for all: what plots are drawn over",
    )  # fmt: skip
    group.add_argument(
        "--truth-exposure", type=float, metavar="X",
        help="of the truths, in the unit of --exposure, or as a multiple of the images': they "
        "are scaled down to the images' (default: they are at the images' exposure)",
    )  # fmt: skip
    group.add_argument("--axes", help="a letter of TCZYX a dimension, where files do not say")


def _add_virtual(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("virtual camera")
    group.add_argument(
        "--virtual", nargs="*", metavar="SCENE",
        help=f"instead of files: {', '.join(SCENES)} (default: all of them)",
    )  # fmt: skip
    group.add_argument(
        "--photons", nargs="+", type=float, metavar="N", default=list(PHOTONS),
        help="mean photons a pixel, e-, an exposure each (default: "
        f"{' '.join(map(str, PHOTONS))})",
    )  # fmt: skip
    group.add_argument("--size", type=int, default=256, help="edge of the images, px")
    group.add_argument("--seed", type=int, default=0, help="another seed, other scenes and noise")


def _add_optics(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("optics", "for Ω, voxel over point-spread function")
    group.add_argument("--na", type=float, help="numerical aperture")
    group.add_argument("--wavelength", type=float, metavar="UM", help="of the emission, µm")
    group.add_argument("--refractive-index", type=float, metavar="N", help="of the immersion")
    group.add_argument(
        "--pixel-size", type=float, nargs=3, metavar=("Z", "Y", "X"),
        help="µm, instead of the files'; for single planes Z is the depth that they stand for",
    )  # fmt: skip


def _study(chosen: argparse.Namespace) -> int:
    methods = named_methods([parse_method(text) for text in chosen.method])
    optics = _optics(chosen)
    inputs = _virtual(chosen) if chosen.virtual is not None else _files(chosen)
    folder = make_folder(chosen.output)
    ours = _check_ours(folder)
    job = study_job(inputs.shots, methods, folder, optics=optics, device=chosen.device)
    try:
        study = run_with_bar(job, "Study")
    except KeyboardInterrupt:
        note(f"What is finished is kept in {folder}: the same command goes on with it.")
        raise
    if not study.rows:
        more = len(study.failed) - 1
        others = f" {more} more could not be measured either." if more else ""
        raise PhotonDenoiseError(f"{study.failed[0]}{others}")
    for sentence in study.failed:
        complain(sentence)
    if optics is not None and any(row.omega is None for row in study.rows):
        note("Ω needs all three pixel sizes: give them with --pixel-size Z Y X, in µm.")
    if not study.computed:
        say(f"Nothing to do: all {len(study.rows)} results are in {folder / RESULTS} already.")
    _show(study)
    _save(study, folder, inputs, overwrite=ours or study.computed > 0)
    return 2 if study.failed else 0


@dataclass(frozen=True)
class _Inputs:
    """The images, and what the page says of them."""

    shots: Sequence[Shot]
    title: str
    label: str
    notes: tuple[str, ...] = ()


def _optics(chosen: argparse.Namespace) -> Optics | None:
    given = (chosen.wavelength, chosen.na, chosen.refractive_index)
    if all(value is None for value in given):
        return None
    if any(value is None for value in given):
        raise PhotonDenoiseError("Ω needs all of --na, --wavelength (µm) and --refractive-index.")
    optics = Optics(*given)
    # Refuses numbers that no objective has, before any work is done.
    optics.omega(_pixel_size(chosen) or {"Z": 1, "Y": 1, "X": 1})
    return optics


def _pixel_size(chosen: argparse.Namespace) -> dict[str, float] | None:
    return dict(zip("ZYX", chosen.pixel_size, strict=True)) if chosen.pixel_size else None


def _virtual(chosen: argparse.Namespace) -> _Inputs:
    if chosen.raw or chosen.truth or chosen.exposure or chosen.truth_exposure is not None:
        raise PhotonDenoiseError("A study is of files or of --virtual scenes: give one of both.")
    camera = camera_from(chosen)
    if camera is not None:
        camera = say_correlation(fit_camera(camera, (chosen.size, chosen.size), chosen), chosen)
    shots = virtual_shots(
        chosen.virtual or list(SCENES),
        chosen.photons,
        size=chosen.size,
        seed=chosen.seed,
        camera=camera,
        pixel_size=_pixel_size(chosen),
    )
    return _Inputs(list(shots), "Study on a virtual camera", "mean photons a pixel, e-")


def _files(chosen: argparse.Namespace) -> _Inputs:
    if not chosen.raw or not chosen.truth:
        raise PhotonDenoiseError(
            "A study needs images and --truth, or --virtual for images of the virtual camera."
        )
    raws = find_images(chosen.raw)
    truths = _each(find_images(chosen.truth), len(raws), "truths", "--truth")
    times = _each(chosen.exposure or [None], len(raws), "exposures", "--exposure")
    for time in (*times, chosen.truth_exposure):
        if time is not None and not 0 < time < float("inf"):
            raise PhotonDenoiseError(f"An exposure must be above 0, not {time:g}.")
    camera = camera_from(chosen)
    cameras = [_camera_of(raw, camera, chosen) for raw in raws]
    shots = [
        file_shot(
            raw,
            truth,
            fitting,
            name=name,
            axes=chosen.axes,
            exposure=time,
            truth_exposure=chosen.truth_exposure,
            pixel_size=_pixel_size(chosen),
        )
        for raw, truth, fitting, time, name in zip(
            raws, truths, cameras, times, _names(raws), strict=True
        )
    ]
    notes = []
    if camera is None:
        notes.append(ESTIMATED)
    if chosen.truth_exposure is not None:
        notes.append(NOISY_TRUTH)
    return _Inputs(shots, f"Study of {len(shots)} images", "exposure", tuple(notes))


def _each(given: list[Any], count: int, what: str, option: str) -> list[Any]:
    """Return one for each image."""
    if len(given) not in (1, count):
        raise PhotonDenoiseError(
            f"There are {count} images and {len(given)} {what}: give {option} one for each image, "
            "in the same order, or one for all."
        )
    return given * count if len(given) == 1 else given


def _names(paths: Sequence[Path]) -> list[str]:
    """Name images by their files, with the folder where names alone are not enough."""
    names = [path.name for path in paths]
    return names if len(set(names)) == len(names) else [str(path) for path in paths]


def _camera_of(path: Path, camera: Calibration | None, chosen: argparse.Namespace) -> Calibration:
    """Return the camera that fits an image, or an estimate; say so if it is one."""
    with read(path, axes=chosen.axes) as image:
        if camera is not None:
            fitting = fit_camera(camera, tuple(image.data.shape[-2:]), chosen)
            return say_correlation(with_file(fitting), chosen)
        estimate = run_with_bar(estimate_job(image.data, image.axes), path.name)
    for sentence in ("No camera was given.", *estimate.sentences):
        note(f"{path.name}: {sentence}")
    return say_correlation(estimate.calibration(), chosen)


def _check_ours(folder: Path) -> bool:
    """Refuse to replace a table or page of someone else; True if the folder is a study's."""
    if (folder / RESULTS).exists():
        return True
    for name in (CSV, PAGE):
        if (folder / name).exists():
            raise OutputExists(
                f"{folder / name} exists already and is no study's: choose another folder."
            )
    return False


def _show(study: Study) -> None:
    table = Table(box=None, header_style="bold")
    for count, title in enumerate(SUMMARY):
        table.add_column(title, justify="right" if count else "left", no_wrap=True)
    for row in summary_rows(summarise(study)):
        table.add_row(*map(escape, row))
    show_whole(table)


def _save(study: Study, folder: Path, inputs: _Inputs, *, overwrite: bool) -> None:
    # The page draws: matplotlib is paid for here alone.
    from napari_photon_denoise.studying.page import study_page

    page = study_page(study, inputs.title, inputs.label, inputs.notes)
    say(f"wrote {write_text(as_csv(study), folder / CSV, TABLE, overwrite=overwrite)}")
    say(f"wrote {write_text(page, folder / PAGE, REPORT, overwrite=overwrite)}")
