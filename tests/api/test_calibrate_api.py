from dataclasses import replace

import numpy as np
import pytest
import tifffile

from napari_photon_denoise.api.calibrate import calibrate, find_levels
from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.errors import PhotonDenoiseError, PhotonDenoiseWarning
from napari_photon_denoise.virtual.calibration_sample import take_frames
from napari_photon_denoise.virtual.simulate import scmos

SHAPE = (48, 56)


@pytest.fixture(scope="module")
def frames():
    return take_frames(scmos(SHAPE, 5), SHAPE, seed=5, dark_frames=40, flat_frames=20)


def test_calibration_carries_its_report_but_is_not_changed_by_it(frames, tmp_path):
    camera = calibrate(frames.dark, frames.flats, camera="virtual", serial="5", mode="16-bit")
    assert camera.source == "measured"
    assert camera.report.gain == pytest.approx(camera.gain)
    assert {verdict.status for verdict in camera.report.verdicts} <= {"PASS", "WARN", "FAIL"}
    bare = replace(camera, report=None)
    assert bare == camera
    assert bare.digest == camera.digest
    assert "report" not in camera.facts()
    assert "report" not in repr(camera)
    loaded = Calibration.load(camera.save(tmp_path / "camera.tif"))
    assert loaded == camera
    assert loaded.report is None


def test_arrays_files_and_folders_give_the_same(frames, tmp_path):
    expected = calibrate(frames.dark, frames.flats)
    tifffile.imwrite(tmp_path / "dark.tif", frames.dark)
    files, single = tmp_path / "files", tmp_path / "single"
    files.mkdir()
    for number, flat in enumerate(frames.flats):
        # Ten, so that "10" must not come before "9".
        tifffile.imwrite(files / f"flat {number + 8}.tif", flat)
        folder = single / f"level {number + 8}"
        folder.mkdir(parents=True)
        for frame, image in enumerate(flat):
            tifffile.imwrite(folder / f"{frame}.tif", image)
    dark = tmp_path / "dark.tif"
    listed = sorted(files.iterdir(), key=lambda path: int(path.stem.split()[1]))
    for flats in (listed, files, str(files / "*.tif"), single, str(single / "level*")):
        assert calibrate(dark, flats) == expected
    assert calibrate(single / "level 8", [single / "level 11"]).report.one_level
    assert len(find_levels(single)) == 4
    assert len(find_levels(single / "level 8")) == 1


def test_a_dark_for_each_flat_may_come_as_a_folder_of_folders(frames, tmp_path):
    for kind, stacks in (("dark", [frames.dark] * 4), ("flat", frames.flats)):
        for number, stack in enumerate(stacks):
            folder = tmp_path / kind / str(number)
            folder.mkdir(parents=True)
            tifffile.imwrite(folder / "frames.tif", stack)
    camera = calibrate(tmp_path / "dark", tmp_path / "flat")
    assert camera.report.dark.frames == 4 * 39


def test_failed_tests_are_warned_of(frames):
    # Smoothed frames: neighbours share their noise.
    def smooth(stack):
        wide = stack.astype(np.float64)
        return np.rint((wide + np.roll(wide, 1, -1) + np.roll(wide, 1, -2)) / 3).astype(np.uint16)

    with pytest.warns(PhotonDenoiseWarning, match="neighbours"):
        camera = calibrate(smooth(frames.dark), [smooth(flat) for flat in frames.flats])
    assert camera.report.status == "FAIL"


def test_bad_folders_are_said(tmp_path, frames):
    with pytest.raises(PhotonDenoiseError, match="does not exist"):
        calibrate(frames.dark, tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(PhotonDenoiseError, match="holds no TIFF"):
        calibrate(frames.dark, tmp_path / "empty")
