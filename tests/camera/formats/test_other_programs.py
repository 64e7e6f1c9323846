"""Calibrations of other programs: right units, one sentence for wrong files, no code run."""

import builtins
import importlib
import io
import os
import pickle

import numpy as np
import pytest
import tifffile
from scipy.io import savemat

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.formats import export_calibration, import_calibration
from napari_photon_denoise.errors import OutputExists, PhotonDenoiseError, UnreadableFile


@pytest.fixture
def maps(rng):
    """Offset (ADU), variance (ADU²), gain (ADU/e-): not square, so that axes can't swap."""
    shape = (12, 15)
    return (
        rng.uniform(95, 105, shape),
        rng.uniform(2, 30, shape),
        rng.uniform(2.1, 2.3, shape),
    )


def check(imported, maps):
    offset, variance, gain = maps
    found = imported.calibration
    np.testing.assert_allclose(found.offset, offset, rtol=1e-5)
    np.testing.assert_allclose(found.gain, 1 / gain, rtol=1e-5)
    np.testing.assert_allclose(found.read_noise, np.sqrt(variance) / gain, rtol=1e-5)
    assert found.source == "measured"
    assert "ADU/e- became" in imported.notes[0]
    assert "e-/ADU" in imported.notes[0]


def test_storm_analysis_plain(tmp_path, maps):
    np.save(tmp_path / "c.npy", np.stack(maps))
    check(import_calibration(tmp_path / "c.npy"), maps)


def test_the_sentence_shows_the_numbers(tmp_path):
    np.save(tmp_path / "c.npy", np.stack([np.full((4, 4), v) for v in (100.0, 4.75, 2.18)]))
    assert "gain 2.18 ADU/e- became 0.459 e-/ADU" in import_calibration(tmp_path / "c.npy").notes[0]


def as_list(maps):
    content = np.empty(5, dtype=object)
    content[:] = [*maps, np.ones_like(maps[0]), 2]
    return content


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_storm_analysis_pickled(tmp_path, maps, protocol):
    (tmp_path / "c.npy").write_bytes(pickle.dumps(list(as_list(maps)), protocol=protocol))
    imported = import_calibration(tmp_path / "c.npy")
    check(imported, maps)
    assert any("relative quantum efficiency" in note for note in imported.notes)


def test_storm_analysis_array_of_objects(tmp_path, maps):
    np.save(tmp_path / "c.npy", as_list(maps), allow_pickle=True)
    check(import_calibration(tmp_path / "c.npy"), maps)


class Malicious:
    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return os.system, (f"touch {self.target}",)


@pytest.mark.parametrize("inside_npy", [True, False])
def test_a_malicious_pickle_is_refused(tmp_path, maps, inside_npy):
    trace = tmp_path / "was-here"
    content = [*maps, Malicious(trace), 2]
    if inside_npy:
        array = np.empty(5, dtype=object)
        array[:] = content
        np.save(tmp_path / "c.npy", array, allow_pickle=True)
    else:
        (tmp_path / "c.npy").write_bytes(pickle.dumps(content))
    with pytest.raises(UnreadableFile, match="could run a program"):
        import_calibration(tmp_path / "c.npy")
    assert not trace.exists()
    # The same bytes do run it where nobody holds them back: the test can fail.
    pickle.load(io.BytesIO(pickle.dumps(Malicious(trace))))
    assert trace.exists()


@pytest.mark.parametrize("name", ["eval", "getattr", "__import__"])
def test_builtins_are_refused(tmp_path, name):
    code = b"cbuiltins\n" + name.encode() + b"\n."
    assert getattr(builtins, name) is pickle.loads(code)
    (tmp_path / "c.npy").write_bytes(code)
    with pytest.raises(UnreadableFile, match="more than arrays"):
        import_calibration(tmp_path / "c.npy")


def test_gdsc(tmp_path, maps):
    tifffile.imwrite(tmp_path / "c.tif", np.stack(maps).astype(np.float32), imagej=True)
    check(import_calibration(tmp_path / "c.tif"), maps)


