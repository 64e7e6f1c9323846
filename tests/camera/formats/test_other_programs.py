"""Calibrations of other programs: right units, one sentence for wrong files, no code run."""

import pickle

import numpy as np
import pytest
import tifffile
from scipy.io import savemat

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.formats import export_calibration, import_calibration
from napari_photon_denoise.errors import OutputExists, PhotonDenoiseError, UnreadableFile


def test_own_tiff(tmp_path, map_camera):
    map_camera.save(tmp_path / "c.tif")
    assert import_calibration(tmp_path / "c.tif").calibration == map_camera


@pytest.mark.parametrize(
    ("program", "name"), [("storm-analysis", "c.npy"), ("gdsc", "c.tif"), ("picasso", "c.yaml")]
)
def test_there_and_back(tmp_path, map_camera, program, name):
    path = tmp_path / name
    sentence = export_calibration(map_camera, path, program)
    assert "e-/ADU" in sentence
    back = import_calibration(path).calibration
    if program == "picasso":
        assert back.gain == pytest.approx(np.median(map_camera.gain))
        assert back.offset == pytest.approx(np.median(map_camera.offset))
    else:
        np.testing.assert_allclose(back.gain, map_camera.gain, rtol=1e-5)
        np.testing.assert_allclose(back.offset, map_camera.offset, rtol=1e-5)
        np.testing.assert_allclose(back.read_noise, map_camera.read_noise, rtol=1e-5)
    with pytest.raises(OutputExists):
        export_calibration(map_camera, path, program)
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_export_holds_their_units(tmp_path):
    """As storm-analysis reads it: no round trip can hide a factor."""
    camera = Calibration(gain=0.5, offset=100, read_noise=2)
    export_calibration(camera, tmp_path / "c.npy", "storm-analysis")
    offset, variance, gain = np.load(tmp_path / "c.npy").ravel()
    assert (offset, variance, gain) == (100, 16, 2)


@pytest.mark.parametrize(("program", "name"), [("picasso", "c.yaml"), ("gdsc", "c.tif")])
def test_export_says_that_shared_noise_is_left_out(tmp_path, program, name):
    for length, said in ((0.0, False), (0.7, True)):
        camera = Calibration(gain=0.5, offset=100, length_x=length)
        sentence = export_calibration(camera, tmp_path / name, program, overwrite=True)
        assert ("share noise was left out" in sentence) == said


def test_export_refuses(tmp_path, map_camera):
    with pytest.raises(PhotonDenoiseError, match="No format is called 'imaris'"):
        export_calibration(map_camera, tmp_path / "c.npy", "imaris")
    with pytest.raises(PhotonDenoiseError, match=r"is a \.npy file"):
        export_calibration(map_camera, tmp_path / "c.tif", "storm-analysis")
    with pytest.raises(PhotonDenoiseError, match="There is no folder"):
        export_calibration(map_camera, tmp_path / "missing" / "c.npy", "storm-analysis")


def test_few_bad_pixels_are_replaced_and_many_refused(tmp_path, rng):
    gain = rng.uniform(2, 2.2, (40, 40))
    planes = np.stack([np.full((40, 40), 100.0), np.full((40, 40), 4.0), gain])
    planes[2, 0, 0] = -972
    planes[1, 5, 5] = np.nan
    np.save(tmp_path / "few.npy", planes)
    imported = import_calibration(tmp_path / "few.npy")
    assert any(note.startswith("2 pixels") for note in imported.notes)
    assert imported.calibration.gain[0, 0] == pytest.approx(1 / np.median(gain), rel=0.01)
    planes[2, :5] = 0
    np.save(tmp_path / "many.npy", planes)
    with pytest.raises(UnreadableFile, match="no gain above zero"):
        import_calibration(tmp_path / "many.npy")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("c.npy", b"\x93NUMPY broken", "broken or no NumPy file"),
        ("c.npy", b"", "broken or no NumPy file"),
        ("c.npy", pickle.dumps({"gain": 2}), "more than arrays"),
        ("c.npy", pickle.dumps([2, 3]), "no list of maps"),
        ("c.tif", b"II*\x00 broken", "broken or no TIFF"),
        ("c.mat", b"not a matlab file at all" * 20, "broken or no MATLAB file"),
        ("c.yaml", b"a: [1, 2", "broken or no YAML"),
        ("c.yaml", b"just: text", "names no camera"),
        ("c.yaml", b"Camera:\n  baseline: much\n  e_per_adu: 2\n", "must be a number"),
        ("c.txt", b"1", "calibrations are read from"),
    ],
)
def test_wrong_files_get_one_sentence(tmp_path, name, content, sentence):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(PhotonDenoiseError, match=sentence) as caught:
        import_calibration(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_wrong_shapes_get_one_sentence(tmp_path, maps):
    np.save(tmp_path / "two.npy", np.stack(maps[:2]))
    with pytest.raises(UnreadableFile, match=r"\(3, X, Y\)"):
        import_calibration(tmp_path / "two.npy")
    tifffile.imwrite(tmp_path / "four.tif", np.zeros((4, 8, 8), np.float32))
    with pytest.raises(UnreadableFile, match="three float slices"):
        import_calibration(tmp_path / "four.tif")
    savemat(tmp_path / "no.mat", {"something": 1})
    with pytest.raises(UnreadableFile, match="holds something, but no maps"):
        import_calibration(tmp_path / "no.mat")
    with pytest.raises(UnreadableFile, match="There is no calibration file"):
        import_calibration(tmp_path / "absent.npy")
