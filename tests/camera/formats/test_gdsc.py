"""Camera models as GDSC SMLM's Camera Model Manager writes and reads them."""

import numpy as np
import pytest
import tifffile

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.formats import export_calibration, import_calibration
from napari_photon_denoise.errors import UnreadableFile

LABELS = ["Bias", "Gain", "Variance"]


def save(path, planes, labels=LABELS, **more):
    """Save as ImageJ does: slices with labels, big-endian, the origin in its description."""
    metadata = {"axes": "ZYX", "Info": "Per-pixel camera model data", **more}
    if labels:
        metadata["Labels"] = labels
    planes = np.stack(planes).astype(np.float32)
    tifffile.imwrite(path, planes, imagej=True, byteorder=">", metadata=metadata)


def test_slices_are_bias_gain_variance(tmp_path, maps, check):
    offset, variance, gain = maps
    save(tmp_path / "c.tif", [offset, gain, variance])
    imported = import_calibration(tmp_path / "c.tif")
    check(imported)
    assert imported.calibration.roi is None
    assert not any("Caution" in note for note in imported.notes)


def test_labels_go_before_the_order(tmp_path, maps, check):
    offset, variance, gain = maps
    save(tmp_path / "c.tif", [variance, offset, gain], ["Variance", "Bias", "Gain"])
    check(import_calibration(tmp_path / "c.tif"))


def test_what_this_program_wrote_in_another_order_is_read_by_its_labels(tmp_path, maps, check):
    labels = ["offset (ADU)", "variance (ADU^2)", "gain (ADU/e-)"]
    save(tmp_path / "c.tif", maps, labels)
    check(import_calibration(tmp_path / "c.tif"))


def test_without_labels_the_order_counts_and_is_said(tmp_path, maps, check):
    offset, variance, gain = maps
    save(tmp_path / "c.tif", [offset, gain, variance], labels=None)
    imported = import_calibration(tmp_path / "c.tif")
    check(imported)
    assert any("no labels" in note for note in imported.notes)


def test_slices_in_another_order_without_labels_are_doubted(tmp_path, maps):
    save(tmp_path / "c.tif", maps, labels=None)
    notes = import_calibration(tmp_path / "c.tif").notes
    assert any("Caution" in note and "order" in note for note in notes)


def test_other_labels_are_refused(tmp_path, maps):
    save(tmp_path / "c.tif", maps, ["red", "green", "blue"])
    with pytest.raises(UnreadableFile, match="slices named red, green, blue"):
        import_calibration(tmp_path / "c.tif")


def test_the_origin_is_the_corner_on_the_sensor(tmp_path, maps, check):
    offset, variance, gain = maps
    save(tmp_path / "c.tif", [offset, gain, variance], xorigin=16.0, yorigin=8.0)
    imported = import_calibration(tmp_path / "c.tif")
    check(imported)
    assert imported.calibration.roi == (8, 16, 12, 15)


def test_export_is_what_gdsc_reads(tmp_path, map_camera):
    """By its own loader: pixels of slices 1, 2 and 3 are bias, gain and variance in counts."""
    export_calibration(map_camera, tmp_path / "c.tif", "gdsc")
    with tifffile.TiffFile(tmp_path / "c.tif") as tif:
        bias, gain, variance = tif.asarray()
        said = tif.imagej_metadata
    np.testing.assert_allclose(bias, map_camera.offset, rtol=1e-6)
    np.testing.assert_allclose(gain, 1 / map_camera.gain, rtol=1e-5)
    np.testing.assert_allclose(variance, (map_camera.read_noise / map_camera.gain) ** 2, rtol=1e-5)
    assert said["Labels"] == LABELS
    assert (said["xorigin"], said["yorigin"]) == (16, 8)
    assert import_calibration(tmp_path / "c.tif").calibration.roi == map_camera.roi


def test_numbers_make_a_model_of_one_pixel(tmp_path):
    camera = Calibration(gain=0.5, offset=100, read_noise=2)
    assert "of one pixel" in export_calibration(camera, tmp_path / "c.tif", "gdsc")
    bias, gain, variance = tifffile.imread(tmp_path / "c.tif").ravel()
    assert (bias, gain, variance) == (100, 2, 16)


def test_a_calibration_of_this_program_without_its_mark_is_no_camera_model(tmp_path, map_camera):
    path = map_camera.save(tmp_path / "c.tif")
    path.write_bytes(path.read_bytes().replace(b"napari-photon-denoise", b"napari-photon-denoisX"))
    with pytest.raises(UnreadableFile, match="calibration"):
        import_calibration(path)


def test_more_pixels_than_the_file_has_bytes_are_refused(tmp_path, maps):
    save(tmp_path / "c.tif", maps)
    with tifffile.TiffFile(tmp_path / "c.tif", mode="r+b") as tif:
        for page in tif.pages:
            page.tags["ImageLength"].overwrite(2**28)
    with pytest.raises(UnreadableFile, match="broken"):
        import_calibration(tmp_path / "c.tif")


def test_a_movie_is_refused_before_it_is_read(tmp_path, monkeypatch):
    tifffile.imwrite(tmp_path / "c.tif", np.zeros((40, 12, 15), np.uint16))
    monkeypatch.setattr(tifffile.TiffPageSeries, "asarray", None)
    with pytest.raises(UnreadableFile, match=r"shape \(40, 12, 15\)"):
        import_calibration(tmp_path / "c.tif")
