"""Before and after at the same place, by button and by key."""

import pytest
from qtpy.QtCore import Qt

import napari_photon_denoise as npd
from napari_photon_denoise.widgets.denoise.preview_box import KEY
from widgets.conftest import CAMERA


def button(widget):
    return widget._preview._before


def seen(viewer):
    return [layer.name for layer in viewer.layers if layer.visible]


@pytest.fixture
def result(ready, finish):
    return finish(ready[1])


def test_results_are_hidden_and_come_back(ready, result, finish):
    viewer, widget, layer = ready
    widget.method.setValue(npd.Gaussian(sigma=3))
    second = finish(widget)
    other = viewer.add_labels(layer.data.astype(int))
    layer.visible = False
    button(widget).click()
    assert seen(viewer) == [layer.name, other.name]
    assert button(widget).isChecked()
    button(widget).click()
    assert seen(viewer) == [result.name, second.name, other.name]
    assert not button(widget).isChecked()


def test_a_result_that_is_hidden_stays_hidden(ready, result, finish):
    viewer, widget, layer = ready
    result.visible = False
    second = finish(widget)
    for _ in range(2):
        widget.before.show(True)
        assert seen(viewer) == [layer.name]
        widget.before.show(False)
        assert seen(viewer) == [layer.name, second.name]


def test_layers_may_go_meanwhile(ready, result):
    viewer, widget, layer = ready
    widget.before.show(True)
    viewer.layers.remove(result)
    widget.before.show(False)
    assert list(viewer.layers) == [layer]
    viewer.layers.remove(layer)
    widget.before.show(True)
    assert not widget.before.on


def test_the_preview_too(ready, settled):
    viewer, widget, layer = ready
    widget.show_preview(True)
    preview = settled(widget)
    widget.before.show(True)
    assert seen(viewer) == [layer.name]
    widget.method.setValue(npd.Gaussian(sigma=2))
    settled(widget)
    assert seen(viewer) == [layer.name]
    widget.before.show(False)
    assert preview.visible
    widget.before.show(True)
    widget.show_preview(False)
    widget.before.show(False)
    assert seen(viewer) == [layer.name]


def test_nothing_to_show_is_said(ready):
    _, widget, _ = ready
    button(widget).click()
    assert "tick the preview, or press Run" in widget.message
    assert not button(widget).isChecked()


def test_held_key(docked, settled, qtbot):
    """On the canvas, and from the dock; as long as the dock is open."""
    viewer, widget, layer = docked
    widget.show_preview(True)
    preview = settled(widget)
    assert KEY in button(widget).text()
    canvas = viewer.window._qt_viewer.canvas.native
    key = getattr(Qt, f"Key_{KEY}")
    for target in (canvas, widget):
        qtbot.keyPress(target, key)
        assert seen(viewer) == [layer.name]
        assert button(widget).isChecked()
        qtbot.keyRelease(target, key)
        assert seen(viewer) == [layer.name, preview.name]
        assert not button(widget).isChecked()
    keys = {str(bound) for bound in viewer.keymap}
    assert {KEY, "Escape"} <= keys
    viewer.window.remove_dock_widget(widget)
    assert not {KEY, "Escape"} & {str(bound) for bound in viewer.keymap}


def test_a_key_that_is_taken_stays_with_who_has_it(desk):
    viewer, open_widget = desk
    pressed = []
    viewer.bind_key(KEY, pressed.append)
    widget = open_widget()
    widget.camera.setValue(CAMERA)
    widget.dock.life.closed.emit()
    next(act for bound, act in viewer.keymap.items() if str(bound) == KEY)(viewer)
    assert pressed == [viewer]
