"""``photon-denoise demo``: the main job, on an image that the package makes itself."""

from __future__ import annotations

import argparse
import csv
import os
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from napari_photon_denoise.calibration import Calibration, Float32
from napari_photon_denoise.camera.transfer import CalibrationSettings, calibrate_job
from napari_photon_denoise.cli.console import in_words, note, out, run_with_bar, say
from napari_photon_denoise.denoisers import DEFAULT_METHOD, METHODS, AnyMethod, make_denoiser
from napari_photon_denoise.errors import DeviceError
from napari_photon_denoise.io import write_image
from napari_photon_denoise.io.whole import make_folder
from napari_photon_denoise.metrics.squared_error import bias, psnr
from napari_photon_denoise.metrics.structure import ssim
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.pipeline import denoise_job
from napari_photon_denoise.recipe import CalibrationRecord, Recipe
from napari_photon_denoise.reports.camera import headline, write_report
from napari_photon_denoise.virtual.calibration_sample import take_frames
from napari_photon_denoise.virtual.samples import SCENES, Sample, make_sample
from napari_photon_denoise.virtual.simulate import VirtualCamera

BESIDE = "non-local-means"  # the method that is pictured beside the default one
PICTURED = 160  # px; a region small enough that single pixels are seen


def add_command(commands: Any) -> None:
    """Add ``demo``."""
    parser = commands.add_parser(
        "demo",
        help="do the main job on an image that the package makes",
        description="A virtual camera is calibrated and takes a noisy image; the image is turned "
        "into photons, denoised by every method and compared with the truth. Writes OME-TIFFs of "
        f"the image, the truth and the result of {DEFAULT_METHOD}, a picture, a table and the "
        "camera's report.",
    )
    parser.add_argument("-o", "--output", default="demo-output", metavar="FOLDER")
    parser.add_argument("--sample", default="filaments", help=f"one of {', '.join(SCENES)}")
    parser.add_argument("--photons", type=float, help="mean photons a pixel")
    parser.add_argument("--seed", type=int, default=0, help="another seed, another image")
    parser.set_defaults(command=_demo)


def _demo(chosen: argparse.Namespace) -> int:
    folder = make_folder(chosen.output)
    sample = make_sample(chosen.sample, photons=chosen.photons, seed=chosen.seed)
    say(f"{SCENES[chosen.sample].title}: {sample.truth.mean():.3g} photons a pixel")
    camera = _calibrate(sample, folder, chosen.seed)

    photons = Photons(sample.counts, camera, sample.axes, sample.pixel_size)
    images = {"raw": photons.read([slice(None)] * sample.counts.ndim)}
    for method, kind in METHODS.items():
        if kind().learns:  # takes minutes
            continue
        try:
            result = run_with_bar(denoise_job(photons, make_denoiser(method)), method)
        except DeviceError as error:  # no PyTorch
            note(in_words(error))
            continue
        images[method] = result.data
        for sentence in result.notes:
            note(f"{method}: {sentence}")
    main = DEFAULT_METHOD if DEFAULT_METHOD in images else BESIDE
    recipe = _recipe(folder, photons, make_denoiser(main).resolved(photons).on("auto"))
    _write_images(folder, sample, images[main], recipe)
    _write_table(folder, sample, images)
    _write_picture(folder / "before-after.png", sample, images, main)
    for path in sorted(folder.iterdir()):
        say(f"wrote {path}")
    return 0


def _calibrate(sample: Sample, folder: Path, seed: int) -> Calibration:
    """Calibrate the sample's virtual camera from its own dark and flat frames."""
    truth = sample.calibration
    shape = (sample.counts.shape[-2], sample.counts.shape[-1])
    frames = take_frames(VirtualCamera(truth), shape, seed=seed, flat_frames=20)
    settings = CalibrationSettings(camera=truth.camera, serial=truth.serial, mode=truth.mode)
    job = calibrate_job(frames.dark, frames.flats, settings)
    report = run_with_bar(job, "Calibrating the camera")
    write_report(report, folder / "camera.html", overwrite=True)
    say(f"camera: {headline(report)}")
    # Through the file, as a user's own calibration would go.
    return Calibration.load(report.calibration.save(folder / "camera.tif", overwrite=True))


