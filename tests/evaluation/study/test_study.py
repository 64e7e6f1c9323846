import json
import subprocess
import sys

import numpy as np
import pytest

import napari_photon_denoise as npd
from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.evaluation.numbers import number
from napari_photon_denoise.evaluation.study import (
    Optics,
    Shot,
    Study,
    StudyRow,
    Taken,
    VirtualSeries,
    study_job,
    summarise,
)
from napari_photon_denoise.evaluation.study import job as module
from napari_photon_denoise.evaluation.study.cells import Cell, measure_cell
from napari_photon_denoise.evaluation.study.shots import image_shot
from napari_photon_denoise.evaluation.study.store import Store
from napari_photon_denoise.evaluation.study.summary import geometric_mean, mean, signal_of
from napari_photon_denoise.evaluation.study.virtual import virtual_omega
from napari_photon_denoise.job import run
from napari_photon_denoise.metrics.checks import truth_range
from napari_photon_denoise.metrics.distributions import ks_distance
from napari_photon_denoise.metrics.exposure import mse_to_noisy_truth
from napari_photon_denoise.metrics.poisson import symmetric_kl
from napari_photon_denoise.metrics.resolution_ratio import omega
from napari_photon_denoise.metrics.signal_improvement import fit_signal_improvement
from napari_photon_denoise.metrics.squared_error import bias, mse, psnr
from napari_photon_denoise.metrics.structure import ssim
from napari_photon_denoise.reports.study.page import study_page
from napari_photon_denoise.reports.study.plots import short_names, signals
from napari_photon_denoise.reports.study.tables import (
    ROBUSTNESS,
    SUMMARY,
    image_table,
    omega_table,
    robustness_table,
    signal_table,
    study_as_csv,
    summary_rows,
)
from pages import check_page

CSV = (
    "image", "method", "exposure", "mean photons (e-)", "omega",
    "MSE raw (e-²)", "MSE (e-²)", "MSE improvement", "noise of truth (e-²)",
    "PSNR raw (dB)", "PSNR (dB)",
    "SSIM raw", "SSIM", "SSIM improvement",
    "KS raw", "KS", "KS improvement",
    "J raw (nats/px)", "J (nats/px)", "signal improvement", "Bias (e-)",
)  # fmt: skip
TWO = {"Gaussian": npd.Gaussian(), "Median": npd.Median()}


def shots(camera=None, **more):
    series = VirtualSeries(("filaments", "membranes"), (2, 20), size=48, **more)
    return list(series.shots(camera))


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
    cell, extent = row.cell, truth_range(truth)
    assert (cell["mse"].before, cell["mse"].value) == (mse(raw, truth), mse(clean, truth))
    assert cell["ssim"].before == ssim(raw, truth, extent)
    assert cell["ssim"].value == ssim(clean, truth, extent)
    assert cell["ks"].before == ks_distance(raw, truth)
    assert cell["ks"].value == ks_distance(clean, truth)
    assert row.cell.j_in == (symmetric_kl(truth, raw),)
    assert row.cell.j_out == (symmetric_kl(truth, clean),)
    assert row.cell["bias"].value == bias(clean, truth)
    assert row.cell.bias_percent == pytest.approx(100 * bias(clean, truth) / truth.mean())


def test_a_method_has_means_and_a_slope(tmp_path):
    study = run(study_job(shots(), TWO, tmp_path))
    line = summarise(study)[0]
    rows = study.of("Gaussian")
    ratios = [row.cell["mse"].improvement for row in rows]
    assert line.ratios["mse"] == pytest.approx(np.prod(ratios) ** (1 / 4))
    pairs = [(row.cell.j_in[0], row.cell.j_out[0]) for row in rows]
    assert line.slope == fit_signal_improvement(*zip(*pairs, strict=True))


