import csv
import json
import sys

import numpy as np
import pytest

from interrupting import interrupt_at
from napari_photon_denoise.cli import main
from napari_photon_denoise.evaluation.study.virtual import virtual_omega
from napari_photon_denoise.io import write_image
from napari_photon_denoise.metrics.resolution_ratio import omega
from napari_photon_denoise.virtual import scenes
from pages import check_page

TWO = ("--method", "gaussian", "--method", "median size=5")
NUMBERS = ("--gain", "0.5", "--offset", "100")
VIRTUAL = ("--virtual", "filaments", "nuclei", "--photons", "2", "20", "--size", "48")
OPTICS = ("--na", "1.05", "--wavelength", "0.525", "--refractive-index", "1.406")


@pytest.fixture
def files(tmp_path, rng):
    size = {"Y": 0.1, "X": 0.1}
    truth = scenes.filaments((48, 64), rng) * np.float32(8)
    write_image(tmp_path / "truth.ome.tif", truth, "YX", pixel_size=size)
    for number in (1, 2):
        raw = (100 + 2 * rng.poisson(truth)).astype(np.uint16)
        write_image(tmp_path / f"raw{number}.ome.tif", raw, "YX", pixel_size=size)
    return tmp_path


def test_a_virtual_study_is_written_and_not_repeated(
    tmp_path, photon_denoise, photon_denoise_alone
):
    command = ("study", "-o", "out", *VIRTUAL, *TWO)
    done = photon_denoise_alone(*command, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Median, size 5 px" in done.stdout
    out = tmp_path / "out"
    results = (out / "results.json").read_bytes()
    assert len(json.loads(results)["cells"]) == 8
    rows = list(csv.DictReader((out / "study.csv").read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 8
    assert all(float(row["MSE improvement"]) > 0 for row in rows)
    assert all(float(row["omega"]) == virtual_omega(1) for row in rows)
    check_page((out / "study.html").read_text(encoding="utf-8"))
    again = photon_denoise(*command, cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert "Nothing to do" in again.stdout
    assert (out / "results.json").read_bytes() == results


def test_files_share_a_truth_and_have_omega(files, monkeypatch, capsys):
    monkeypatch.chdir(files)
    arguments = ["study", "-o", "out", *TWO, "raw1.ome.tif", "raw2.ome.tif", *NUMBERS]
    arguments += ["--truth", "truth.ome.tif", *OPTICS]
    assert main(arguments) == 0
    assert "Ω needs all three pixel sizes" in capsys.readouterr().err
    assert main([*arguments, "--pixel-size", "0.3", "0.1", "0.1"]) == 0
    assert "Nothing to do" in capsys.readouterr().out
    rows = list(csv.DictReader((files / "out/study.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["image"] for row in rows] == ["raw1.ome.tif"] * 2 + ["raw2.ome.tif"] * 2
    expected = omega((0.3, 0.1, 0.1), 0.525, 1.05, 1.406)
    assert [float(row["omega"]) for row in rows] == [expected] * 4


def test_a_measured_truth_is_scaled_and_its_noise_is_said(files, monkeypatch, capsys, rng):
    monkeypatch.chdir(files)
    truth = scenes.filaments((48, 64), np.random.default_rng(5)) * np.float32(8)
    raw = (100 + 2 * rng.poisson(truth)).astype(np.uint16)
    longer = (100 + 2 * rng.poisson(10 * truth)).astype(np.uint16)
    write_image(files / "short.ome.tif", raw, "YX")
    write_image(files / "long.ome.tif", longer, "YX")
    arguments = ["study", "-o", "out", *TWO, "short.ome.tif", *NUMBERS, "--exposure", "20"]
    assert main([*arguments, "--truth", "long.ome.tif", "--truth-exposure", "200"]) == 0
    assert "their own noise was taken off" in capsys.readouterr().err
    row = next(csv.DictReader((files / "out/study.csv").read_text(encoding="utf-8").splitlines()))
    assert float(row["noise of truth (e-²)"]) == pytest.approx(0.8, rel=0.05)
    assert float(row["MSE raw (e-²)"]) == pytest.approx(8, rel=0.1)
    assert row["omega"] == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_a_study_that_was_interrupted_goes_on(tmp_path, photon_denoise, monkeypatch):
    command = ("study", "-o", "out", *VIRTUAL, *TWO)
    out, seen = tmp_path / "out", []
    with monkeypatch.context() as patch:
        interrupt_at(patch, 2, lambda: seen.extend(path.name for path in out.glob("[!.]*")))
        stopped = photon_denoise(*command, cwd=tmp_path)
    assert stopped.returncode == 130
    assert "the same command goes on with it" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert seen == ["results.json"]
    assert [path.name for path in out.iterdir()] == ["results.json"]
    first = json.loads((out / "results.json").read_text(encoding="utf-8"))["cells"]
    assert [cell["method"]["method"] for cell in first.values()] == ["gaussian", "median"]
    again = photon_denoise(*command, cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    whole = json.loads((out / "results.json").read_text(encoding="utf-8"))["cells"]
    assert len(whole) == 8
    assert first.items() <= whole.items()
    assert (out / "study.html").exists()


RAW = ("raw1.ome.tif", "raw2.ome.tif")
TRUTH = ("--truth", "truth.ome.tif")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((*TWO,), "needs images and --truth"),
        ((*TWO, *RAW), "needs images and --truth"),
        ((*TWO, *RAW, *VIRTUAL), "give one of both"),
        ((*TWO, "--virtual", "cats"), "no virtual scene 'cats'"),
        ((*TWO, "--virtual", "--photons", "-1"), "above 0"),
        ((*TWO, "--virtual", "nuclei", "--photons", "1e6", "--size", "48"), "saturates"),
        ((*TWO, *VIRTUAL, "--na", "1.4"), "needs all of"),
        ((*TWO, *VIRTUAL, *OPTICS), "have their own optics"),
        ((*TWO, *VIRTUAL, "--pixel-size", "1", "1", "1"), "have their own optics"),
        ((*TWO, *VIRTUAL, "--sampling", "9"), "from 1 to 8"),
        ((*TWO, *RAW, *TRUTH, *OPTICS, "--na", "2"), "exceeds the refractive index"),
        ((*TWO, *RAW, *TRUTH, *OPTICS, "--pixel-size", "0", "1", "1"), "above 0"),
        (("--method", "magic", *VIRTUAL), "no method 'magic'"),
        (("--method", "gaussian", *TWO, *VIRTUAL), "given twice"),
        ((*TWO, "nowhere.tif", *TRUTH), "does not exist"),
        ((*TWO, *RAW, *TRUTH, "raw1.ome.tif", "raw2.ome.tif"), "2 images can't have 3 truths"),
        ((*TWO, *RAW, *TRUTH, "--exposure", "1", "2", "3"), "2 images can't have 3 exposures"),
        ((*TWO, *RAW, *TRUTH, "--truth-exposure", "0"), "above 0"),
        ((*TWO, *RAW, "--truth", "small.npy"), "must be equal"),
        ((*TWO, *VIRTUAL, "-o", "mine"), "is no study's"),
        ((*TWO, *VIRTUAL, "-o", "other"), "no results of a study"),
        ((*TWO, *VIRTUAL, "-o", "truth.ome.tif"), "can't be made"),
    ],
)
def test_bad_input_is_one_sentence_and_code_2(files, capsys, monkeypatch, arguments, sentence):
    monkeypatch.chdir(files)
    np.save("small.npy", np.ones((20, 20), np.float32))
    for name, file in (("mine", "study.csv"), ("other", "results.json")):
        (files / name).mkdir()
        (files / name / file).write_text("mine", encoding="utf-8")
    camera = NUMBERS if "--truth" in arguments else ()
    assert main(["study", "-o", "out", *camera, *arguments]) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("error:") == 1
    assert "Traceback" not in error
    assert (files / "mine/study.csv").read_text(encoding="utf-8") == "mine"
    assert not (files / "out").exists() or not list((files / "out").iterdir())
