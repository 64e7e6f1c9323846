import gc

import numpy as np
import pytest
from napari.components import ViewerModel
from qtpy.QtCore import Qt

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.widgets.plots.choice import choice_of
from napari_photon_denoise.widgets.plots.sources import SourceBox
from napari_photon_denoise.widgets.plots.values import COUNTS, PHOTONS
from widgets.conftest import CAMERA


@pytest.fixture
def viewer(nobodys_settings, counts):
    viewer = ViewerModel()
    for name in ("first", "second"):
        viewer.add_image(counts, name=name)
    yield viewer
    viewer.layers.clear()


@pytest.fixture
def boxes(viewer, qtbot):
    boxes = SourceBox(viewer), SourceBox(viewer)
    for box in boxes:
        qtbot.addWidget(box)
    return boxes


def ticked(box):
    return [layer.name for layer in box.layers.ticked()]


def shown(box):
    rows = [box.layers.item(row) for row in range(box.layers.count())]
    return [row.text() for row in rows[::-1] if row.checkState() == Qt.CheckState.Checked]


def test_ticks_are_shared(viewer, boxes, qtbot):
    one, other = boxes
    told = []
    other.changed.connect(lambda: told.append(ticked(other)))
    one.layers.item(0).setCheckState(Qt.CheckState.Unchecked)  # the top one
    assert told[-1] == ["first"]
    assert ticked(one) == shown(one) == ticked(other) == shown(other) == ["first"]
    other.layers.tick(viewer.layers["second"])
    assert ticked(one) == shown(one) == shown(other) == ["second"]
    viewer.add_image(np.zeros((5, 5)), name="third")
    late = SourceBox(viewer)
    qtbot.addWidget(late)
    assert shown(one) == shown(late) == ["second", "third"]


def test_camera_is_shared(viewer, boxes, qtbot):
    one, other = boxes
    layer = viewer.layers["first"]
    one.set_camera(CAMERA)
    for box in boxes:
        source = box.source(layer)
        assert source.unit == PHOTONS
        assert (source.calibration.gain, source.calibration.offset) == (0.5, 100)
    late = SourceBox(viewer)
    qtbot.addWidget(late)
    assert late.source(layer).unit == PHOTONS
    other.set_camera(Calibration(gain=2, offset=50))
    assert one.source(layer).calibration.gain == 2
    other._typed.setChecked(False)
    assert one.source(layer).unit == COUNTS


def test_closed_plots_and_other_viewers_hear_nothing(viewer, boxes, nobodys_settings):
    one, other = boxes
    other.disconnect_viewer()
    told = []
    other.changed.connect(lambda: told.append(1))
    one.layers.tick(viewer.layers["first"])
    one.set_camera(CAMERA)
    assert not told
    assert choice_of(ViewerModel()) is not choice_of(viewer)


def test_choice_is_forgotten_with_the_last_plot(viewer):
    box = SourceBox(viewer)
    box.layers.tick(viewer.layers["first"])
    box.disconnect_viewer()
    del box
    gc.collect()
    again = SourceBox(viewer)
    assert ticked(again) == ["first", "second"]
    again.disconnect_viewer()