def test_a_cell_of_before_the_bias_was_kept_has_none():
    cell = run(study_job(shots()[:1], TWO)).rows[0].cell
    kept = cell.as_dict()
    figures = kept["improvement"]
    kept["improvement"] = {key: x for key, x in figures.items() if not key.startswith("bias")}
    old = Cell.from_dict(kept)
    assert old["bias"].value is None
    assert old["bias"].reason
    assert old["mse"] == cell["mse"]
    line = summarise(Study((StudyRow("a", "Gaussian", None, None, old),)))[0]
    assert np.isnan(line.bias)
    assert summary_rows([line])[0][SUMMARY.index("bias, %")] == "–"


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
    ("given", "sentence"),
    [
        ({"scenes": ("cats",)}, "no virtual scene 'cats'"),
        ({"photons": ()}, "at least one"),
        ({"photons": (0,)}, "above 0"),
        ({"photons": (1, 1)}, "given twice"),
        ({"sampling": (1, 9)}, "from 1 to 8"),
        ({"sampling": (1.5,)}, "whole number"),
        ({"size": 8}, "at least 32 px"),
    ],
)
def test_a_series_that_can_not_be_taken_is_refused(given, sentence):
    with pytest.raises(PhotonDenoiseError, match=sentence):
        VirtualSeries(**given)


