import csv

import numpy as np
import pytest

import napari_photon_denoise as npd
from napari_photon_denoise.api.study import Optics, VirtualSeries, study
from napari_photon_denoise.errors import OutputExists, PhotonDenoiseError, PhotonDenoiseWarning
from napari_photon_denoise.io import write_image
from napari_photon_denoise.metrics.resolution_ratio import omega
from napari_photon_denoise.metrics.squared_error import mse
from pages import check_page

CAMERA = npd.Calibration(0.5, 100)
SERIES = VirtualSeries(("filaments",), (2, 20), size=48)
OPTICS = Optics(0.525, 1.05, 1.406)
SIZE = {"Z": 0.3, "Y": 0.1, "X": 0.1}


@pytest.fixture
def truth(rng):
    return rng.uniform(5, 30, (40, 48)).astype(np.float32)


@pytest.fixture
def raw(truth, rng):
    return (100 + 2 * rng.poisson(truth)).astype(np.uint16)


def test_a_virtual_series_is_a_report_to_keep(tmp_path):
    report = study(SERIES, None, ["gaussian", npd.Median()], folder=tmp_path)
    assert [row.exposure for row in report.rows] == [2, 2, 20, 20]
    assert [line.images for line in report.summary] == [2, 2]
    page = report.save_report(tmp_path / "s.html")
    assert "2 methods on 2 images" in check_page(page.read_text(encoding="utf-8"))
    table = report.save_csv(tmp_path / "s.csv").read_text(encoding="utf-8")
    assert table == report.as_csv()
    assert len(table.splitlines()) == 5
    with pytest.raises(OutputExists):
        report.save_csv(tmp_path / "s.csv")
    again = study(SERIES, None, ["gaussian", "median"], folder=tmp_path)
    assert again.study.computed == 0
    assert again.rows == report.rows


def test_a_constant_truth_leaves_out_what_needs_a_range(raw, truth, tmp_path):
    images = {"even": raw, "other": raw}
    report = study(images, CAMERA, ["gaussian"], [np.full_like(truth, 20), truth])
    assert report.failed == ()
    even, other = (row.cell for row in report.rows)
    assert [even[key].value is None for key in ("psnr", "ssim", "mse")] == [True, True, False]
    assert other["psnr"].applies
    check_page(report.save_report(tmp_path / "s.html").read_text(encoding="utf-8"))


def test_relative_photons_have_no_errors_to_a_truth_in_photons(raw, truth):
    camera = npd.Calibration(0.5, 100, source="estimated", relative=True)
    with pytest.raises(PhotonDenoiseError, match="not how many photons it holds"):
        study(raw, camera, ["gaussian"], truth)
    counts = np.rint(truth * 2 + 100).astype(np.uint16)
    assert study(raw, camera, ["gaussian"], counts).rows[0].cell["mse"].applies


def test_a_result_is_no_raw_image(raw, truth, tmp_path):
    done = write_image(tmp_path / "done.ome.tif", raw, "YX", recipe={"denoiser": {}})
    with pytest.raises(PhotonDenoiseError, match="is a result of this program"):
        study(done, CAMERA, ["gaussian"], truth)
    found = study([done, raw], CAMERA, ["gaussian"], truth)
    assert [row.image for row in found.rows] == ["image 2"]
    assert len(study(done, CAMERA, ["gaussian"], truth, allow_results=True).rows) == 1


def test_nothing_is_kept_without_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert study(SERIES, CAMERA, "gaussian").study.computed == 2
    assert list(tmp_path.iterdir()) == []


def test_arrays_files_and_names(raw, truth, tmp_path):
    write_image(tmp_path / "a.ome.tif", raw, "YX")
    alone = study(raw, CAMERA, ["gaussian"], truth)
    assert [row.image for row in alone.rows] == ["image 1"]
    clean = npd.denoise(raw, CAMERA, "gaussian")
    assert alone.rows[0].cell["mse"].value == pytest.approx(mse(clean, truth))
    several = study([tmp_path / "a.ome.tif", raw], CAMERA, ["gaussian"], [truth, truth])
    assert [row.image for row in several.rows] == ["a.ome.tif", "image 2"]
    named = study({"mine": raw}, CAMERA, {"blur": npd.Gaussian(sigma=2)}, truth)
    assert (named.rows[0].image, named.rows[0].method) == ("mine", "blur")
    assert named.rows[0].omega is None
    assert "free of noise" in named.notes[0]


def test_exposures_and_optics_are_those_that_were_given(raw, truth):
    report = study(
        [raw, raw],
        CAMERA,
        ["gaussian"],
        truth * 4,
        exposures=10,
        truth_exposure=40,
        optics=OPTICS,
        pixel_size=SIZE,
    )
    assert [row.exposure for row in report.rows] == [10, 10]
    assert report.rows[0].omega == omega((0.3, 0.1, 0.1), 0.525, 1.05, 1.406)
    assert report.rows[0].cell.truth_noise == pytest.approx(truth.mean() / 4, rel=1e-5)
    assert "own noise was taken off" in report.notes[0]
    row = next(csv.DictReader(report.as_csv().splitlines()))
    assert float(row["MSE (e-²)"]) == report.rows[0].cell["mse"].value


def test_errors_below_the_noise_of_the_truth_are_said(raw, truth):
    # A truth that was exact, said to have been counted: its noise is taken off for nothing.
    report = study(raw, CAMERA, ["gaussian"], truth / 8, truth_exposure=0.125)
    assert report.rows[0].cell["mse"].value < 0
    assert "In 1 of 1 cases" in report.notes[-1]
    assert "–" in check_page(report.as_html())


def test_without_a_camera_it_is_estimated_and_said(rng):
    scene = next(VirtualSeries(("nuclei",), (30,), size=256).shots()).make().truth
    counts = (100 + 2 * rng.poisson(scene)).astype(np.uint16)
    with pytest.warns(PhotonDenoiseWarning, match="No camera was given"):
        report = study(counts, None, ["gaussian"], scene)
    assert "estimated" in report.notes[0]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"truths": []}, "needs images, and a truth"),
        ({"images": []}, "needs images, and a truth"),
        ({"exposures": [1, 2]}, "1 image can't have 2 exposures"),
        ({"exposures": -1}, "above 0"),
        ({"truth_exposure": 0}, "above 0"),
        ({"optics": OPTICS, "pixel_size": {**SIZE, "Z": 0}}, "above 0"),
        ({"images": ["a.tif", "a.tif"]}, "given twice"),
        ({"images": SERIES}, "has truths, exposures and optics of its own"),
        ({"truths": np.ones((9, 9), np.float32)}, "must be equal"),
        ({"methods": []}, "at least one method"),
        ({"methods": "magic"}, "no method 'magic'"),
    ],
)
def test_what_can_not_be_studied_is_refused(raw, truth, change, sentence):
    given = {"images": raw, "camera": CAMERA, "methods": ["gaussian"], "truths": truth}
    with pytest.raises(PhotonDenoiseError, match=sentence):
        study(**{**given, **change})


def test_optics_that_no_lens_has_are_refused():
    with pytest.raises(PhotonDenoiseError, match="exceeds the refractive index"):
        Optics(0.525, 2, 1.4)
