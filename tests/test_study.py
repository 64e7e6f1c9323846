import json
import subprocess
import sys

import numpy as np
import pytest

import napari_photon_denoise as npd
from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics import (
    fit_signal_improvement,
    ks_distance,
    mse,
    omega,
    ssim,
    symmetric_kl,
    truth_range,
)
from napari_photon_denoise.pipeline import run
from napari_photon_denoise.studying import (
    Optics,
    Shot,
    Store,
    Taken,
    file_shot,
    study_job,
    summarise,
    virtual_shots,
)
from napari_photon_denoise.studying import job as module
from napari_photon_denoise.studying.page import study_page
from napari_photon_denoise.studying.summary import geometric_mean
from napari_photon_denoise.studying.tables import CSV, as_csv
from pages import check_page

TWO = {"Gaussian": npd.Gaussian(), "Median": npd.Median()}


def shots(**more):
    return list(virtual_shots(["filaments", "membranes"], [2, 20], size=48, **more))


@pytest.fixture
def calls(monkeypatch):
    """Count what is denoised."""
    made, real = [], module.run_method_job

    def counted(method, photons, *, device):
        made.append(method)
        return real(method, photons, device=device)

    monkeypatch.setattr(module, "run_method_job", counted)
    return made


def test_what_is_finished_is_not_computed_again(tmp_path, calls):
    first = run(study_job(shots(), {"Gaussian": npd.Gaussian()}, tmp_path))
    assert (len(calls), first.computed) == (4, 4)
    both = run(study_job(shots(), TWO, tmp_path))
    assert calls[4:] == [npd.Median()] * 4
    assert both.of("Gaussian") == list(first.rows)
    again = run(study_job(shots(), TWO, tmp_path))
    assert (len(calls), again.computed) == (8, 0)
    assert again == type(again)(both.rows)


def test_another_parameter_camera_or_image_is_another_cell(tmp_path, calls):
    gaussian = {"Gaussian": npd.Gaussian()}
    one = [shots()[0]]
    run(study_job(one, gaussian, tmp_path))
    run(study_job(one, {"Gaussian": npd.Gaussian(sigma=2)}, tmp_path))
    run(study_job([shots(camera=Calibration(0.5, 100, 1.6))[0]], gaussian, tmp_path))
    run(study_job([shots(seed=1)[0]], gaussian, tmp_path))
    assert len(calls) == 4


