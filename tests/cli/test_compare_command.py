import csv
import json

import numpy as np
import pytest

import napari_photon_denoise as npd
from napari_photon_denoise.cli import compare as command
from napari_photon_denoise.cli import main
from napari_photon_denoise.io import write_image
from napari_photon_denoise.virtual import scenes
from napari_photon_denoise.virtual.simulate import VirtualCamera
from pages import check_page

CAMERA = npd.Calibration(0.5, 100, 1.6)
NUMBERS = ("--gain", "0.5", "--offset", "100", "--read-noise", "1.6")
TWO = ("--method", "gaussian", "--method", "median size=5")


@pytest.fixture
def files(tmp_path, rng):
    truth = scenes.nuclei((80, 96), rng) * np.float32(8)
    raw = VirtualCamera(CAMERA).expose(truth, rng)
    size = {"Y": 0.1, "X": 0.1}
    write_image(tmp_path / "raw.ome.tif", raw, "YX", pixel_size=size)
    write_image(tmp_path / "truth.ome.tif", truth, "YX", pixel_size=size)
    return tmp_path


def compare(*arguments):
    return main(["compare", *map(str, arguments)])


def test_page_table_and_figures_are_written(files, photon_denoise_alone):
    arguments = (
        "compare", "raw.ome.tif", *TWO, *NUMBERS, "--truth", "truth.ome.tif",
        "-o", "it.html", "--csv", "it.csv", "--json", "it.json",
    )  # fmt: skip
    done = photon_denoise_alone(*arguments, cwd=files)
    assert done.returncode == 0, done.stderr
    found = json.loads((files / "it.json").read_text(encoding="utf-8"))
    assert found["verdict"] in done.stdout
    assert {row["name"] for row in found["rows"]} == {"Raw", "Gaussian", "Median, size 5 px"}
    lines = list(csv.DictReader((files / "it.csv").read_text(encoding="utf-8").splitlines()))
    assert [line["Method"] for line in lines] == [row["name"] for row in found["rows"]]
    text = check_page((files / "it.html").read_text(encoding="utf-8"))
    assert found["verdict"] in text
    assert "Median, size 5 px" in done.stdout
    for header in ("better than raw", "MSE ×", "SI-PSNR + (dB)", "KL both ×"):
        assert header in done.stdout
    assert "raw.ome.tif" in text
    recipe = found["recipes"]["Median, size 5 px"]
    (files / "recipe.json").write_text(json.dumps(recipe), encoding="utf-8")
    assert main(["run", str(files / "recipe.json"), "-o", str(files / "again.ome.tif")]) == 0


def test_a_part_is_compared_and_named(files):
    target = files / "it.json"
    region = ("--region", "y=8:60 x=10:90", "--line", "10", "12", "50", "80")
    how = (*TWO, *NUMBERS, *region, "--json", target, "-o", files / "it.htm")
    assert compare(files / "raw.ome.tif", *how) == 0
    assert json.loads(target.read_text(encoding="utf-8"))["region"] == {"Y": [8, 60], "X": [10, 90]}
    page = (files / "it.htm").read_text(encoding="utf-8")
    assert "region y 8:60, x 10:90 px" in page
    assert "row 10, column 12" in page


def test_without_a_camera_the_noise_is_estimated_and_said(files, capsys):
    assert compare(files / "raw.ome.tif", "--method", "box") == 0
    assert "raw.ome.tif: No camera was given: estimated from this image" in capsys.readouterr().err


def test_shared_noise_is_said_instead_of_figures(files, capsys):
    arguments = (*TWO, *NUMBERS, "--noise-correlation", "0.7", "0.7")
    assert compare(files / "raw.ome.tif", *arguments) == 0
    shown = capsys.readouterr()
    assert "share noise" in shown.err
    assert "No ranking" in shown.out


