import numpy as np
import pytest
import tifffile

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.cli import main


@pytest.fixture
def storm(tmp_path, map_camera):
    variance = (map_camera.read_noise / map_camera.gain) ** 2
    path = tmp_path / "storm.npy"
    # Its old form holds the maps transposed.
    np.save(path, np.stack([map_camera.offset.T, variance.T, 1 / map_camera.gain.T]))
    return path


def test_there_and_back(tmp_path, storm, map_camera, capfd):
    ours, back = tmp_path / "camera.tif", tmp_path / "back.npy"
    assert main(["convert", str(storm), "-o", str(ours)]) == 0
    said = capfd.readouterr().err
    assert "ADU/e- became" in said
    assert "compare that with the camera's data sheet" in said
    assert "Caution" not in said
    np.testing.assert_allclose(Calibration.load(ours).gain, map_camera.gain, rtol=1e-5)
    assert main(["convert", str(ours), "-o", str(back), "--for", "storm-analysis"]) == 0
    np.testing.assert_allclose(np.load(back), np.load(storm), rtol=1e-4)


def test_maps_can_be_turned(tmp_path, storm, map_camera):
    ours = tmp_path / "camera.tif"
    assert main(["convert", str(storm), "-o", str(ours), "--turn", "transposed"]) == 0
    np.testing.assert_allclose(Calibration.load(ours).offset, map_camera.offset.T, rtol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["missing.npy", "-o", "camera.tif"], "no calibration file"),
        (["storm.npy", "-o", "camera.png"], "name it camera.tif"),
        (["storm.npy", "-o", "storm.npy"], "the input itself"),
        (["storm.npy", "-o", "old.tif"], "exists already"),
    ],
)
def test_bad_input(tmp_path, storm, monkeypatch, capfd, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.tif").write_bytes(b"old")
    assert main(["convert", *arguments]) == 2
    assert sentence in capfd.readouterr().err
    assert (tmp_path / "old.tif").read_bytes() == b"old"


def test_misread_maps_are_doubted(tmp_path, map_camera, capfd):
    """Of another program than the one whose file it looks like."""
    planes = [map_camera.offset, np.full_like(map_camera.gain, 9), 1 / map_camera.gain]
    tifffile.imwrite(tmp_path / "c.tif", np.stack(planes).astype(np.float32), imagej=True)
    assert main(["convert", str(tmp_path / "c.tif"), "-o", str(tmp_path / "camera.tif")]) == 0
    said = capfd.readouterr().err
    assert "gain 9 ADU/e- became 0.111 e-/ADU" in said
    assert "Caution: a read noise of 0.157 e-" in said
