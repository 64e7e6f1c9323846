import csv
import json

import numpy as np
import pytest

import napari_photon_denoise as npd
from napari_photon_denoise.cli import main
from napari_photon_denoise.io import write_image
from napari_photon_denoise.virtual import scenes
from napari_photon_denoise.virtual.simulate import VirtualCamera

CAMERA = npd.Calibration(0.5, 100, 1.6)
NUMBERS = ("--gain", "0.5", "--offset", "100", "--read-noise", "1.6")


@pytest.fixture
def files(tmp_path, rng):
    truth = scenes.nuclei((96, 96), rng) * np.float32(8)
    raw = VirtualCamera(CAMERA).expose(truth, rng)
    size = {"Y": 0.1, "X": 0.1}
    write_image(tmp_path / "raw.ome.tif", raw, "YX", pixel_size=size)
    write_image(tmp_path / "truth.ome.tif", truth, "YX", pixel_size=size)
    arguments = ["denoise", tmp_path / "raw.ome.tif", "-o", tmp_path / "clean.ome.tif", *NUMBERS]
    assert main([*map(str, arguments), "--method", "gaussian", "--sigma", "0.8"]) == 0
    return tmp_path


def measure(*arguments):
    return main(["measure", *map(str, arguments)])


def test_a_result_knows_raw_image_camera_and_method(files, capsys):
    assert measure(files / "clean.ome.tif") == 0
    shown = capsys.readouterr().out
    for text in ("Variance of the residual", "held back", "Resolution", "µm"):
        assert text in shown
    assert "PSNR rose" not in shown
    assert "better by" in shown
    assert "× " in shown


def test_table_and_json_hold_the_same_figures(files, capsys):
    table, figures = files / "t.csv", files / "f.json"
    arguments = ("--truth", files / "truth.ome.tif", "--json", figures, "--csv", table)
    assert measure(files / "clean.ome.tif", "--raw", files / "raw.ome.tif", *arguments) == 0
    found = json.loads(figures.read_text(encoding="utf-8"))
    lines = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    assert [line["metric"] for line in lines] == [f["metric"] for f in found["figures"]]
    assert found["method"] == "gaussian"
    assert "PSNR rose" in found["verdict"]
    assert found["verdict"] in capsys.readouterr().out
    values = {f["metric"]: f for f in found["figures"]}
    assert values["psnr"]["improvement"] > 0
    assert len(found["regions"]) == 4
    assert float(lines[0]["value"]) == pytest.approx(found["figures"][0]["value"])


def test_a_plain_image_needs_the_camera_and_may_name_the_method(files, capsys, rng):
    plain = files / "plain.npy"
    np.save(plain, rng.poisson(5, (96, 96)).astype(np.float32))
    raw = ("--raw", files / "raw.ome.tif")
    assert measure(plain, *raw, *NUMBERS) == 0
    shown = capsys.readouterr()
    assert "Not given" in shown.err
    assert "give the method" in shown.err
    assert measure(plain, *raw, *NUMBERS, "--method", "box", "--size", "5") == 0
    assert "give the method" not in capsys.readouterr().err


def test_shared_noise_is_said_instead_of_figures(files, capsys):
    arguments = (*NUMBERS, "--noise-correlation", "0.7", "0.7")
    assert measure(files / "clean.ome.tif", *arguments) == 0
    assert "share noise" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nowhere.tif",), "does not exist"),
        (("truth.ome.tif",), "name it with --raw"),
        (("clean.ome.tif", "--raw", "small.npy"), "they must be equal"),
        (("clean.ome.tif", "--truth", "small.npy"), "they must be equal"),
        (("clean.ome.tif", "--json", "no/such/folder.json"), "There is no folder"),
        (("clean.ome.tif", "--csv", "small.npy"), "exists already"),
        (("clean.ome.tif", "--method", "magic"), "no method 'magic'"),
        (("clean.ome.tif", "--sigma", "2"), "give --method too"),
        (("clean.ome.tif", "--noise-correlation", "1", "1"), "give --camera too"),
        (("clean.ome.tif", "--gain", "2"), "needs both"),
    ],
)
def test_bad_input_is_one_sentence_and_code_2(files, capsys, monkeypatch, arguments, sentence):
    monkeypatch.chdir(files)
    np.save("small.npy", np.ones((40, 50), np.uint16))
    assert measure(*arguments) == 2
    complaint = capsys.readouterr().err
    assert sentence in complaint
    assert complaint.count("error:") == 1
    assert "Traceback" not in complaint


def test_files_that_are_there_are_kept(files):
    target = files / "figures.json"
    target.write_text("mine")
    assert measure(files / "clean.ome.tif", "--json", target) == 2
    assert target.read_text() == "mine"
    assert measure(files / "clean.ome.tif", "--json", target, "--overwrite") == 0
    assert json.loads(target.read_text(encoding="utf-8"))["verdict"]
