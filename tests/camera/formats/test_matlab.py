"""Calibrations of smite, NCS and SMAP; what scipy writes stands for what MATLAB does."""

import importlib
import struct
import sys
import zlib

import numpy as np
import pytest
from scipy.io import loadmat, savemat

from napari_photon_denoise.camera.formats import import_calibration
from napari_photon_denoise.camera.formats.mat5 import Other, read_mat5
from napari_photon_denoise.errors import UnreadableFile

LAYOUTS = {
    "ncs": lambda o, v, g: {"ccdoffset": o, "ccdvar": v, "gain": g},
    "smite": lambda o, v, g: {
        "Params": {"CCDOffset": o, "CCDVar": v, "Gain": g, "MeanLevel": np.zeros((2, 3, 4))}
    },
    "old smite": lambda o, v, g: {"Params": {"CCDOffset": o, "CCDVar": v, "CCDGain": g}},
    "smap": lambda o, v, g: {"offsetmap": o, "varmap": v, "gainmap": 1 / g, "other": "text"},
    "smap by exposure": lambda o, v, g: {
        "pixel_baseline": o,
        "read_noise_variance": v,
        "gainmap": 1 / g,
        "thermal_counts_per_s": 0.5 * np.ones_like(o),
        "thermal_noise_variance_per_s": 0.25 * np.ones_like(o),
    },
}


@pytest.mark.parametrize("is_compressed", [True, False])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(tmp_path, maps, check, layout, is_compressed):
    savemat(tmp_path / "c.mat", LAYOUTS[layout](*maps), do_compression=is_compressed)
    imported = import_calibration(tmp_path / "c.mat")
    check(imported)
    assert ("e-/ADU as it is" in imported.notes[0]) == layout.startswith("smap")
    assert any("each second adds" in note for note in imported.notes) == ("exposure" in layout)


def test_smap_has_e_per_adu_and_variance_in_adu(tmp_path):
    maps = {"offsetmap": 100.0, "varmap": 10.0, "gainmap": 0.46}
    savemat(tmp_path / "c.mat", {name: np.full((4, 5), value) for name, value in maps.items()})
    imported = import_calibration(tmp_path / "c.mat")
    assert np.median(imported.calibration.gain) == pytest.approx(0.46)
    assert np.median(imported.calibration.read_noise) == pytest.approx(10**0.5 * 0.46)
    assert not any("Caution" in note for note in imported.notes)


def test_smaps_other_reading_is_said_where_it_makes_an_scmos_camera(tmp_path):
    maps = {"offsetmap": 100.0, "varmap": 10.0, "gainmap": 2.17}
    savemat(tmp_path / "c.mat", {name: np.full((4, 5), value) for name, value in maps.items()})
    notes = import_calibration(tmp_path / "c.mat").notes
    assert any("0.46 e-/ADU and 1.5 e-, as sCMOS cameras have" in note for note in notes)


def test_one_number_is_the_gain_of_all_pixels(tmp_path, maps):
    offset, variance, _ = maps
    savemat(tmp_path / "c.mat", {"ccdoffset": offset, "ccdvar": variance, "gain": 2.0})
    assert np.all(import_calibration(tmp_path / "c.mat").calibration.gain == 0.5)


@pytest.mark.parametrize("roi", [[9, 9, 20, 20], [9, 20, 9, 20]], ids=["corners", "ranges"])
def test_the_region_of_smite_counts_from_one(tmp_path, maps, roi):
    maps = [each[:12, :12] for each in maps]
    content = LAYOUTS["smite"](*maps)
    content["Params"]["CameraObj"] = {"ROI": np.array(roi, float)}
    savemat(tmp_path / "c.mat", content)
    assert import_calibration(tmp_path / "c.mat").calibration.roi == (8, 8, 12, 12)


def test_a_region_that_can_be_read_in_two_ways_is_left_out(tmp_path, maps):
    content = LAYOUTS["smite"](*maps)
    content["Params"]["CameraObj"] = {"ROI": np.array([1, 15, 1, 12], float)}
    savemat(tmp_path / "c.mat", content)
    assert import_calibration(tmp_path / "c.mat").calibration.roi is None


