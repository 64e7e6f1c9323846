import gc
from dataclasses import replace

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Image
from qtpy.QtCore import Qt

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.widgets.parts.estimates import find_estimate
from napari_photon_denoise.widgets.parts.kept_layers import KeptLayers
from napari_photon_denoise.widgets.parts.layers import PREVIEW, calibration_of_result
from napari_photon_denoise.widgets.plots.choice import choice_of
from napari_photon_denoise.widgets.plots.sources import SourceBox
from napari_photon_denoise.widgets.plots.values import COUNTS, PHOTONS, RELATIVE, VALUES
from widgets.conftest import CAMERA, photograph


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


@pytest.fixture
def strangers(viewer):
    """Two cameras' images, of neither of which anything is known."""
    viewer.layers.clear()
    return [
        viewer.add_image(photograph(), name="cells"),
        viewer.add_image(photograph(gain=2.0, offset=20), name="other"),
    ]


def test_each_unknown_image_tells_its_own_camera(boxes, strangers, until):
    one, other = boxes
    assert [source.unit for source in one.sources()[0]] == [COUNTS, COUNTS]  # until that is known
    until(lambda: all(find_estimate(layer, "YX") for layer in strangers))
    for box in boxes:
        sources, notes = box.sources()
        assert [source.unit for source in sources] == [PHOTONS, PHOTONS]
        gains = [source.calibration.gain for source in sources]
        assert gains == pytest.approx([0.5, 2], rel=0.1)
        assert notes == []
    assert "Estimated from this image" in other.camera.page("image").text
    other._typed.setChecked(False)
    assert {source.unit for source in one.sources()[0]} == {COUNTS}


def test_grey_values_stay_together_where_one_image_can_not_tell(viewer, boxes, strangers, until):
    flat = viewer.add_image(np.full((60, 70), 9, np.uint16), name="flat")
    boxes[0].sources()
    layers = [*strangers, flat]
    until(lambda: all(find_estimate(layer, "YX") is not None for layer in layers))
    sources, notes = boxes[0].sources()
    assert [source.layer for source in sources] == layers
    assert {source.unit for source in sources} == {COUNTS}
    assert notes == []


def test_relative_photons_are_named_so(viewer, boxes):
    relative = replace(CAMERA, relative=True)
    viewer.layers["first"].metadata["calibration"] = relative
    viewer.layers["second"].metadata["calibration"] = calibration_of_result(relative, "photons")
    sources, _ = boxes[0].sources()
    assert [source.unit for source in sources] == [RELATIVE, RELATIVE]
    viewer.layers["second"].metadata["calibration"] = CAMERA
    (only,), notes = boxes[0].sources()
    assert only.unit == PHOTONS
    assert "'first' holds relative photons" in notes[0]


def test_the_camera_is_asked_only_of_layers_that_bring_none(viewer, boxes):
    box = boxes[0]
    assert not box._typed.isHidden()
    assert not box.camera.isHidden()
    for layer in viewer.layers:
        layer.metadata["calibration"] = CAMERA
    box.layers.tick(*viewer.layers)
    assert box._typed.isHidden()
    assert box.camera.isHidden()


def test_what_is_compared_is_drawn_for_as_long(viewer, boxes):
    """Though only some of it may be seen, as in a flicker; and what comes in its layers later."""
    one, other = boxes
    kept = KeptLayers(viewer, "off")
    source = viewer.layers["first"]

    def panel(name):
        panel = Image(np.ones((5, 5)), name=name, metadata={PREVIEW: True, VALUES: PHOTONS})
        return kept.show(panel, source)

    layer = panel("Gaussian")
    source.visible = layer.visible = False
    assert ticked(one) == shown(other) == ["first", "second", "Gaussian"]
    kept.put_away(layer)
    assert ticked(one) == shown(other) == ["first", "second"]
    one.layers.tick(source)
    assert panel("Median") is layer
    assert ticked(one) == shown(other) == ["first", "Median"]
    late = SourceBox(viewer)
    assert ticked(late) == ["first", "Median"]
    late.disconnect_viewer()
