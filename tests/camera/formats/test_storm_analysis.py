"""storm-analysis' calibrations, as its own loader takes them."""

import numpy as np
import pytest

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.formats import export_calibration, import_calibration
from napari_photon_denoise.errors import UnreadableFile


def load_as_storm_analysis(path):
    """Return offset, variance, gain and efficiency as its `loadCMOSCalibration` does."""
    data = np.load(path, allow_pickle=True)
    if len(data) == 3:
        return [np.transpose(each) for each in (*data, np.ones_like(data[0]))]
    assert (len(data), data[-1]) in ((4, 1), (5, 2))
    return [*data[:3], np.ones_like(data[0]) if len(data) == 4 else data[3]]


def as_list(*entries):
    """As ``numpy.save`` wrote a list of arrays and a number before NumPy 1.24."""
    content = np.empty(len(entries), dtype=object)
    content[:] = entries
    return content


def test_the_old_form_is_transposed(tmp_path, maps, check):
    np.save(tmp_path / "c.npy", np.stack([each.T for each in maps]))
    imported = import_calibration(tmp_path / "c.npy")
    check(imported)
    assert any("transposed" in note for note in imported.notes)
    np.testing.assert_array_equal(load_as_storm_analysis(tmp_path / "c.npy")[0], maps[0])


@pytest.mark.parametrize("efficiency", [False, True])
def test_lists_are_not(tmp_path, maps, check, efficiency):
    more = (np.ones_like(maps[0]), 2) if efficiency else (1,)
    np.save(tmp_path / "c.npy", as_list(*maps, *more), allow_pickle=True)
    imported = import_calibration(tmp_path / "c.npy")
    check(imported)
    np.testing.assert_array_equal(load_as_storm_analysis(tmp_path / "c.npy")[0], maps[0])
    assert any("relative quantum efficiency" in note for note in imported.notes) == efficiency
    assert not any("transposed" in note for note in imported.notes)


@pytest.mark.parametrize("more", [(2,), (np.ones((12, 15)), 1), (np.ones((12, 15)), 3), (1, 2, 3)])
def test_forms_that_its_loader_refuses_are_refused(tmp_path, maps, more):
    np.save(tmp_path / "c.npy", as_list(*maps, *more), allow_pickle=True)
    with pytest.raises(UnreadableFile, match="does not know"):
        import_calibration(tmp_path / "c.npy")


def test_a_list_of_three_is_transposed_by_its_length(tmp_path, maps, check):
    np.save(tmp_path / "c.npy", as_list(*(each.T for each in maps)), allow_pickle=True)
    check(import_calibration(tmp_path / "c.npy"))


def test_export_is_what_its_loader_reads(tmp_path, map_camera):
    export_calibration(map_camera, tmp_path / "c.npy", "storm-analysis")
    offset, variance, gain, _ = load_as_storm_analysis(tmp_path / "c.npy")
    np.testing.assert_allclose(offset, map_camera.offset, rtol=1e-6)
    np.testing.assert_allclose(gain, 1 / map_camera.gain, rtol=1e-6)
    np.testing.assert_allclose(variance, (map_camera.read_noise / map_camera.gain) ** 2, rtol=1e-6)


def test_export_holds_its_units(tmp_path):
    """As storm-analysis reads it: no round trip can hide a factor."""
    camera = Calibration(gain=0.5, offset=100, read_noise=2)
    export_calibration(camera, tmp_path / "c.npy", "storm-analysis")
    offset, variance, gain = np.load(tmp_path / "c.npy").ravel()
    assert (offset, variance, gain) == (100, 16, 2)


def test_the_sentence_shows_the_numbers(tmp_path):
    np.save(tmp_path / "c.npy", np.stack([np.full((4, 4), v) for v in (100.0, 4.75, 2.18)]))
    (first, *_) = import_calibration(tmp_path / "c.npy").notes
    assert "gain 2.18 ADU/e- became 0.459 e-/ADU, offset 100 ADU" in first
    assert "4.75 ADU² became read noise 1 e-" in first


def test_a_shape_that_asks_for_gigabytes_is_refused(tmp_path, maps):
    np.save(tmp_path / "c.npy", np.stack(maps))
    content = (tmp_path / "c.npy").read_bytes()
    (tmp_path / "c.npy").write_bytes(
        content.replace(b"(3, 12, 15), }  ", b"(3, 999999, 99),}"[:16])
    )
    with pytest.raises(UnreadableFile, match="broken"):
        import_calibration(tmp_path / "c.npy")


def test_a_movie_is_refused_before_it_is_read(tmp_path, monkeypatch):
    np.save(tmp_path / "c.npy", np.zeros((4, 12, 15), np.uint16))
    monkeypatch.setattr(np, "frombuffer", None)
    with pytest.raises(UnreadableFile, match=r"shape \(4, 12, 15\)"):
        import_calibration(tmp_path / "c.npy")
