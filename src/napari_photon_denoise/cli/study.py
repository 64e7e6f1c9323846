"""``photon-denoise study``: methods times images, resumable, as table and plots."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from napari_photon_denoise.api.compare import named_methods
from napari_photon_denoise.api.study import (
    Optics,
    StudyReport,
    StudyTask,
    VirtualSeries,
    image_task,
    study_report_job,
    virtual_task,
)
from napari_photon_denoise.cli.cameras import camera_for, describe_camera
from napari_photon_denoise.cli.compare import parse_method
from napari_photon_denoise.cli.console import complain, note, run_with_bar, say, show_whole
from napari_photon_denoise.cli.options import (
    add_camera_options,
    add_results_option,
    camera_from,
)
from napari_photon_denoise.denoisers import spell_methods
from napari_photon_denoise.denoisers.backend import DEVICES
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.evaluation.method_run import Runnable
from napari_photon_denoise.evaluation.study.given import named_images
from napari_photon_denoise.evaluation.study.store import RESULTS
from napari_photon_denoise.evaluation.study.virtual import COARSEST, PHOTONS, SCENES
from napari_photon_denoise.io import find_images, find_raw_images
from napari_photon_denoise.io.lock import held
from napari_photon_denoise.io.paths import local_path
from napari_photon_denoise.io.whole import make_folder
from napari_photon_denoise.named_camera import Known
from napari_photon_denoise.reports.study.tables import SUMMARY, summary_rows

CSV, PAGE = "study.csv", "study.html"
DESCRIPTION = f"""Run every method on every image, compare with the truth, and write the table and
plots of Xypakis et al. 2023 (doi:10.1364/OE.504606): {CSV}, {PAGE} and {RESULTS} in a folder. What
is in the folder already is not computed again: a study may be stopped and gone on with, and grows
with methods and images. The images are files with truths, or exposures of a virtual camera."""
EXAMPLE = """examples:
  photon-denoise study --virtual --photons 1 5 20 100 --method gaussian --method resunet -o study
  photon-denoise study --virtual filaments --sampling 1 2 4 --method resunet -o sampling
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
        help=f"one of {spell_methods()}, and its parameters in quotes: "
        "--method \"gaussian sigma=2\"; once for each",
    )  # fmt: skip
    _add_files(parser)
    _add_virtual(parser)
    _add_optics(parser)
    parser.add_argument("--device", choices=DEVICES, default="auto", help="where to compute")
    add_camera_options(parser)
    add_results_option(parser)
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
        "are scaled to the images', and their own noise is taken off the squared errors (default: "
        "they are at the images' exposure, and free of noise)",
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
    group.add_argument(
        "--sampling", nargs="+", type=int, metavar="N", default=[1],
        help=f"edge of a pixel, an Ω each: 1 is well sampled, up to {COARSEST} ever coarser "
        "(default: 1)",
    )  # fmt: skip
    group.add_argument("--size", type=int, default=256, help="edge of the images, px")
    group.add_argument("--seed", type=int, default=0, help="another seed, other scenes and noise")


