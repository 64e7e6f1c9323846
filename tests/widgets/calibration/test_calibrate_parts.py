from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.transfer import CalibrationSettings
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.widgets.calibration.camera_form import CameraForm
from napari_photon_denoise.widgets.calibration.drift import compare, describe_drift
from napari_photon_denoise.widgets.calibration.guess import (
    Level,
    group_frames,
    guess_level,
    guess_role,
    parse_level,
    settle_roles,
)
from napari_photon_denoise.widgets.calibration.live import exposures_of
from napari_photon_denoise.widgets.calibration.sources import from_files, from_folder
from napari_photon_denoise.widgets.calibration.stack_table import _short


@pytest.mark.parametrize(
    ("names", "role"),
    [
        (["Dark_100ms"], "dark"),
        (["bias"], "dark"),
        (["offset map frames"], "dark"),
        (["lamp_off"], "dark"),
        (["dark for flats"], "dark"),
        (["DarkFrames_flatfield_session", "x"], "flat"),
        (["flatfield_10ms"], "flat"),
        (["LED_5pct"], "flat"),
        (["light1"], "flat"),
        (["stack_0001", "darks"], "dark"),
        (["cells"], None),
        (["controlled"], None),
        (["d_000_snap"], "dark"),
        (["ff12"], "flat"),
        (["F-3"], "flat"),
        (["b_000"], None),
        (["dapi"], None),
    ],
)
def test_roles_are_guessed_from_names(names, role):
    assert guess_role(*names) == role


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["b_000", "b_001", "d_000"], ["flat", "flat", "dark"]),  # bright
        (["b_000", "ff_000"], ["dark", "flat"]),  # bias
        (["b_000", "b_001"], [None, None]),
        (["b_000", "d_000", "f_000"], [None, "dark", "flat"]),
        (["bead_1", "d_000"], [None, "dark"]),
    ],
)
def test_b_is_bright_beside_darks_and_bias_beside_flats(names, told):
    assert settle_roles(names, [guess_role(name) for name in names]) == told


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("flat_10ms", Level(10, "ms")),
        ("flat 0.5 s", Level(500, "ms")),
        ("flat_250us_001", Level(0.25, "ms")),
        ("LED 5%", Level(5, "%")),
        ("flat 2500 e-", Level(2500, "e-")),
        ("flat_3", None),
        ("cam2 sample", None),
    ],
)
def test_levels_are_guessed_from_names(name, level):
    assert guess_level(name) == level


def test_typed_levels():
    assert parse_level(" 12,5 ") == Level(12.5, "")
    assert parse_level("20 ms") == Level(20, "ms")
    assert parse_level("bright") is None


@pytest.mark.parametrize(
    ("names", "groups"),
    [
        (["dark_001", "dark_002", "flat1_001", "flat1_002", "flat2_001"], [2, 2, 1]),
        (["flat_10ms_1", "flat_10ms_2", "flat_20ms_1", "flat_20ms_2"], [2, 2]),
        (["flat_10ms", "flat_20ms"], [1, 1]),
        (["img_time000_z000", "img_time001_z000", "img_time002_z000"], [3]),
        (["001", "002"], [2]),
    ],
)
def test_single_frames_are_sorted_into_stacks(names, groups):
    found = group_frames([Path("folder") / f"{name}.tif" for name in names])
    assert [len(group) for group in found.values()] == groups


def write(path, frames):
    path.parent.mkdir(exist_ok=True)
    pages = np.full((frames, 8, 9), 100, np.uint16).squeeze()
    tifffile.imwrite(path, pages, photometric="minisblack")


def test_folders_hold_stacks_files_and_frames(tmp_path):
    write(tmp_path / "bright_20ms.tif", 4)
    for number in (1, 2, 3):
        write(tmp_path / "darks" / f"img_{number:03}.tif", 1)
    sources = from_folder(tmp_path)
    assert [(s.role, s.frames, s.shape, s.level) for s in sources] == [
        ("dark", 3, (8, 9), ""),
        ("flat", 4, (8, 9), "20 ms"),
    ]
    assert all(source.guessed for source in sources)


