from types import SimpleNamespace
from unittest.mock import Mock

import numpy as np
import pytest
import tifffile

import napari_photon_denoise as npd
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io import read
from napari_photon_denoise.widgets.batch.controller import CANCEL, BatchController
from widgets.conftest import CAMERA
from widgets.fakes import FakeDock


class FakePage:
    """Keeps what is shown, and says what a test lets it say."""

    def __init__(self):
        self.rows, self.summaries, self.how, self.folder, self.busy = [], [], "", None, False
        self.chosen, self.replace, self.each, self.selected = None, False, False, []

    def output(self):
        return self.chosen

    def overwrite(self):
        return self.replace

    def from_each(self):
        return self.each

    def propose_camera(self, from_each):
        self.each = from_each

    def show_rows(self, rows):
        self.rows = list(rows)

    def show_row(self, number, row):
        self.rows[number] = row

    def select(self, number):
        self.selected.append(number)

    def show_summary(self, text):
        self.summaries.append(text)

    def show_how(self, text):
        self.how = text

    def show_folder(self, folder):
        self.folder = folder

    def set_busy(self, busy):
        self.busy = busy

    @property
    def states(self):
        return [row.state for row in self.rows]


@pytest.fixture
def folder(tmp_path, rng):
    """Three images, of which the second is cut off."""
    made = tmp_path / "images"
    made.mkdir()
    for number in (1, 2, 10):
        counts = rng.poisson(20, (40, 50)).astype(np.uint16) + 100
        tifffile.imwrite(made / f"cells_{number}.tif", counts)
    broken = made / "cells_2.tif"
    broken.write_bytes(broken.read_bytes()[:-900])
    return made


@pytest.fixture
def view():
    return SimpleNamespace(
        source=Mock(), camera=Mock(**{"value.return_value": CAMERA, "way.return_value": "typed"}),
        method=Mock(**{"value.return_value": npd.Gaussian(sigma=2)}),
        result=Mock(**{"units.return_value": "photons", "device.return_value": "cpu"}),
        files=FakePage(), offer=Mock(),
    )  # fmt: skip


@pytest.fixture
def now():
    return [0.0]


@pytest.fixture
def batch(view, now):
    made = BatchController(Mock(), view, lambda: now[0])
    view.dock = FakeDock(made.work)
    return made


def run(view):
    view.dock.controller.run()
    view.dock.finish()


def test_files_are_listed_in_natural_order_and_once(batch, view, folder):
    batch.add([folder])
    batch.add([folder / "cells_10.tif", folder])
    assert [row.name for row in view.files.rows] == ["cells_1.tif", "cells_2.tif", "cells_10.tif"]
    assert view.files.states == ["waiting"] * 3
    assert view.files.folder == folder / "denoised"
    assert batch.offer()[0] == "&Run on 3 files"
    batch.remove([0, 2])
    assert [row.name for row in view.files.rows] == ["cells_2.tif"]
    assert batch.offer()[0] == "&Run on 1 file"


def test_a_numbered_series_is_one_row(batch, view, folder):
    tifffile.imwrite(folder / "cells_2.tif", tifffile.imread(folder / "cells_1.tif"))
    batch.add_series(folder)
    assert [row.name for row in view.files.rows] == ["images/*.tif"]
    assert view.files.folder == folder / "denoised"
    run(view)
    assert view.files.states == ["done"]
    with read(folder / "denoised" / "images_gaussian.ome.tif") as result:
        assert result.data.shape[0] == 3
    batch.add_series(folder.parent)
    assert "holds no numbered TIFF files" in view.dock.bar.refused[0]


def test_own_results_are_passed_over(batch, view, folder):
    batch.add([folder])
    run(view)
    again = BatchController(Mock(), view)
    again.add([folder, folder / "denoised"])
    assert [row.name for row in view.files.rows] == ["cells_1.tif", "cells_2.tif", "cells_10.tif"]
    assert view.dock.bar.message == "2 results of this program were passed over."


def test_a_folder_without_images_is_a_sentence(batch, view, tmp_path):
    batch.add([tmp_path])
    assert "holds no TIFF" in view.dock.bar.refused[0]
    assert batch.files == ()
    view.dock.controller.run()
    assert view.dock.bar.refused[1].startswith("Add images first")


def test_a_broken_file_is_named_and_the_others_are_done(batch, view, folder):
    batch.add([folder])
    run(view)
    assert view.files.states == ["done", "failed", "done"]
    broken = view.files.rows[1]
    assert "truncated" in broken.text
    assert broken.told.startswith("cells_2.tif is truncated")
    assert view.dock.bar.message.startswith("Finished: 2 of 3 done, 1 failed.\n⚠ cells_2.tif is")
    assert view.files.selected == [1]  # so that its sentence is read
    clean = folder / "denoised" / "cells_10_gaussian.ome.tif"
    with read(folder / "cells_10.tif") as raw, read(clean) as result:
        expected = npd.denoise(np.asarray(raw.data), CAMERA, npd.Gaussian(sigma=2), axes="YX")
        np.testing.assert_array_equal(result.data, expected)
    assert [path.name for path in (folder / "denoised").iterdir() if "_2" in path.name] == []


