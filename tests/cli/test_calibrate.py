import argparse
import json

import numpy as np
import pytest
import tifffile

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.cli.calibrate import add_command
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.virtual.calibration_sample import take_frames
from napari_photon_denoise.virtual.simulate import scmos

SHAPE = (64, 72)


def calibrate(*arguments):
    parser = argparse.ArgumentParser()
    add_command(parser.add_subparsers(required=True))
    chosen = parser.parse_args(["calibrate", *map(str, arguments)])
    return chosen.command(chosen)


@pytest.fixture(scope="module")
def frames():
    return take_frames(scmos(SHAPE, 7), SHAPE, seed=7, dark_frames=100, flat_frames=20)


@pytest.fixture
def folder(tmp_path, frames, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tifffile.imwrite("dark.tif", frames.dark)
    for number, flat in enumerate(frames.flats):
        tifffile.imwrite(f"flat{number}.tif", flat)
    return tmp_path


FLATS = ("--flat", "flat0.tif", "--flat", "flat1.tif", "--flat", "flat2.tif", "--flat", "flat3.tif")


def test_calibrate_writes_calibration_report_and_figures(folder, frames, photon_denoise_alone):
    done = photon_denoise_alone(
        "calibrate", "--dark", "dark.tif", *FLATS, "-o", "camera.tif", "--report", "camera.html",
        "--json", "camera.json", "--camera-name", "Virtual sCMOS", "--serial", "7", "--mode",
        "16-bit", "--exposure", "1", "4", "16", "62.5", cwd=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Virtual sCMOS: gain 0.4" in done.stdout
    assert done.stdout.count("PASS  ") >= 15
    assert done.stderr == ""
    camera = Calibration.load(folder / "camera.tif")
    assert camera.gain == pytest.approx(float(np.mean(frames.truth.gain)), rel=0.01)
    assert (camera.camera, camera.serial, camera.mode) == ("Virtual sCMOS", "7", "16-bit")
    facts = json.loads((folder / "camera.json").read_text(encoding="utf-8"))
    assert facts["calibration"]["sha256"] == camera.digest
    assert len(facts["files"]) == 5
    page = (folder / "camera.html").read_text(encoding="utf-8")
    assert all(digest in page for digest in facts["files"].values())


def test_bad_input_is_one_sentence_and_exit_code_2(folder, photon_denoise):
    done = photon_denoise(
        "calibrate", "--dark", "nowhere.tif", *FLATS, "-o", "camera.tif", cwd=folder
    )
    assert done.returncode == 2
    assert done.stderr == "error: nowhere.tif does not exist: check its name and folder.\n"
    assert not (folder / "camera.tif").exists()


@pytest.mark.parametrize(
    "flats",
    [
        ("--flat", "flat0.tif", "flat1.tif", "flat2.tif", "flat3.tif"),
        ("--flat", "flat*.tif"),
        ("--flat", "levels"),
    ],
)
def test_ways_to_name_the_levels(folder, flats):
    (folder / "levels").mkdir()
    for number in range(4):
        content = (folder / f"flat{number}.tif").read_bytes()
        (folder / "levels" / f"flat{number}.tif").write_bytes(content)
    assert calibrate("--dark", "dark.tif", *FLATS, "-o", "expected.tif") == 0
    assert calibrate("--dark", "dark.tif", *flats, "-o", "camera.tif") == 0
    assert Calibration.load("camera.tif") == Calibration.load("expected.tif")


def test_a_failed_test_withholds_the_calibration_unless_accepted(folder, frames, capsys):
    for name, stack in (("dark", frames.dark), ("flat0", frames.flats[2])):
        wide = stack.astype(np.float64)
        smooth = (wide + np.roll(wide, 1, -1) + np.roll(wide, 1, -2)) / 3
        tifffile.imwrite(f"{name}.tif", np.rint(smooth).astype(np.uint16))
    arguments = ("--dark", "dark.tif", "--flat", "flat0.tif", "-o", "camera.tif")
    assert calibrate(*arguments, "--report", "camera.html") == 1
    shown = capsys.readouterr()
    assert "FAIL  neighbours" in shown.out
    assert "Do not measure with this calibration" in shown.out
    assert "camera.tif was not written, because a test failed" in shown.err
    assert not (folder / "camera.tif").exists()
    assert "✗ FAIL" in (folder / "camera.html").read_text(encoding="utf-8")
    assert calibrate(*arguments, "--accept-failures") == 0
    assert "Do not measure with this calibration" in capsys.readouterr().out
    assert (folder / "camera.tif").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--dark", "dark.tif", "--flat", "none*.tif"), "matches no image"),
        (("--dark", "flat3.tif", "--flat", "dark.tif"), "swap them"),
        (("--dark", "dark.tif", "--flat", "one.tif"), "at least two frames"),
        (("--dark", "one.tif", "--flat", "flat1.tif"), "at least two frames"),
        (("--dark", "dark.tif", "--flat", "small.tif"), "same region and binning"),
        (("--dark", "dark.tif", *FLATS, "--exposure", "1", "2"), "2 exposures for 4 flats"),
        (("--dark", "dark.tif", "--flat", "nonsense.tif"), "nonsense.tif"),
        (("--dark", "dark.tif", *FLATS, "--report", "page.pdf"), "name it page.html"),
        (("--dark", "dark.tif", *FLATS, "--em-gain", "0.5"), "em_gain must be at least 1"),
        (("--dark", "dark.tif", *FLATS, "--binning", "0"), "binning must be at least 1"),
    ],
)
def test_bad_input_writes_nothing(folder, frames, arguments, sentence):
    tifffile.imwrite("one.tif", frames.flats[0][:1])
    tifffile.imwrite("small.tif", frames.flats[0][:, :20])
    (folder / "nonsense.tif").write_bytes(b"nonsense")
    before = sorted(folder.iterdir())
    with pytest.raises(PhotonDenoiseError) as caught:
        calibrate(*arguments, "-o", "camera.tif", "--json", "camera.json")
    assert sentence in str(caught.value)
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("name", ["camera.tif", "camera.html", "camera.json"])
def test_outputs_are_checked_before_the_work(folder, name, monkeypatch):
    monkeypatch.setattr("napari_photon_denoise.cli.calibrate.run_with_bar", pytest.fail)
    (folder / name).write_text("mine")
    outputs = ("-o", "camera.tif", "--report", "camera.html", "--json", "camera.json")
    with pytest.raises(PhotonDenoiseError, match="exists already"):
        calibrate("--dark", "dark.tif", *FLATS, *outputs)
    assert (folder / name).read_text() == "mine"


def test_frames_are_never_overwritten(folder, frames):
    with pytest.raises(PhotonDenoiseError, match="is the input itself"):
        calibrate("--dark", "dark.tif", *FLATS, "-o", "dark.tif", "--overwrite")
    np.testing.assert_array_equal(tifffile.imread("dark.tif"), frames.dark)
