import dataclasses

import numpy as np
import pytest

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.errors import (
    CalibrationMismatch,
    OutputExists,
    PhotonDenoiseError,
    UnreadableFile,
)


def test_counts_become_photons_and_come_back(camera, rng):
    counts = rng.integers(0, 65535, (3, 20, 30), dtype=np.uint16)
    photons = camera.to_photons(counts)
    assert photons.dtype == np.float32
    np.testing.assert_allclose(photons, (counts.astype(float) - 100) * 0.5, rtol=1e-6)
    np.testing.assert_array_equal(np.rint(camera.to_counts(photons)), counts)


def test_maps_are_cut_like_the_image(map_camera, rng):
    counts = rng.integers(90, 2000, (40, 50), dtype=np.uint16)
    whole = map_camera.to_photons(counts)
    part = (slice(3, 20), slice(7, 9))
    np.testing.assert_array_equal(map_camera.to_photons(counts[part], *part), whole[part])
    np.testing.assert_allclose(map_camera.to_counts(whole), counts, rtol=1e-5)


def test_darkness_stays_unbiased(rng):
    dark = Calibration(gain=0.5, offset=100, read_noise=2.0)
    counts = np.rint(100 + rng.normal(0, 4, (1000, 1000))).astype(np.uint16)
    photons = dark.to_photons(counts)
    assert photons.min() < 0
    assert abs(photons.mean()) < 4 * 2.0 / 1000


def test_large_integers_keep_their_digits():
    counts = np.array([[2**31 + 1, 2**31 + 2]], dtype=np.uint32)
    photons = Calibration(gain=1, offset=2**31).to_photons(counts)
    np.testing.assert_array_equal(photons, [[1, 2]])


def test_saved_calibration_is_read_back(tmp_path, camera, map_camera):
    shared = dataclasses.replace(map_camera, length_y=0.7, length_x=1)
    for calibration in (camera, map_camera, shared):
        path = calibration.save(tmp_path / "camera.tif", overwrite=True)
        back = Calibration.load(path)
        assert back == calibration
        for field in dataclasses.fields(Calibration):
            if field.name != "path":
                np.testing.assert_array_equal(
                    getattr(back, field.name), getattr(calibration, field.name)
                )


def test_other_programs_can_read_the_file(tmp_path, map_camera):
    tifffile = pytest.importorskip("tifffile")
    pages = tifffile.imread(map_camera.save(tmp_path / "camera.tif"))
    assert pages.dtype == np.float32
    np.testing.assert_array_equal(pages[1], map_camera.offset)


def test_saving_overwrites_only_when_told(tmp_path, camera):
    path = camera.save(tmp_path / "camera.tif")
    with pytest.raises(OutputExists, match="exists already"):
        camera.save(path)
    other = Calibration(gain=1, offset=0)
    other.save(path, overwrite=True)
    assert Calibration.load(path) == other
    assert list(tmp_path.iterdir()) == [path]


def test_failed_saving_leaves_the_old_file(tmp_path, camera, monkeypatch):
    path = camera.save(tmp_path / "camera.tif")
    before = path.read_bytes()

    def full_disk(*paths):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full_disk)
    with pytest.raises(PhotonDenoiseError, match="No space left"):
        Calibration(gain=1, offset=0).save(path, overwrite=True)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_content_that_is_not_what_was_saved_is_refused(tmp_path, map_camera):
    """A digit of a number, whose JSON is as good as before."""
    path = map_camera.save(tmp_path / "camera.tif")
    content = path.read_bytes()
    assert content.count(b"sha256") == 3
    assert content.count(b'"gain_sd": 0.01') == 1
    path.write_bytes(content.replace(b'"gain_sd": 0.01', b'"gain_sd": 0.09'))
    with pytest.raises(UnreadableFile, match="broken"):
        Calibration.load(path)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'"gain": 0.5', b'"gaim": 0.5'),
        (b'"binning": 1', b'"binning":""'),
        (b'"units"', b'"unitz"'),
        (b'"roi": null', b'"roi": 1234'),
        (b'"read_noise": 1.5', b'"read_noise": NaN'),
    ],
)
def test_damage_without_a_checksum_is_refused(tmp_path, camera, before, after):
    """As files of before there were checksums."""
    path = camera.save(tmp_path / "camera.tif")
    content = path.read_bytes().replace(b"sha256", b"sha-no")
    path.write_bytes(content)
    assert Calibration.load(path) == camera
    assert content.count(before) == 1
    path.write_bytes(content.replace(before, after))
    with pytest.raises(PhotonDenoiseError):
        Calibration.load(path)


