"""Denoise and measure what is not measured yet, and write pages, tables and figures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from benchmarks.gaussians import BEST, GAUSSIANS, best_gaussian, with_best
from benchmarks.network_work import work_per_pixel
from benchmarks.study.figures import draw_training, keep
from benchmarks.study.methods import BY_SERIES, NLM, SHIPPED, methods
from benchmarks.study.nets import ALL_ROUND, NETS
from benchmarks.study.sections import Found, page
from benchmarks.study.series import all_series
from benchmarks.study.tables import Facts
from benchmarks.study.training import model_path
from benchmarks.validation.case import busiest

import napari_photon_denoise as npd
from napari_photon_denoise.cli.console import run_with_bar
from napari_photon_denoise.denoisers import AnyMethod
from napari_photon_denoise.evaluation.study import Shot, Study, study_job
from napari_photon_denoise.io.whole import whole_file
from napari_photon_denoise.models import describe
from napari_photon_denoise.networks.weights import load_model
from napari_photon_denoise.reports.study.report import StudyReport

# Images that a page of their own is about, and the methods on it.
SHOWN = {
    "virtual": "filaments 501 2 e-",
    "confocal": "fov01 1 frames",
    "eb3": "frame 1 on, 1 frames",
}
SHOWN_METHODS = (NLM, SHIPPED, "RESUNET", "RESUNET, plain, J loss", "RCAN", "U-Net")
PIECE = 128  # px, of an image that is shown
OF_STUDY = {
    "virtual": {"Improvement": "study-exposure-virtual", "Divergence": "study-slope-virtual"},
    "confocal": {"Divergence": "study-slope-confocal"},
    "eb3": {"Divergence": "study-slope-eb3"},
    "pixel": {"Signal improvement": "study-omega-pixel"},
    "area": {"Signal improvement": "study-omega-area"},
}
OF_IMAGE = {"Raw image": "pictures", "Photons along": "profile", "Histograms": "histograms"}


def run_all(path: Path, folder: Path, data: Path | None, only: list[str] | None, few: bool) -> None:
    """Measure what is missing, or is of older weights, and write everything.

    Parameters
    ----------
    path : Path
        Of the page, Markdown; its figures go to `images` beside it.
    folder : Path
        Of the study; holds results, and the package's page and table of each series.
    data : Path, optional
        Folder with `repeats`; without it the virtual series alone.
    only : list of str, optional
        Series.
    few : bool
        Two scenes of each series at some exposures.
    """
    known, images = methods(folder), path.parent / "images"
    rows, drawn = {}, {}
    for name, series in all_series(data).items():
        if only and name not in only:
            continue
        chosen = GAUSSIANS | {one: known[one] for one in BY_SERIES[name] if one in known}
        shots = (series.few() if few else series).shots
        found = run_with_bar(study_job(shots, chosen, folder / name, device="cpu"), series.title)
        report = StudyReport(with_best(found), series.title, series.label)
        report.save_csv(folder / name / "study.csv", overwrite=True)
        written = report.save_report(folder / name / "study.html", overwrite=True)
        rows[name] = report.rows
        drawn |= keep(written.read_text("utf-8"), OF_STUDY.get(name, {}), images)
        print(f"{written}: {found.computed} of {len(found.rows)} results are new", flush=True)
        print("".join(f"{sentence}\n" for sentence in found.failed), end="")
        for shot in shots:
            if shot.name == SHOWN.get(name):
                html = show(shot, found, known, folder / name / "image.html")
                drawn |= keep(
                    html, {start: f"study-{one}-{name}" for start, one in OF_IMAGE.items()}, images
                )
    facts = trained(folder)
    curves = {title: said for title, said in facts.items() if title in ALL_ROUND}
    if curves:
        drawn["study-training"] = "Held-out error of each network over its steps"
        draw_training(curves, images / "study-training.svg")
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as part:
        part.write_text(page(Found(facts, rows, drawn)), encoding="utf-8")
    print(f"{path}: {len(drawn)} figures in {images}")


def show(shot: Shot, found: Study, known: dict[str, AnyMethod], page_path: Path) -> str:
    """Compare methods on a piece of an image: write the package's page of it, and return it."""
    taken = shot.make()
    best = best_gaussian(found, shot.name).method
    shown = {BEST: GAUSSIANS[best]} | {one: known[one] for one in SHOWN_METHODS if one in known}
    y, x = busiest(taken.truth, PIECE)
    report = npd.compare(
        np.asarray(taken.photons.data),
        taken.photons.calibration,
        shown,
        taken.truth,
        region={"Y": (y.start, y.stop), "X": (x.start, x.stop)},
        axes=taken.photons.axes,
        device="cpu",
    )
    return report.save_report(page_path, overwrite=True).read_text("utf-8")


def trained(folder: Path) -> Facts:
    """Say of each trained network what its file says, and what it costs."""
    found = {}
    for title in NETS:
        path = model_path(folder, title)
        if path.exists():
            network = load_model(path).network
            found[title] = describe(path)["facts"] | {
                "parameters": sum(weight.numel() for weight in network.parameters()),
                "work": work_per_pixel(network) / 2,  # a multiplication and an addition are one
            }
    return found