def test_own_tiff(tmp_path, map_camera):
    map_camera.save(tmp_path / "c.tif")
    assert import_calibration(tmp_path / "c.tif").calibration == map_camera


@pytest.mark.parametrize(
    "layout",
    [
        lambda o, v, g: {"ccdoffset": o, "ccdvar": v, "gain": g},
        lambda o, v, g: {"Params": {"CCDOffset": o, "CCDVar": v, "Gain": g, "MeanLevel": o}},
        lambda o, v, g: {"offset": o, "variance": v, "gainmap": g, "other": 3},
    ],
    ids=["ncs", "smite", "smap"],
)
def test_matlab(tmp_path, maps, layout):
    savemat(tmp_path / "c.mat", layout(*maps))
    check(import_calibration(tmp_path / "c.mat"), maps)


def test_matlab_7_3_without_h5py(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    (tmp_path / "c.mat").write_bytes(b"MATLAB 7.3 MAT-file".ljust(512))
    with pytest.raises(UnreadableFile, match="install h5py"):
        import_calibration(tmp_path / "c.mat")


def test_matlab_7_3(tmp_path, maps):
    h5py = pytest.importorskip("h5py")
    assert importlib.import_module("h5py")
    with h5py.File(tmp_path / "c.mat", "w", userblock_size=512) as file:
        for name, each in zip(("CCDOffset", "CCDVar", "Gain"), maps, strict=True):
            file[f"Params/{name}"] = each.T
    with (tmp_path / "c.mat").open("r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file")
    check(import_calibration(tmp_path / "c.mat"), maps)


def test_picasso_configuration(tmp_path):
    (tmp_path / "c.yaml").write_text(
        "Cameras:\n  Flash:\n    Baseline: 100\n    Sensitivity: 0.46\n    Gain: 1\n"
        "  iXon:\n    Baseline: 200\n    Sensitivity: 4.8\n    Gain: 100\n"
    )
    with pytest.raises(UnreadableFile, match="several cameras; say which one: Flash, iXon"):
        import_calibration(tmp_path / "c.yaml")
    flash = import_calibration(tmp_path / "c.yaml", camera="Flash")
    assert (flash.calibration.gain, flash.calibration.offset) == (0.46, 100)
    assert any("no read noise" in note for note in flash.notes)
    ixon = import_calibration(tmp_path / "c.yaml", camera="iXon")
    assert ixon.calibration.gain == pytest.approx(4.8 / 100 / 2, rel=0.01)
    assert any("excess noise factor 1.99" in note for note in ixon.notes)


def test_picasso_movie(tmp_path):
    (tmp_path / "c.yaml").write_text(
        "Frames: 100\nHeight: 64\n---\nBaseline: 98.5\nSensitivity: 0.47\nGain: 1\nQe: 0.9\n"
    )
    found = import_calibration(tmp_path / "c.yaml").calibration
    assert (found.gain, found.offset) == (0.47, 98.5)


def test_decode(tmp_path):
    (tmp_path / "c.yaml").write_text(
        "Camera:\n  baseline: 100.0\n  e_per_adu: 45.0\n  em_gain: 300.0\n  read_sigma: 74.4\n"
    )
    found = import_calibration(tmp_path / "c.yaml").calibration
    assert found.gain == pytest.approx(45 / 600, rel=0.002)
    assert found.read_noise == pytest.approx(74.4 / 600, rel=0.002)
    assert found.offset == 100


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
        ("c.npy", pickle.dumps({"gain": 2}), "no list of maps"),
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
    with pytest.raises(UnreadableFile, match=r"\(3, Y, X\)"):
        import_calibration(tmp_path / "two.npy")
    tifffile.imwrite(tmp_path / "four.tif", np.zeros((4, 8, 8), np.float32))
    with pytest.raises(UnreadableFile, match="three float slices"):
        import_calibration(tmp_path / "four.tif")
    savemat(tmp_path / "no.mat", {"something": 1})
    with pytest.raises(UnreadableFile, match="holds something, but no maps"):
        import_calibration(tmp_path / "no.mat")
    with pytest.raises(UnreadableFile, match="There is no calibration file"):
        import_calibration(tmp_path / "absent.npy")