def _recipe(folder: Path, photons: Photons, denoiser: AnyMethod) -> Recipe:
    return Recipe(
        calibration=CalibrationRecord.of(photons.calibration),
        denoiser=denoiser,
        axes=photons.axes,
        input=str((folder / "noisy.ome.tif").resolve()),
        output=str((folder / "clean.ome.tif").resolve()),
    )


def _write_images(folder: Path, sample: Sample, clean: Float32, recipe: Recipe) -> None:
    """Write the noisy counts, the result with its recipe, and the truth."""
    contents = (
        ("noisy", sample.counts, None),
        ("clean", clean, recipe.as_dict()),
        ("truth", sample.truth, None),
    )
    for name, data, how in contents:
        write_image(
            folder / f"{name}.ome.tif",
            data,
            sample.axes,
            pixel_size=sample.pixel_size,
            recipe=how,
            overwrite=True,
        )
    (folder / "recipe.json").write_text(recipe.as_json() + os.linesep, encoding="utf-8")


def _write_table(folder: Path, sample: Sample, images: dict[str, Float32]) -> None:
    """Print and write PSNR, SSIM and bias of every image against the truth."""
    peak = float(np.ptp(sample.truth))
    header = ("image", "PSNR dB", "SSIM", "bias e-/px", "bias %")
    table = Table(*header, box=None, header_style="bold", title="against the truth")
    with (folder / "metrics.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow((*header, f"PSNR and SSIM range: {peak:.6g} e-"))
        for name, image in images.items():
            off = bias(image, sample.truth)
            figures = (
                f"{psnr(image, sample.truth, peak):.2f}",
                f"{ssim(image, sample.truth, peak):.4f}",
                f"{off:+.4f}",
                f"{100 * off / float(sample.truth.mean()):+.2f}",
            )
            writer.writerow((name, *figures))
            table.add_row(name, *figures)
    out.print(table)


def _write_picture(path: Path, sample: Sample, images: dict[str, Float32], main: str) -> None:
    """Draw before, after and truth around the brightest place, over a line profile."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    view, row = _brightest_region(sample.truth)
    shown = {"before": images["raw"][view]}
    shown |= {name: images[name][view] for name in dict.fromkeys((BESIDE, main))}
    shown |= {"truth": sample.truth[view]}
    size = sample.pixel_size["X"]
    height, width = (length * size for length in shown["truth"].shape)
    figure = Figure(figsize=(4 * len(shown), 6.4), layout="constrained")
    FigureCanvasAgg(figure)
    *panels, profile = figure.subplot_mosaic(
        [list(shown), ["profile"] * len(shown)], height_ratios=(3, 2)
    ).values()
    for axis, (name, image) in zip(panels, shown.items(), strict=True):
        drawn = axis.imshow(
            image,
            cmap="gray",
            vmin=0,
            vmax=float(np.percentile(shown["truth"], 99.5)),
            extent=(0, width, height, 0),
        )
        axis.axhline((row + 0.5) * size, color="tab:orange", linewidth=0.8)
        axis.set(title=name, xlabel="x (µm)", ylabel="y (µm)")
    figure.colorbar(drawn, ax=panels, label="photons (e-)")
    position = (np.arange(shown["truth"].shape[1]) + 0.5) * size
    styles = {"before": ("0.7", 1.0), main: ("tab:blue", 1.6), "truth": ("black", 0.8)}
    for name, (colour, line) in styles.items():
        profile.plot(position, shown[name][row], color=colour, linewidth=line, label=name)
    profile.set(xlabel="x (µm) along the orange line", ylabel="photons (e-)", xlim=(0, width))
    profile.legend(loc="upper right")
    figure.savefig(path, dpi=120)


def _brightest_region(truth: Float32) -> tuple[tuple[int | slice, ...], int]:
    """Index of a region around the brightest pixel of the middle plane, and its row there."""
    middle = tuple(size // 2 for size in truth.shape[:-2])
    plane = truth[middle]
    brightest = np.unravel_index(np.argmax(plane), plane.shape)
    start = [
        int(np.clip(at - PICTURED // 2, 0, max(0, size - PICTURED)))
        for at, size in zip(brightest, plane.shape, strict=True)
    ]
    region = tuple(slice(first, first + PICTURED) for first in start)
    return (*middle, *region), int(brightest[0]) - start[0]
