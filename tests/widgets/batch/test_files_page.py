import numpy as np
import pytest
import tifffile
from qtpy.QtCore import QMimeData, QPointF, Qt, QUrl
from qtpy.QtGui import QDropEvent

import napari_photon_denoise as npd
from widgets.conftest import CAMERA


@pytest.fixture
def folder(tmp_path, rng):
    made = tmp_path / "images"
    made.mkdir()
    for number in range(3):
        counts = rng.poisson(20, (40, 50)).astype(np.uint16) + 100
        tifffile.imwrite(made / f"cells_{number}.tif", counts)
    broken = made / "cells_1.tif"
    broken.write_bytes(broken.read_bytes()[:-900])
    return made


@pytest.fixture
def batch(desk):
    """The form with its files in front."""
    viewer, open_widget = desk
    widget = open_widget()
    widget.camera.setValue(CAMERA)
    widget.show_files(True)
    return viewer, widget


def drop(page, *paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    page.table.dropEvent(event)


def text(page, row, column):
    return page.table.item(row, column).text()


def test_a_folder_that_is_dropped_is_denoised(batch, until, folder, plugins):
    viewer, widget = batch
    page = widget.files
    assert widget.bar._run.text() == "&Run"
    assert widget.bar._cancel.text() == "St&op"
    drop(page, folder)
    assert widget.bar._run.text() == "&Run on 3 files"
    assert [text(page, row, 1) for row in range(3)] == ["waiting"] * 3
    widget.run()
    assert not page._buttons.isEnabled()
    until(lambda: not widget.runner.busy)
    assert page._buttons.isEnabled()
    assert [text(page, row, 1) for row in (0, 2)] == ["done", "done"]
    assert text(page, 1, 1).startswith("⚠ failed: cells_1.tif is truncated")
    assert "truncated" in page.table.item(1, 1).toolTip()
    assert page.table.chosen() == [1]
    assert page._story.text().startswith("cells_1.tif is truncated")
    assert not page._open.isEnabled()
    page.table.cellDoubleClicked.emit(2, 0)
    (layer,) = viewer.layers
    assert layer.source.path == str(folder / "denoised" / "cells_2_gaussian.ome.tif")
    assert widget.message.startswith("Finished: 2 of 3 done, 1 failed.")
    assert widget.bar._run.text() == "&Run on 3 files"


def test_the_settings_of_the_tab_are_used(batch, until, folder, tmp_path):
    _, widget = batch
    page = widget.files
    drop(page, folder / "cells_0.tif")
    elsewhere = tmp_path / "elsewhere"
    page.set_output(elsewhere)
    widget.run()
    until(lambda: not widget.runner.busy)
    assert [path.name for path in elsewhere.iterdir()] == ["cells_0_gaussian.ome.tif"]
    widget.run()
    until(lambda: not widget.runner.busy)
    assert text(page, 0, 1) == "done before"
    widget.method.setValue(npd.Gaussian(sigma=3))
    widget.run()
    until(lambda: not widget.runner.busy)
    assert "Replace results" in text(page, 0, 1)
    page.set_overwrite(True)
    widget.run()
    until(lambda: not widget.runner.busy)
    assert text(page, 0, 1) == "done"


def test_rows_can_be_taken_off_the_list(batch, folder):
    _, widget = batch
    page = widget.files
    drop(page, folder)
    page.table.selectRow(1)
    widget.batch.remove(page.table.chosen())
    assert [text(page, row, 0) for row in range(2)] == ["cells_0.tif", "cells_2.tif"]


def test_what_the_user_says_of_the_camera_stays(batch):
    _, widget = batch
    page = widget.files
    assert not page.from_each()  # the form's is complete
    page._camera.setCurrentIndex(0)
    page._camera.activated.emit(0)
    assert "estimated from each image" in page._how.text()
    widget.camera.setValue(CAMERA)
    assert page.from_each()


def test_back_at_the_layers_run_denoises_them(batch, counts):
    viewer, widget = batch
    viewer.add_image(counts, name="cells")
    widget.show_files(False)
    assert widget.bar._run.text() == "&Run"
    assert widget.bar._cancel.text() == "Canc&el"


def test_the_table_does_not_keep_the_dock_high(batch):
    """In a window of 720 px with a plot below, the dock has some 400 px."""
    _, widget = batch
    assert widget.minimumSizeHint().height() < 300
    assert widget.shows_files()
    widget.show_files(False)
    assert not widget.shows_files()