@pytest.mark.parametrize("dtype", ["f8", "f4", "u1", "i2", "u4", "i8", "?"])
@pytest.mark.parametrize("is_compressed", [True, False])
def test_matrices_are_what_scipy_reads(tmp_path, rng, dtype, is_compressed):
    matrix = rng.integers(0, 2, (3, 4)).astype(dtype)
    content = {"m": matrix, "s": {"a": matrix.T, "b": {"c": matrix}}, "text": "x", "cube": [[[1]]]}
    savemat(tmp_path / "c.mat", content, do_compression=is_compressed)
    ours, theirs = read_mat5(tmp_path / "c.mat"), loadmat(tmp_path / "c.mat")
    np.testing.assert_array_equal(ours["m"], theirs["m"])
    np.testing.assert_array_equal(ours["s"]["a"], theirs["s"]["a"][0, 0])
    np.testing.assert_array_equal(ours["s"]["b"]["c"], matrix)
    assert isinstance(ours["text"], Other)
    assert isinstance(ours["cube"], Other)


def test_big_endian_files_are_read(tmp_path):
    """As MATLAB on a workstation of the time wrote [1.5, 2.5]."""
    content = struct.pack(">IIII", 6, 8, 6, 0) + struct.pack(">IIii", 5, 8, 1, 2)
    content += struct.pack(">HH4s", 1, 1, b"m") + struct.pack(">IIdd", 9, 16, 1.5, 2.5)
    header = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack(">H", 0x0100) + b"MI"
    (tmp_path / "c.mat").write_bytes(header + struct.pack(">II", 14, len(content)) + content)
    np.testing.assert_array_equal(read_mat5(tmp_path / "c.mat")["m"], [[1.5, 2.5]])


def test_a_compressed_part_with_a_wrong_checksum_is_refused(tmp_path, maps):
    savemat(tmp_path / "c.mat", LAYOUTS["ncs"](*maps), do_compression=True)
    content = bytearray((tmp_path / "c.mat").read_bytes())
    content[-2] ^= 1
    (tmp_path / "c.mat").write_bytes(content)
    with pytest.raises(UnreadableFile, match="broken"):
        import_calibration(tmp_path / "c.mat")


@pytest.mark.parametrize("is_compressed", [True, False])
def test_a_matrix_that_asks_for_gigabytes_is_refused(tmp_path, is_compressed):
    """Its bytes end long before."""
    content = struct.pack("<IIII", 6, 8, 6, 0) + struct.pack("<IIii", 5, 8, 8000, 8000)
    content += struct.pack("<HH4s", 1, 4, b"gain") + struct.pack("<II", 9, 8000 * 8000 * 8)
    content = struct.pack("<II", 14, 2**32 - 1) + content + bytes(1000)
    if is_compressed:
        packed = zlib.compress(content)
        content = struct.pack("<II", 15, len(packed)) + packed
    header = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack("<H", 0x0100) + b"IM"
    (tmp_path / "c.mat").write_bytes(header + content)
    with pytest.raises(UnreadableFile, match="broken"):
        import_calibration(tmp_path / "c.mat")


def test_matlab_7_3_without_h5py(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "h5py", None)
    (tmp_path / "c.mat").write_bytes(b"MATLAB 7.3 MAT-file".ljust(512))
    with pytest.raises(UnreadableFile, match="install h5py"):
        import_calibration(tmp_path / "c.mat")


@pytest.mark.parametrize(
    "code", ["import os; os.kill(os.getpid(), 9)", "raise MemoryError", "print('no arrays')"]
)
def test_a_library_that_crashes_takes_nothing_with_it(tmp_path, monkeypatch, code):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)
    monkeypatch.setattr("napari_photon_denoise.camera.formats.mat73.CHILD", code)
    (tmp_path / "c.mat").write_bytes(b"MATLAB 7.3 MAT-file".ljust(512))
    with pytest.raises(UnreadableFile, match="can't be read: it is broken"):
        import_calibration(tmp_path / "c.mat")


def save_7_3(path, maps):
    h5py = pytest.importorskip("h5py")
    assert importlib.import_module("h5py")
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, each in zip(("CCDOffset", "CCDVar", "Gain"), maps, strict=True):
            file[f"Params/{name}"] = each.T
        file["Params/MeanLevel"] = np.zeros((2, 3, 4))
    with path.open("r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file")


def test_matlab_7_3(tmp_path, maps, check):
    save_7_3(tmp_path / "c.mat", maps)
    check(import_calibration(tmp_path / "c.mat"))


def test_matlab_7_3_broken(tmp_path, maps):
    save_7_3(tmp_path / "c.mat", maps)
    content = (tmp_path / "c.mat").read_bytes()
    (tmp_path / "c.mat").write_bytes(content[:1000])
    with pytest.raises(UnreadableFile, match="broken"):
        import_calibration(tmp_path / "c.mat")
