"""Which image a form begins with."""

import numpy as np
import pytest
from qtpy.QtWidgets import QComboBox

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.widgets.parts.layout import NarrowCombo
from napari_photon_denoise.widgets.parts.origins import remember
from napari_photon_denoise.widgets.parts.source import SourcePicker


@pytest.fixture
def viewer():
    from napari.components import ViewerModel

    viewer = ViewerModel()
    yield viewer
    viewer.layers.clear()


def test_of_a_result_its_image_is_meant(viewer, qtbot, counts):
    cells = viewer.add_image(counts, name="cells")
    for name in ("cells [RESUNET]", "cells [RESUNET] [NLM]"):
        result = viewer.add_image(counts.astype(np.float32), name=name)
        remember(result, cells, Calibration(gain=1, offset=0))
    picker = SourcePicker(viewer)
    qtbot.addWidget(picker)
    assert picker.layer() is cells
    cells.visible = False
    other = SourcePicker(viewer)
    qtbot.addWidget(other)
    assert other.layer() is cells
    viewer.layers.remove(cells)
    assert other.layer() is result, "there is nothing else"


def test_what_has_no_room_ends_in_dots(qtbot):
    combo, plain = NarrowCombo(), QComboBox()
    for box in (combo, plain):
        qtbot.addWidget(box)
        box.addItems(["RESUNET (a network that knows photon noise)", "Box"])
        box.resize(180, 30)
    assert combo.grab().toImage() != plain.grab().toImage()
    for box in (combo, plain):
        box.setCurrentIndex(1)
    assert combo.grab().toImage() == plain.grab().toImage()