def test_a_stopped_study_keeps_what_was_finished(tmp_path, calls):
    job = study_job(shots(), TWO, tmp_path)
    while len(calls) < 3:
        next(job)
    job.close()
    content = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert len(content["cells"]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["results.json"]
    assert run(study_job(shots(), TWO, tmp_path)).computed == 6


def test_figures_are_those_of_the_metrics(tmp_path):
    study = run(study_job(shots(), TWO, tmp_path))
    taken = shots()[1].make()
    raw, truth = taken.photons.read((slice(None), slice(None))), taken.truth
    clean = npd.denoise(taken.photons.data, taken.photons.calibration, npd.Median())
    row = next(row for row in study.of("Median") if row.image == "filaments 20 e-")
    found, extent = row.cell.improvement, truth_range(truth)
    assert (found.mse_in, found.mse_out) == (mse(raw, truth), mse(clean, truth))
    assert found.ssim_in == ssim(raw, truth, extent)
    assert found.ssim_out == ssim(clean, truth, extent)
    assert (found.ks_in, found.ks_out) == (ks_distance(raw, truth), ks_distance(clean, truth))
    assert row.cell.j_in == (symmetric_kl(truth, raw),)
    assert row.cell.j_out == (symmetric_kl(truth, clean),)


def test_a_method_has_means_and_a_slope(tmp_path):
    study = run(study_job(shots(), TWO, tmp_path))
    line = summarise(study)[0]
    rows = study.of("Gaussian")
    ratios = [row.cell.improvement.mse for row in rows]
    assert line.mse == pytest.approx(np.prod(ratios) ** (1 / 4))
    pairs = [(row.cell.j_in[0], row.cell.j_out[0]) for row in rows]
    assert line.slope == fit_signal_improvement(*zip(*pairs, strict=True))


def test_undefined_improvements_are_left_out_and_bad_ones_count():
    assert geometric_mean([2, 8, float("nan"), float("inf")]) == pytest.approx(4)
    assert geometric_mean([-1]) == pytest.approx(1e-3)
    assert np.isnan(geometric_mean([]))


def test_the_virtual_series_is_deterministic():
    once, again, other = shots(), shots(), shots(seed=1)
    digests = [shot.make().digest() for shot in once]
    assert digests == [shot.make().digest() for shot in again]
    assert len({*digests, *(shot.make().digest() for shot in other)}) == 8
    assert [shot.exposure for shot in once] == [2, 20, 2, 20]


@pytest.mark.parametrize(
    ("names", "photons", "size", "sentence"),
    [
        (["cats"], [1], 48, "no virtual scene 'cats'"),
        (["nuclei"], [], 48, "at least one"),
        (["nuclei"], [0], 48, "above 0"),
        (["nuclei"], [1, 1], 48, "given twice"),
        (["nuclei"], [1], 8, "at least 32 px"),
    ],
)
def test_a_series_that_can_not_be_taken_is_refused(names, photons, size, sentence):
    with pytest.raises(PhotonDenoiseError, match=sentence):
        list(virtual_shots(names, photons, size=size))


def test_a_truth_of_another_exposure_is_scaled_and_omega_is_known(tmp_path, rng):
    np.save(tmp_path / "raw.npy", rng.poisson(5, (3, 40, 40)).astype(np.uint16))
    truth = rng.uniform(10, 60, (3, 40, 40)).astype(np.float32)
    np.save(tmp_path / "truth.npy", truth)
    size = {"Z": 0.3, "Y": 0.1, "X": 0.1}
    shot = file_shot(
        tmp_path / "raw.npy",
        tmp_path / "truth.npy",
        Calibration(1, 0),
        name="raw",
        axes="ZYX",
        exposure=2,
        truth_exposure=20,
        pixel_size=size,
    )
    np.testing.assert_allclose(shot.make().truth, truth / 10, rtol=1e-6)
    optics = Optics(0.525, 1.05, 1.406)
    study = run(study_job([shot], TWO, tmp_path, optics=optics))
    assert study.rows[0].omega == omega((0.3, 0.1, 0.1), 0.525, 1.05, 1.406)
    assert len(study.rows[0].cell.j_out) == 3  # one a plane
    assert optics.omega({"Y": 0.1, "X": 0.1}) is None


def test_one_bad_image_does_not_stop_the_others(tmp_path):
    def broken():
        raise PhotonDenoiseError("It is broken.")

    def constant():
        taken = shots()[0].make()
        return Taken(taken.photons, np.ones_like(taken.truth))

    bad = [Shot("bad", 1.0, broken), Shot("flat", 1.0, constant)]
    study = run(study_job([*bad, *shots()], TWO, tmp_path))
    assert len(study.rows) == 8
    assert [one.split(":")[0] for one in study.failed] == [
        "bad",
        "Gaussian on flat",
        "Median on flat",
    ]


def test_a_function_is_no_method_of_a_study(tmp_path):
    with pytest.raises(PhotonDenoiseError, match="no method of the program"):
        run(study_job(shots(), {"mine": lambda photons, noise: photons}, tmp_path))


@pytest.mark.parametrize("text", ["", "[1]", '{"study_version": 99, "cells": {}}', '{"a": 1}'])
def test_a_file_that_is_no_study_is_refused(tmp_path, text):
    path = tmp_path / "results.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PhotonDenoiseError, match="no results of a study"):
        Store.open(path)


def test_page_and_table_hold_every_cell(tmp_path):
    study = run(study_job(shots(), TWO, tmp_path))
    lines = as_csv(study).splitlines()
    assert lines[0] == ",".join(CSV)
    assert len(lines) == 9
    text = check_page(study_page(study, "A <study>", "photons", ("Said & done.",)))
    for said in ("A <study>", "Said & done.", "2 methods on 4 images", "filaments 20 e-"):
        assert said in text


def test_importing_is_cheap():
    code = (
        "import sys, napari_photon_denoise.studying, napari_photon_denoise.cli.study\n"
        "print({'torch', 'qtpy', 'napari', 'scipy', 'matplotlib'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