def test_coarser_pixels_hold_the_mean_of_the_same_scene():
    fine = next(VirtualSeries(("nuclei",), (5,), size=96).shots()).make()
    coarse = next(VirtualSeries(("nuclei",), (5,), (2,), size=48).shots()).make()
    blocks = fine.truth.reshape(48, 2, 48, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(coarse.truth, blocks, rtol=1e-5)
    assert coarse.omega == 4 * fine.omega


def test_omega_of_the_virtual_camera_is_that_of_a_lens_with_its_point_spread_function():
    # sigma 1.2 px of 0.1 µm across and 1.5 planes of 0.3 µm along: this lens, at this wavelength.
    na = 1.2
    wavelength, index = 0.12 * na / 0.225, 0.45 * na**2 * 0.225 / (0.78 * 0.12 * na)
    assert virtual_omega(1) == pytest.approx(omega((0.3, 0.1, 0.1), wavelength, na, index))


def stack(tmp_path, rng):
    raw = rng.poisson(5, (3, 40, 40)).astype(np.uint16)
    truth = rng.uniform(10, 60, (3, 40, 40)).astype(np.float32)
    np.save(tmp_path / "raw.npy", raw)
    np.save(tmp_path / "truth.npy", truth)
    return raw, truth


def test_a_truth_of_another_exposure_is_scaled_and_omega_is_known(tmp_path, rng):
    _, truth = stack(tmp_path, rng)
    optics = Optics(0.525, 1.05, 1.406)
    shot = image_shot(
        tmp_path / "raw.npy",
        tmp_path / "truth.npy",
        Calibration(1, 0),
        name="raw",
        axes="ZYX",
        exposure=2,
        truth_exposure=20,
        pixel_size={"Z": 0.3, "Y": 0.1, "X": 0.1},
        optics=optics,
    )
    np.testing.assert_allclose(shot.make().truth, truth / 10, rtol=1e-6)
    study = run(study_job([shot], TWO, tmp_path))
    assert study.rows[0].omega == omega((0.3, 0.1, 0.1), 0.525, 1.05, 1.406)
    assert len(study.rows[0].cell.j_out) == 3  # one a plane
    assert optics.omega({"Y": 0.1, "X": 0.1}) is None


@pytest.mark.parametrize("read_noise", [0.0, 3.0])
def test_squared_errors_are_free_of_the_truths_own_noise(rng, read_noise):
    camera = Calibration(1, 100, read_noise)
    # Smooth, so that the result's error is smaller than the noise of the truth.
    waves = np.sin(np.arange(192) / 12)
    scene = (20 + 5 * waves[:, None] + 5 * waves).astype(np.float32)

    def taken(exposure):
        noise = rng.normal(0, read_noise, scene.shape)
        return (100.5 + rng.poisson(exposure * scene) + noise).astype(np.uint16)

    raw, longer = taken(1), taken(4)
    shot = image_shot(raw, longer, camera, name="a", truth_exposure=4)
    row = run(study_job([shot], {"Gaussian": npd.Gaussian()})).rows[0]
    clean = npd.denoise(raw, camera, npd.Gaussian())
    photons = camera.to_photons(longer)
    wanted = mse_to_noisy_truth(clean, photons, 4, 1, read_noise)
    assert row.cell["mse"].value == pytest.approx(wanted, rel=1e-4)
    assert row.cell["mse"].value == pytest.approx(mse(clean, scene), abs=0.2)
    assert row.cell["mse"].before == pytest.approx(mse(camera.to_photons(raw), scene), rel=0.1)
    # Without it the error of the result would look much larger.
    assert row.cell.after["mse"] > 3 * mse(clean, scene)


def test_a_photon_truth_has_shot_noise_alone(rng):
    longer = rng.poisson(40, (40, 40)).astype(np.float32)
    raw = rng.poisson(10, (40, 40)).astype(np.uint16)
    shot = image_shot(raw, longer, Calibration(1, 0, 50), name="a", truth_exposure=4)
    assert shot.make().truth_noise == pytest.approx(longer.mean() / 16)
    exact = image_shot(raw, longer / 4, Calibration(1, 0, 50), name="a")
    assert exact.make().truth_noise == 0
    assert exact.make().digest() != shot.make().digest()


def test_an_error_below_the_truths_noise_has_no_ratio():
    taken = shots()[0].make()
    raw = taken.photons.read((slice(None), slice(None)))
    clean = taken.truth + np.float32(0.1)
    cell = measure_cell(raw, clean, taken.truth, 1.0)
    assert cell["mse"].value == pytest.approx(-0.99, abs=1e-3)
    assert cell.is_below_noise
    assert cell["mse"].improvement is None
    assert cell["psnr"].value is None
    assert np.isfinite(cell["psnr"].before)
    assert measure_cell(raw, taken.truth, taken.truth)["mse"].improvement == np.inf


def test_cells_of_before_truths_had_noise_are_understood():
    taken = shots()[0].make()
    cell = measure_cell(taken.truth + 1, taken.truth * 2, taken.truth)
    old = cell.as_dict()
    del old["truth_noise"]
    assert type(cell).from_dict(old) == cell


def test_one_bad_image_does_not_stop_the_others(tmp_path):
    def broken():
        raise PhotonDenoiseError("It is broken.")

    def hollow():
        taken = shots()[0].make()
        return Taken(taken.photons, np.full_like(taken.truth, np.nan))

    bad = [Shot("bad", 1.0, broken), Shot("hollow", 1.0, hollow)]
    study = run(study_job([*bad, *shots()], TWO, tmp_path))
    assert len(study.rows) == 8
    assert [one.split(":")[0] for one in study.failed] == [
        "bad",
        "Gaussian on hollow",
        "Median on hollow",
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


def test_a_folder_that_is_not_there_is_made(tmp_path):
    run(study_job(shots()[:1], TWO, tmp_path / "new" / "study"))
    assert (tmp_path / "new" / "study" / "results.json").is_file()
    (tmp_path / "file").touch()
    with pytest.raises(PhotonDenoiseError, match="can't be made"):
        run(study_job(shots()[:1], TWO, tmp_path / "file" / "study"))


def series():
    """Study two scenes on two sizes of pixels at three exposures."""
    made = VirtualSeries(("filaments", "nuclei"), (1, 5, 30), (1, 2), size=48)
    return run(study_job(list(made.shots()), TWO))


def test_psnr_is_that_of_the_metrics_and_rises_with_light():
    study = series()
    taken = next(VirtualSeries(("filaments",), (1,), size=48).shots()).make()
    raw = taken.photons.read((slice(None), slice(None)))
    extent = truth_range(taken.truth)
    assert study.rows[0].cell["psnr"].before == pytest.approx(psnr(raw, taken.truth, extent))
    clean = npd.denoise(taken.photons.data, taken.photons.calibration, npd.Gaussian())
    assert study.rows[0].cell["psnr"].value == pytest.approx(psnr(clean, taken.truth, extent))
    rows = study.of("Median")
    for start in range(0, 12, 3):  # an image at three exposures
        light = [row.cell["psnr"].before for row in rows[start : start + 3]]
        assert light == sorted(light)
        assert light[2] > light[0] + 3


def test_robustness_is_a_table_of_levels_and_methods():
    study = series()
    for name in ROBUSTNESS:
        header, lines = robustness_table(study, name)
        assert header == ["method", "1", "5", "30"]
        assert [line[0] for line in lines] == ["raw", "Gaussian", "Median"]
        raw = [float(text) for text in lines[0][1:]]
        assert raw == sorted(raw)
        assert raw[0] < raw[2]
    brightest = [row for row in study.of("Median") if row.exposure == 30]
    assert robustness_table(study, "PSNR, dB")[1][2][3] == number(
        np.mean([row.cell["psnr"].value for row in brightest])
    )


def test_signal_improvement_is_known_over_exposure_and_omega():
    study = series()
    header, lines = omega_table(study)
    assert header[1:] == [f"{virtual_omega(edge):.3g}" for edge in (1, 2)]
    coarse = [row for row in study.of("Gaussian") if row.omega == virtual_omega(2)]
    assert len(coarse) == 6
    pairs = [(row.cell.j_in[0], row.cell.j_out[0]) for row in coarse]
    factor = fit_signal_improvement(*zip(*pairs, strict=True)).factor
    assert lines[0] == ["Gaussian", lines[0][1], number(factor)]
    # Coarse pixels share less of their light with their neighbours.
    assert float(lines[0][2]) < float(lines[0][1])
    assert signal_table(study)[0] == ["method", "1", "5", "30"]
    panels = signals(study, "photons").axes
    assert [axis.get_xlabel()[:7] for axis in panels] == ["photons", "Ω, voxe"]
    assert len(panels[1].get_lines()[0].get_xdata()) == 2
    row = study.rows[0]
    assert signal_of([row]) == row.cell.j_in[0] / row.cell.j_out[0]
    assert np.isnan(signal_of([]))


def test_names_of_images_stay_apart_when_they_are_shortened():
    long = ["control-day-1-field-12.ome.tif", "control-day-2-field-12.ome.tif"]
    assert short_names(long) == ["control-day-1", "control-day-2"]
    assert short_names(["a.tif", "b.tif"]) == ["a.tif", "b.tif"]
    middle = [f"a-long-beginning-{n}-and-a-long-end-{n % 2}" for n in range(4)]
    assert short_names(middle) == middle
    assert short_names(long[:1]) == ["control-d…2.ome.tif"]


def test_an_omega_that_is_not_known_is_said(rng):
    raw = rng.poisson(5, (40, 40)).astype(np.uint16)
    truth = rng.uniform(2, 8, (40, 40)).astype(np.float32)
    shot = image_shot(raw, truth, Calibration(1, 0), name="mine")
    study = run(study_job([shot], TWO))
    assert omega_table(study) is None
    assert signals(study, "exposure") is None
    assert image_table(study)[1][0][3] == "not known"
    text = check_page(study_page(study, "Mine", "exposure"))
    assert "Ω is not known for every image" in text
    assert "2 methods on 1 image" in text


def test_numbers_are_written_with_three_digits_and_without_powers_of_ten():
    values = (1234.5, 100, 39, 1.3, 0.01234, -2, None, float("inf"))
    texts = ["1234", "100", "39.0", "1.30", "0.0123", "-2.00", "–", "–"]
    assert [number(value) for value in values] == texts
    assert mean([1, 3, float("nan")]) == 2


def test_page_and_table_hold_every_cell(tmp_path):
    study = run(study_job(shots(), TWO, tmp_path))
    lines = study_as_csv(study).splitlines()
    assert lines[0] == ",".join(CSV)
    assert len(lines) == 9
    text = check_page(study_page(study, "A <study>", "photons", ("Said & done.",)))
    for said in ("A <study>", "Said & done.", "2 methods on 4 images", "filaments 20 e-"):
        assert said in text
    assert "Ω is 0.0677 for all images" in text


def test_importing_is_cheap():
    code = (
        "import sys, napari_photon_denoise.api.study, napari_photon_denoise.cli.study\n"
        "print({'torch', 'qtpy', 'napari', 'scipy', 'matplotlib'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