def test_files_that_say_nothing_are_flats_to_check(tmp_path):
    write(tmp_path / "nothing" / "a.tif", 3)
    (source,) = from_files([tmp_path / "nothing" / "a.tif"])
    assert (source.role, source.guessed) == ("flat", False)


def test_empty_folder_is_a_sentence(tmp_path):
    with pytest.raises(PhotonDenoiseError, match="holds no TIFF"):
        from_folder(tmp_path)
    with pytest.raises(PhotonDenoiseError, match="check the folder"):
        from_folder(tmp_path / "gone")


@pytest.mark.parametrize(
    ("levels", "exposures"),
    [
        (["1 ms", "5 ms"], [1, 5]),
        (["1", "5"], [1, 5]),
        (["1 ms", ""], None),
        (["1 ms", "5 %"], None),
        (["5 ms", "5 ms"], None),
    ],
)
def test_exposures_are_used_where_all_are_known(tmp_path, levels, exposures):
    write(tmp_path / "flat.tif", 2)
    (flat,) = from_files([tmp_path / "flat.tif"])
    assert exposures_of([replace(flat, level=level) for level in levels]) == exposures


def test_what_is_known_of_the_camera_comes_back(qtbot):
    form = CameraForm()
    qtbot.addWidget(form)
    assert form.value() == CalibrationSettings()
    known = CalibrationSettings(
        camera="ORCA", serial="7", mode="slow", binning=2, em_gain=300, per_pixel_gain=True
    )
    for settings in (known, CalibrationSettings()):
        form.setValue(settings)
        assert form.value() == settings
    em_gain = form._boxes["em_gain"].native
    assert em_gain.text() == "no EM gain"
    em_gain.stepUp()
    assert form.value().em_gain == 1


@pytest.fixture
def measured(map_camera):
    return replace(map_camera, gain=0.5, offset_sd=0.01, read_noise_sd=0.02)


def test_no_drift(measured):
    sentences = describe_drift(measured, measured)
    assert sentences[0] == "The camera is as it was."
    assert "no change beyond the uncertainty" in sentences[1]
    assert sentences[-1].startswith("0 % of the pixels")


def test_drift_is_said_in_percent_and_in_sds(measured):
    now = replace(measured, gain=0.55, offset=measured.offset + 0.5)
    gain, offset, noise = compare(now, measured)
    assert gain.matters
    assert gain.share == pytest.approx(0.1)
    assert gain.sds == pytest.approx(0.05 / np.hypot(0.01, 0.01))
    assert offset.sds > 3
    assert not offset.matters
    assert noise.share == 0
    sentences = describe_drift(now, measured)
    assert "has changed (gain)" in sentences[0]
    assert "+10 % (3.5 SD): changed" in sentences[1]
    assert "too little to matter" in sentences[2]


def test_drift_without_uncertainties():
    before = Calibration(gain=0.5, offset=100, read_noise=1.5)
    sentences = describe_drift(replace(before, read_noise=2.0), before)
    assert "has changed (read noise)" in sentences[0]
    assert "uncertainty unknown" in sentences[3]


def test_another_camera_does_not_drift(measured):
    sentences = describe_drift(replace(measured, serial="8", binning=2), measured)
    assert "not the same camera" in sentences[0]
    assert "'7'" in sentences[1]
    assert "binning" in sentences[2]


def test_maps_of_another_size_are_not_compared(measured):
    assert "differ in size" in describe_drift(measured.crop(0, 0, 10, 10), measured)[-1]


@pytest.mark.parametrize(("value", "text"), [(0.0412, "0.0412"), (14, "14"), (2500, "2500")])
def test_levels_are_written_as_people_do(value, text):
    assert _short(value) == text
