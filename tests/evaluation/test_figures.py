"""The table of figures, and that a line of it is all that a new figure needs."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest

import napari_photon_denoise as npd
from napari_photon_denoise.cli import main
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.evaluation import figures as table
from napari_photon_denoise.evaluation.figure import Figure, read
from napari_photon_denoise.evaluation.figures import BY_KEY, WITH_TRUTH, Beside
from napari_photon_denoise.evaluation.image import job as image_job
from napari_photon_denoise.evaluation.methods import columns, rows
from napari_photon_denoise.metrics.applicable import NotApplicable
from napari_photon_denoise.metrics.distributions import ks_distance
from napari_photon_denoise.metrics.squared_error import mse
from napari_photon_denoise.metrics.structure import ssim

RATIOS = ("mse", "ssim", "ks")
CAMERA = npd.Calibration(0.5, 100, 1.6)


@pytest.fixture
def truth(rng):
    return rng.uniform(5, 25, (2, 30, 30)).astype(np.float32)


def improvements(noisy, denoised, truth, extent=20):
    before, after = (Beside(image, truth, extent) for image in (noisy, denoised))
    return [read(BY_KEY[key], after, before).improvement for key in RATIOS]


def test_ratios(truth, rng):
    noise = rng.normal(0, 2, truth.shape).astype(np.float32)
    noisy, denoised = truth + noise, truth + noise / 2
    errors, likeness, distance = improvements(noisy, denoised, truth)
    assert errors == pytest.approx(4, rel=1e-4)
    assert likeness == ssim(denoised, truth, 20) / ssim(noisy, truth, 20)
    assert distance == ks_distance(noisy, truth) / ks_distance(denoised, truth)
    assert min(likeness, distance) > 1
    found = read(BY_KEY["mse"], Beside(denoised, truth, 20), Beside(noisy, truth, 20))
    assert found.before == mse(noisy, truth)
    assert found.gain == "× 4"


def test_perfect_and_idle_methods(truth):
    noisy = truth + 1
    errors, _, distance = improvements(noisy, truth, truth)
    assert errors == distance == float("inf")
    assert improvements(noisy, noisy, truth) == [1, 1, 1]
    assert improvements(truth, truth, truth) == [1, 1, 1]
    perfect = read(BY_KEY["mse"], Beside(truth, truth, 20), Beside(noisy, truth, 20))
    assert perfect.gain == ""
    assert perfect.as_dict()["improvement"] is None


def test_a_negative_similarity_has_no_ratio(truth):
    assert improvements(30 - truth, truth, truth)[1] is None


def test_an_error_below_zero_has_no_ratio():
    held_out = BY_KEY["held-out-mse"]
    assert np.isnan(held_out.improvement(2, -1))
    assert np.isnan(held_out.improvement(-1, 2))


def test_what_can_not_be_taken_says_why(truth):
    for bad, sentence in (
        (Beside(truth, truth, 0), "constant truth"),
        (Beside(truth[:1], truth, 20), "must be equal"),
        (Beside(truth * np.nan, truth, 20), "NaN"),
        (Beside(truth[:, :5], truth[:, :5], 20), "11×11 px"),
        (NotApplicable("There is none."), "There is none."),
    ):
        found = read(BY_KEY["ssim"], bad, Beside(truth, truth, 20))
        assert found.value is None
        assert sentence in found.reason
        assert found.before == 1


def test_keys_and_titles_are_each_given_once():
    assert all(key == figure.key for key, figure in BY_KEY.items())
    titles = [figure.title for figure in BY_KEY.values() if figure.title]
    assert len(set(titles)) == len(titles)
    for figure in BY_KEY.values():
        assert figure.name
        assert figure.help.endswith(".")


def _half(one):
    if one.image.size < 9:
        raise PhotonDenoiseError("It needs nine pixels.")
    return float(np.mean(np.abs(one.image - one.truth)))


def test_a_new_line_is_in_every_face(monkeypatch, tmp_path, capsys, rng):
    """The proof of the table: nothing else is touched for a figure with a truth."""
    new = Figure(
        "mae", "Mean absolute error", "e-", "lower", "Mean distance to the truth.", _half,
        title="MAE",
    )  # fmt: skip
    for module in (table, image_job, columns, rows):
        monkeypatch.setattr(module, "WITH_TRUTH", (*WITH_TRUTH, new))
    y, x = np.mgrid[:40, :48]
    scene = (15 + 10 * np.sin(y / 6) * np.cos(x / 7)).astype(np.float32)
    raw = (100 + 2 * rng.poisson(scene)).astype(np.uint16)
    np.save(tmp_path / "raw.npy", raw)
    np.save(tmp_path / "truth.npy", scene)
    clean = npd.denoise(raw, CAMERA, "gaussian")
    value = _half(Beside(clean, scene, 20))

    measured = npd.measure(clean, raw, CAMERA, scene)
    assert measured["mae"].value == pytest.approx(value)
    assert measured["mae"].improvement > 1
    assert "mae" in [line["metric"] for line in csv.DictReader(measured.as_csv().splitlines())]
    assert "Mean absolute error" in measured.as_html()

    compared = npd.compare(raw, CAMERA, ["gaussian"], scene)
    line = next(one for one in csv.DictReader(compared.as_csv().splitlines()) if "Gau" in str(one))
    assert float(line["MAE (e-)"]) == pytest.approx(value, rel=1e-5)
    assert float(line["MAE improvement (times)"]) > 1
    plain = json.dumps(compared.as_dict(), ensure_ascii=False)
    assert '"figure": "MAE"' in plain
    for words in ("MAE (e-)", "MAE ×", "Mean distance to the truth."):
        assert words in compared.as_html()
    assert new in columns.columns(with_truth=True)  # which napari's table shows

    told = ["--truth", str(tmp_path / "truth.npy"), "--gain", "0.5", "--offset", "100"]
    assert main(["compare", str(tmp_path / "raw.npy"), "--method", "gaussian", *told]) == 0
    assert "MAE" in capsys.readouterr().out


def test_a_remark_is_added_to_what_a_figure_says(truth):
    found = read(BY_KEY["psnr"], Beside(truth + 1, truth, 19.5))
    assert found.says == f"{BY_KEY['psnr'].help} The range is 19.5 e-."
    assert replace(found, remark="").says == BY_KEY["psnr"].help