def test_what_runs_is_not_called_the_rest(batch, view, folder):
    batch.add([folder])
    view.dock.controller.run()
    assert batch.offer()[0] == "&Run on 3 files"
    view.dock.finish()
    assert batch.offer()[0] == "&Run on 3 files"


def test_stop_and_go_on(batch, view, folder):
    batch.add([folder])
    view.dock.controller.run()
    while view.files.states[1] != "running":
        view.dock.step()
    assert batch.offer()[0] == "&Run on 3 files"
    view.dock.controller.cancel()
    view.dock.finish()
    assert view.files.states == ["done", "waiting", "waiting"]
    assert view.dock.bar.message.startswith("Stopped: 1 of 3 done.")
    assert batch.offer()[0] == "&Run on the rest"
    first = folder / "denoised" / "cells_1_gaussian.ome.tif"
    written = first.stat().st_mtime_ns
    run(view)
    assert view.dock.runner.title == "Denoising 2 files"
    assert view.files.states == ["done", "failed", "done"]
    assert first.stat().st_mtime_ns == written
    assert CANCEL[1] == "St&op"


def test_what_was_stopped_begins_anew_with_other_settings(batch, view, folder):
    batch.add([folder])
    view.dock.controller.run()
    while view.files.states[1] != "running":
        view.dock.step()
    view.dock.controller.cancel()
    view.dock.finish()
    view.method.value.return_value = npd.Median()
    run(view)
    assert view.dock.runner.title == "Denoising 3 files"
    assert (folder / "denoised" / "cells_1_median.ome.tif").exists()


def test_what_another_session_did_is_skipped(batch, view, folder):
    batch.add([folder])
    run(view)
    again = BatchController(Mock(), view)
    view.dock = FakeDock(again.work)
    again.add([folder])
    run(view)
    assert view.files.states == ["skipped", "failed", "skipped"]
    assert view.files.rows[0].text == "done before"
    assert "2 of 3 done (2 of them before), 1 failed" in view.dock.bar.message


def test_results_of_other_settings_are_replaced_only_if_the_user_says_so(batch, view, folder):
    batch.add([folder])
    run(view)
    view.method.value.return_value = npd.Gaussian(sigma=3)
    run(view)
    assert view.files.states == ["failed"] * 3
    assert "tick “Replace results that are there”" in view.files.rows[0].text
    assert view.dock.bar.message.endswith("Select a row that failed to read why.")
    view.files.replace = True
    run(view)
    assert view.files.states == ["done", "failed", "done"]


def test_the_camera_is_that_of_the_form_or_estimated_from_each(batch, view, folder, monkeypatch):
    given = []

    controller = "napari_photon_denoise.widgets.batch.controller"
    monkeypatch.setattr(f"{controller}.denoise_files_job", lambda work, _: given.append(work))
    batch.add([folder])
    batch.work()
    view.files.each = True
    batch.work()
    assert [work.camera.calibration for work in given] == [CAMERA, None]


def test_what_will_be_done_is_said(batch, view):
    batch.follow_form()
    assert view.files.how.startswith("Gaussian, sigma 2 px; photons; camera: 0.5 e-/ADU")
    assert not view.files.each
    # What belongs to one image is not proposed for others.
    view.camera.way.return_value = "layer"
    batch.follow_form()
    assert view.files.how == "Gaussian, sigma 2 px; photons; camera estimated from each image."
    view.files.propose_camera = lambda _: setattr(view.files, "each", False)  # the user chose
    view.source.current.return_value = SimpleNamespace(name="cells")
    batch.follow_form()
    assert "; camera of cells: 0.5 e-/ADU" in view.files.how
    view.camera.value.side_effect = PhotonDenoiseError("Say the gain.")
    batch.follow_form()
    assert "not complete yet" in view.files.how


def test_results_open_in_the_viewer(batch, view, folder):
    batch.add([folder])
    batch.open_result(0)
    assert view.dock.bar.refused == ["cells_1.tif has no result yet: press Run."]
    run(view)
    batch.open_result(0)
    clean = folder / "denoised" / "cells_1_gaussian.ome.tif"
    batch._viewer.open.assert_called_once_with(str(clean), plugin="napari-photon-denoise")
    clean.unlink()
    batch.open_result(0)
    assert len(view.dock.bar.refused) == 2


def test_time_left_is_told_once_it_is_known(batch, view, folder, now):
    batch.add([folder])
    view.dock.controller.run()
    while view.files.states[0] != "done":
        now[0] += 1
        view.dock.step()
    took = now[0]
    assert "left" not in "".join(view.files.summaries[:-1])
    assert view.files.summaries[-1] == f"1 of 3 done, about {2 * took:.0f} s left"
    view.dock.controller.cancel()
    view.dock.finish()
    assert view.files.summaries[-1] == "1 of 3 done"