def test_parameters_are_spelled_as_they_are_declared():
    assert command.parse_method("gaussian sigma=2") == npd.Gaussian(sigma=2)
    assert command.parse_method("box size=5 --size-z=3") == npd.Box(size=5, size_z=3)
    resunet = command.parse_method("resunet flips=on model='a b.safetensors'")
    assert resunet.flips
    assert resunet.model.endswith("a b.safetensors")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nowhere.tif", *TWO), "does not exist"),
        (("raw.ome.tif", "--method", "magic"), "no method 'magic'"),
        (("raw.ome.tif", "--method", ""), "is not understood"),
        (("raw.ome.tif", "--method", "gaussian 'sigma=2"), "is not understood"),
        (("raw.ome.tif", "--method", "gaussian 2"), "write NAME=VALUE"),
        (("raw.ome.tif", "--method", "gaussian sigma=much"), "sigma"),
        (("raw.ome.tif", "--method", "gaussian sigma=-1"), "at least"),
        (("raw.ome.tif", "--method", "gaussian size=3"), "no parameter"),
        (("raw.ome.tif", *TWO, "--method", "gaussian"), "given twice"),
        (("raw.ome.tif", *TWO, "--region", "y=all"), "is not understood"),
        (("raw.ome.tif", *TWO, "--region", "z=1"), "axes YX"),
        (("raw.ome.tif", *TWO, "--region", "y=0:500"), "does not lie within"),
        (("raw.ome.tif", *TWO, "--truth", "small.npy"), "must be equal"),
        (("raw.ome.tif", *TWO, "--json", "no/such/folder.json"), "no folder"),
        (("raw.ome.tif", *TWO, "--csv", "table.txt"), ".csv"),
        (("raw.ome.tif", *TWO, "-o", "mine.html"), "exists already"),
        (("raw.ome.tif", *TWO, "--camera", "nobody"), "nobody"),
        (("raw.ome.tif", *TWO, "--line", "1", "1", "1", "1", "-o", "new.html"), "no length"),
    ],
)
def test_bad_input_is_one_sentence_and_code_2(files, capsys, monkeypatch, arguments, sentence):
    monkeypatch.chdir(files)
    np.save("small.npy", np.ones((40, 50), np.uint16))
    (files / "mine.html").write_text("mine")
    before = sorted(path.name for path in files.iterdir())
    camera = () if "--camera" in arguments else NUMBERS
    assert compare(*arguments, *camera) == 2
    complaint = capsys.readouterr().err
    assert sentence in complaint
    assert complaint.count("error:") == 1
    assert "Traceback" not in complaint
    assert sorted(path.name for path in files.iterdir()) == before
    assert (files / "mine.html").read_text() == "mine"


def test_a_method_must_be_named(files, capsys):
    with pytest.raises(SystemExit) as end:
        compare(files / "raw.ome.tif", *NUMBERS)
    assert end.value.code == 2
    assert "--method" in capsys.readouterr().err


def test_stopped_by_the_user_nothing_is_left(files, capsys, monkeypatch):
    def stop(job, title):
        next(job)
        job.close()
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "run_with_bar", stop)
    target = files / "it.html"
    assert compare(files / "raw.ome.tif", *TWO, *NUMBERS, "-o", target) == 130
    assert "Stopped" in capsys.readouterr().err
    assert sorted(path.name for path in files.iterdir()) == ["raw.ome.tif", "truth.ome.tif"]


def test_stopped_while_the_page_is_written_nothing_is_left(files, monkeypatch):
    def stop(*anything):
        raise KeyboardInterrupt

    monkeypatch.setattr("os.replace", stop)
    how = (*TWO, *NUMBERS, "-o", files / "it.html")
    assert compare(files / "raw.ome.tif", *how) == 130
    assert sorted(path.name for path in files.iterdir()) == ["raw.ome.tif", "truth.ome.tif"]


def test_measure_writes_the_page(files, capsys):
    clean, target = files / "clean.ome.tif", files / "it.html"
    denoise = ["denoise", files / "raw.ome.tif", "-o", clean, *NUMBERS, "--method", "gaussian"]
    assert main(list(map(str, denoise))) == 0
    measure = ["measure", str(clean), "--report", str(target)]
    assert main(measure) == 0
    text = check_page(target.read_text(encoding="utf-8"))
    assert "clean.ome.tif" in text
    assert "Variance of the residual" in text
    assert '"method": "gaussian"' in text
    assert main(measure) == 2
    assert "exists already" in capsys.readouterr().err
    assert main([*measure, "--overwrite"]) == 0
