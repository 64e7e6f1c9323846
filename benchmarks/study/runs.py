"""Denoise and measure what is not measured yet."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.study.measure import (
    about,
    crop_of,
    cumulative,
    cumulative_grid,
    figures,
    find_line,
    profile,
)
from benchmarks.study.methods import BY_SERIES, Method, methods
from benchmarks.study.series import Shot, shots
from benchmarks.study.store import Cell, Store
from benchmarks.validation.case import Case

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.io.whole import whole_file


def results(folder: Path) -> Store:
    """Open the study's results."""
    return Store.open(folder / "results.json")


def run_all(folder: Path, data: Path | None, only: list[str] | None, few: bool) -> None:
    """Fill in the cells that are missing, or of older weights.

    Parameters
    ----------
    folder : Path
        Of the study.
    data : Path, optional
        Folder with `repeats`; without it the virtual series alone.
    only : list of str, optional
        Series.
    few : bool
        Two scenes of each series.
    """
    folder.mkdir(parents=True, exist_ok=True)
    store, known = results(folder), methods(folder)
    for shot in shots(data, few):
        if not only or shot.series in only:
            _run(shot, store, known, folder)


def _run(shot: Shot, store: Store, known: dict[str, Method], folder: Path) -> None:
    wanted = [
        name
        for name in BY_SERIES[shot.series]
        if name in known and not store.has(shot.name, name, known[name].version)
    ]
    if not wanted:
        return
    case = shot.make()
    cells: dict[str, Cell] = {}
    for name in wanted:
        start = time.process_time()
        image = known[name].run(case)
        seconds = time.process_time() - start
        cells[name] = figures(case, image) | {"version": known[name].version, "cpu": seconds}
        if shot.shown:
            cells[name] |= _shown(case, image)
            _keep_crop(folder, shot, name, image, find_line(case.truth))
    facts: dict[str, Any] = {"series": shot.series, "scene": shot.scene}
    facts |= {"exposure": shot.exposure, **shot.facts, **about(case)}
    if shot.shown:
        facts["truth"] = _shown(case, case.truth)
        _keep_crop(folder, shot, "truth", case.truth, find_line(case.truth))
    store.put(shot.name, facts, cells)
    print(f"{shot.name}: {', '.join(wanted)}", flush=True)


def _shown(case: Case, image: Float32) -> dict[str, Any]:
    line = find_line(case.truth)
    return {
        "profile": profile(image, line),
        "read_noise": case.one_read_noise,
        "cumulative": cumulative(image, case.truth, cumulative_grid(case)),
    }


def crop_path(folder: Path, shot: str, name: str) -> Path:
    """Name the file of a piece of an image."""
    return folder / "crops" / f"{shot.replace(' ', '_')}_{name}.npy"


def _keep_crop(folder: Path, shot: Shot, name: str, image: Float32, line: tuple[int, int]) -> None:
    path = crop_path(folder, shot.name, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as part, part.open("wb") as file:
        np.save(file, crop_of(image, line))