@pytest.mark.parametrize("content", [b"", b"no tiff", b"II*\0\x08\0\0\0"])
def test_broken_files_are_refused(tmp_path, content):
    path = tmp_path / "camera.tif"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=r"camera\.tif"):
        Calibration.load(path)


def test_newer_and_foreign_files_are_refused(tmp_path, camera, monkeypatch):
    tifffile = pytest.importorskip("tifffile")
    with monkeypatch.context() as patch:
        patch.setattr("napari_photon_denoise.io.calibration.FORMAT_VERSION", 99)
        camera.save(tmp_path / "new.tif")
    with pytest.raises(UnreadableFile, match="newer version"):
        Calibration.load(tmp_path / "new.tif")
    tifffile.imwrite(tmp_path / "image.tif", np.zeros((3, 4), np.uint8))
    with pytest.raises(UnreadableFile, match="no calibration"):
        Calibration.load(tmp_path / "image.tif")
    with pytest.raises(UnreadableFile, match="no calibration file"):
        Calibration.load(tmp_path / "missing.tif")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"gain": 0}, "above 0"),
        ({"gain": -1}, "above 0"),
        ({"gain": float("nan")}, "NaN"),
        ({"offset": float("inf")}, "NaN or infinite"),
        ({"read_noise": -0.1}, "0 e- or more"),
        ({"gain": np.ones((2, 2)), "offset": np.ones((3, 2))}, "different shapes"),
        ({"gain": np.ones(3)}, "one number or one"),
        ({"gain": "many"}, "must be a number"),
        ({"source": "guessed"}, "no source"),
        ({"binning": 0}, "binning"),
        ({"length_y": -0.1}, r"from 0 \(white noise\) to 5 px, not -0\.1"),
        ({"length_x": 5.1}, "correlation length"),
        ({"length_x": float("nan")}, "correlation length"),
        ({"length_x": "far"}, "correlation length"),
    ],
)
def test_impossible_cameras_are_refused(change, sentence):
    with pytest.raises(PhotonDenoiseError, match=sentence):
        Calibration(**({"gain": 1, "offset": 100, "read_noise": 1} | change))


def test_an_image_that_does_not_fit_is_refused(camera, map_camera):
    camera.check_image((7, 9))
    map_camera.check_image((40, 50), binning=1, roi=(8, 16, 40, 50), mode="16-bit")
    with pytest.raises(CalibrationMismatch, match="40×50 pixels, the image is 50×40"):
        map_camera.check_image((50, 40))
    with pytest.raises(CalibrationMismatch, match="binning 1, the image at binning 2"):
        camera.check_image((7, 9), binning=2)
    with pytest.raises(CalibrationMismatch, match=r"Calibration\.crop"):
        map_camera.check_image((40, 50), roi=(0, 0, 40, 50))
    with pytest.raises(CalibrationMismatch, match="12-bit"):
        map_camera.check_image((40, 50), mode="12-bit")


def test_cropping_follows_the_sensor(map_camera):
    part = map_camera.crop(2, 3, 10, 20)
    assert part.map_shape == (10, 20)
    assert part.roi == (10, 19, 10, 20)
    np.testing.assert_array_equal(part.offset, map_camera.offset[2:12, 3:23])
    with pytest.raises(CalibrationMismatch, match="does not lie within"):
        map_camera.crop(35, 0, 10, 10)


def test_equality_is_of_content(camera):
    same = Calibration(gain=0.5, offset=100, read_noise=1.5)
    assert same == camera
    assert hash(same) == hash(camera)
    assert Calibration(gain=0.5, offset=100, read_noise=1.6) != camera


def test_correlation_of_the_noise_is_content(camera, map_camera):
    shared = dataclasses.replace(map_camera, length_x=0.7)
    assert shared.correlated
    assert not map_camera.correlated
    assert shared != map_camera
    assert shared.facts()["length_x"] == 0.7
    assert shared.crop(0, 0, 20, 30).length_x == 0.7
    assert "noise as if blurred by 0 px in y and 0.7 px in x" in shared.describe()
    assert "blurred" not in map_camera.describe()
    # Of white noise nothing is written, so digests in recipes from before stay true.
    assert "length_y" not in camera.facts()
    assert camera.digest.startswith("21956e0cc2312c56")


def test_maps_cannot_be_changed(map_camera):
    with pytest.raises(ValueError, match="read-only"):
        map_camera.gain[0, 0] = 1


def test_description_names_numbers_units_and_source(map_camera):
    text = map_camera.describe()
    assert "e-/ADU" in text
    assert "40×50" in text
    assert "measured" in text
