"""Picasso's and DECODE's numbers, and YAML that is made to be slow or large."""

import numpy as np
import pytest
import yaml

from napari_photon_denoise.camera.formats import export_calibration, import_calibration
from napari_photon_denoise.errors import PhotonDenoiseError, UnreadableFile

CONFIGURATION = """
Cameras:
  Flash:
    Baseline: 100
    Sensitivity: 0.46
    Quantum Efficiency: {525: 0.8}
  iXon:
    Baseline: 200
    Sensitivity: 4.8
    DefaultGain: 100
"""
# As Picasso's own template has it.
MODES = """
Cameras:
  Andor Zyla VSC-01223:
    Baseline: 100
    Sensitivity Categories: [PixelReadoutRate, Sensitivity/DynamicRange]
    Sensitivity:
      540 MHz: {12-bit (high well capacity): 7.18, 12-bit (low noise): 0.29}
      200 MHz: {12-bit (low noise): 0.26}
"""


def test_picasso_configuration(tmp_path):
    (tmp_path / "c.yaml").write_text(CONFIGURATION)
    with pytest.raises(UnreadableFile, match="several cameras; say which one: Flash, iXon"):
        import_calibration(tmp_path / "c.yaml")
    flash = import_calibration(tmp_path / "c.yaml", camera="Flash")
    assert (flash.calibration.gain, flash.calibration.offset) == (0.46, 100)
    assert any("no read noise" in note for note in flash.notes)
    ixon = import_calibration(tmp_path / "c.yaml", camera="iXon")
    assert ixon.calibration.gain == pytest.approx(4.8 / 100 / 2, rel=0.01)
    assert any("excess noise factor 1.99" in note for note in ixon.notes)
    for imported in (flash, ixon):
        assert not any("Caution" in note for note in imported.notes)


def test_each_mode_of_picasso_is_a_camera(tmp_path):
    (tmp_path / "c.yaml").write_text(MODES)
    name = "Andor Zyla VSC-01223, 540 MHz, 12-bit (low noise)"
    with pytest.raises(UnreadableFile, match="several cameras") as caught:
        import_calibration(tmp_path / "c.yaml")
    assert name in str(caught.value)
    found = import_calibration(tmp_path / "c.yaml", camera=name).calibration
    assert (found.gain, found.offset, found.camera) == (0.29, 100, name)


def test_picasso_movie(tmp_path):
    (tmp_path / "c.yaml").write_text(
        "Frames: 100\nHeight: 64\n---\nBaseline: 98.5\nSensitivity: 0.47\nGain: 1\nQe: 0.9\n"
    )
    found = import_calibration(tmp_path / "c.yaml").calibration
    assert (found.gain, found.offset) == (0.47, 98.5)


def test_export_is_what_picasso_looks_for(tmp_path, map_camera):
    """Its window reads Baseline, DefaultGain and Sensitivity of the camera that is chosen."""
    export_calibration(map_camera, tmp_path / "c.yaml", "picasso")
    (camera,) = yaml.safe_load((tmp_path / "c.yaml").read_text())["Cameras"].values()
    assert camera["Baseline"] == pytest.approx(np.median(map_camera.offset))
    assert camera["Sensitivity"] == pytest.approx(np.median(map_camera.gain))
    assert camera["DefaultGain"] == 1


@pytest.mark.parametrize("is_listed", [False, True], ids=["one camera", "a camera a channel"])
def test_decode(tmp_path, is_listed):
    numbers = "baseline: 100.0, e_per_adu: 45.0, em_gain: 300.0, read_sigma: 74.4, qe: 1.0"
    text = f"Camera: {{0: {{{numbers}}}}}" if is_listed else f"Camera: {{{numbers}}}"
    (tmp_path / "c.yaml").write_text(text)
    imported = import_calibration(tmp_path / "c.yaml")
    found = imported.calibration
    assert found.gain == pytest.approx(45 / 600, rel=0.002)
    assert found.read_noise == pytest.approx(74.4 / 600, rel=0.002)
    assert found.offset == 100
    assert not any("Caution" in note for note in imported.notes)


def test_decode_without_em_gain(tmp_path):
    (tmp_path / "c.yaml").write_text(
        "Camera:\n  baseline: 100\n  e_per_adu: 0.46\n  em_gain:\n  read_sigma: 1.4\n"
    )
    found = import_calibration(tmp_path / "c.yaml").calibration
    assert (found.gain, found.read_noise) == (0.46, 1.4)


LAUGHS = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Baseline: 100\nSensitivity: 1" + "0" * 5000, "must be a number"),
        ("Baseline: 100\nSensitivity: 0x" + "f" * 10000, "must be a number"),
        ("Baseline: 2020-13-45\nSensitivity: 1", "must be a number, not '2020-13-45'"),
        ("Baseline: .inf\nSensitivity: 1", "must be a number"),
        ("Baseline: nan\nSensitivity: 1", "must be a number"),
        ("Baseline: true\nSensitivity: 1", "must be a number, not 'true'"),
        ("Baseline: [1]\nSensitivity: 1", "must be a number, not a list"),
        ("Baseline:\nSensitivity: 1", "Baseline is missing"),
        ("Baseline: 100\nSensitivity: 1\nGain: -3", "EM gain of -3"),
        ("Baseline: 100\nSensitivity: 0", "above 0"),
        ("[" * 100000, "nested too deeply"),
        ("- " * 100000, "nested too deeply"),
        ("a: " + "{b: " * 100 + "c" + "}" * 100, "nested too deeply"),
        (LAUGHS + "Baseline: *a59\nSensitivity: 1", "must be a number"),
        ("Cameras: &c {x: *c}", "broken"),
        ("a: &a [*a]", "broken|no camera"),
        ("? {a: b}\n: c", "broken"),
        ("<<: 3\nBaseline: !!python/object/apply:os.system ['true']", "no camera|broken"),
        ("a: " + "x" * 5_000_000, "has 5 MB"),
        ("Cameras:\n" + "".join(f"  c{n}: {{Sensitivity: 1}}\n" for n in range(3000)), "2988 more"),
    ],
    ids=range(20),
)
def test_hostile_yaml_gets_one_short_sentence(tmp_path, text, sentence):
    (tmp_path / "c.yaml").write_text(text)
    with pytest.raises(PhotonDenoiseError, match=sentence) as caught:
        import_calibration(tmp_path / "c.yaml")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600 + len(str(tmp_path))


def test_decode_without_read_noise_says_so(tmp_path):
    (tmp_path / "c.yaml").write_text("Camera:\n  baseline: 100\n  e_per_adu: 0.46\n  sigma: 1.4\n")
    imported = import_calibration(tmp_path / "c.yaml")
    assert imported.calibration.read_noise == 0
    assert any("c.yaml of DECODE names no read noise" in note for note in imported.notes)