def _add_optics(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("optics", "of files, for Ω: voxel over point-spread function")
    group.add_argument("--na", type=float, help="numerical aperture")
    group.add_argument("--wavelength", type=float, metavar="UM", help="of the emission, µm")
    group.add_argument("--refractive-index", type=float, metavar="N", help="of the immersion")
    group.add_argument(
        "--pixel-size", type=float, nargs=3, metavar=("Z", "Y", "X"),
        help="µm, instead of the files'; for single planes Z is the depth that they stand for",
    )  # fmt: skip


def _study(chosen: argparse.Namespace) -> int:
    methods = named_methods([parse_method(text) for text in chosen.method])
    with _alone_in(local_path(chosen.output)):  # before cameras are estimated
        return _study_alone(chosen, methods)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keep other studies out of a folder; one that was made for nothing goes again."""
    is_new = not folder.exists()
    try:
        with held(make_folder(folder) / RESULTS):
            yield
    finally:
        if is_new:
            with suppress(OSError):  # it holds something
                folder.rmdir()


def _study_alone(chosen: argparse.Namespace, methods: Mapping[str, Runnable]) -> int:
    task = _virtual(chosen, methods) if chosen.virtual is not None else _files(chosen, methods)
    folder = make_folder(chosen.output)
    ours = _check_ours(folder)
    job = study_report_job(task, folder, device=chosen.device)
    try:
        report = run_with_bar(job, "Study")
    except KeyboardInterrupt:
        note(f"What is finished is kept in {folder}: the same command goes on with it.")
        raise
    for sentence in report.failed:
        complain(sentence)
    for sentence in report.notes:
        note(sentence)
    if chosen.na is not None and any(row.omega is None for row in report.rows):
        note("Ω needs all three pixel sizes: give them with --pixel-size Z Y X, in µm.")
    computed = report.study.computed
    if not computed:
        say(f"Nothing to do: all {len(report.rows)} results are in {folder / RESULTS} already.")
    _show(report)
    say(f"wrote {report.save_csv(folder / CSV, overwrite=ours or computed > 0)}")
    say(f"wrote {report.save_report(folder / PAGE, overwrite=ours or computed > 0)}")
    return 2 if report.failed else 0


def _optics(chosen: argparse.Namespace) -> Optics | None:
    given = (chosen.wavelength, chosen.na, chosen.refractive_index)
    if all(value is None for value in given):
        return None
    if any(value is None for value in given):
        raise PhotonDenoiseError("Ω needs all of --na, --wavelength (µm) and --refractive-index.")
    return Optics(*given)


def _virtual(chosen: argparse.Namespace, methods: Mapping[str, Runnable]) -> StudyTask:
    if chosen.raw or chosen.truth or chosen.exposure or chosen.truth_exposure is not None:
        raise PhotonDenoiseError("A study is of files or of --virtual scenes: give one of both.")
    if _optics(chosen) or chosen.pixel_size:
        raise PhotonDenoiseError(
            "The scenes of --virtual have their own optics: leave --na, --wavelength, "
            "--refractive-index and --pixel-size out, and vary Ω with --sampling."
        )
    series = VirtualSeries(
        tuple(chosen.virtual or SCENES),
        tuple(chosen.photons),
        tuple(chosen.sampling),
        chosen.size,
        chosen.seed,
    )
    camera = camera_from(chosen)
    if camera is not None:
        camera = describe_camera(camera, chosen).fit((chosen.size, chosen.size))
    return virtual_task(series, camera, methods)


def _files(chosen: argparse.Namespace, methods: Mapping[str, Runnable]) -> StudyTask:
    if not chosen.raw or not chosen.truth:
        raise PhotonDenoiseError(
            "A study needs images and --truth, or --virtual for images of the virtual camera."
        )
    optics = _optics(chosen)
    found = find_raw_images(chosen.raw, allow_results=chosen.allow_results)
    for sentence in found.notes:
        note(sentence)
    raws = found.paths
    camera = camera_from(chosen)
    sizes = chosen.pixel_size
    return image_task(
        named_images(raws),
        (Known(camera_for(raw, camera, chosen)) for raw in raws),
        methods,
        find_images(chosen.truth),
        exposures=chosen.exposure,
        truth_exposure=chosen.truth_exposure,
        optics=optics,
        pixel_size=dict(zip("ZYX", sizes, strict=True)) if sizes else None,
        axes=chosen.axes,
        allow_results=chosen.allow_results,
    )


def _check_ours(folder: Path) -> bool:
    """Refuse to replace a table or page of someone else; True if the folder is a study's."""
    if (folder / RESULTS).exists():
        return True
    for name in (CSV, PAGE):
        if (folder / name).exists():
            raise PhotonDenoiseError(
                f"{folder / name} exists already and is no study's: choose another folder."
            )
    return False


def _show(report: StudyReport) -> None:
    table = Table(box=None, header_style="bold")
    for count, title in enumerate(SUMMARY):
        table.add_column(title, justify="right" if count else "left", no_wrap=True)
    for row in summary_rows(report.summary):
        table.add_row(*map(escape, row))
    show_whole(table)
