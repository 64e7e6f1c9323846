import numpy as np
import pytest
from napari.layers import Image

import napari_photon_denoise as npd
from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.widgets.parts.plane_axis import answer
from widgets.conftest import CAMERA, photograph


@pytest.fixture
def three(desk, rng):
    """Three images; the second is empty of use: its pixels are not a number."""
    viewer, open_widget = desk
    images = rng.poisson(20, (3, 60, 70)).astype(np.float32) + 100
    images[1] = np.nan
    for number, image in enumerate(images):
        viewer.add_image(image, name=f"cells {number}", colormap="magenta")
    widget = open_widget()
    widget.camera.setValue(CAMERA)
    return viewer, widget


def names(viewer):
    return [layer.name for layer in viewer.layers]


def label(widget):
    return widget.bar._run.text()


def test_run_says_how_many_layers_it_takes(three):
    viewer, widget = three
    assert label(widget) == "&Run"
    viewer.layers.selection = set(viewer.layers)
    assert label(widget) == "&Run on 3 selected layers"
    assert widget.bar._run.toolTip().endswith("cells 0\ncells 1\ncells 2")
    viewer.layers.remove(viewer.layers[0])
    assert label(widget) == "&Run on 2 selected layers"
    viewer.layers.selection = {viewer.layers[0]}
    assert label(widget) == "&Run"


def test_selected_layers_are_denoised_and_the_one_that_fails_is_named(three, until):
    viewer, widget = three
    sources = list(viewer.layers)
    viewer.layers.selection = set(sources)
    texts, shown = [], []
    widget.runner.progressed.connect(lambda step: texts.append(step.text))
    viewer.layers.events.inserted.connect(
        lambda event: shown.append((event.value.name, len(texts)))
    )
    widget.run()
    until(lambda: not widget.runner.busy)
    assert names(viewer)[3:] == ["cells 0 [Gaussian]", "cells 2 [Gaussian]"]
    assert viewer.layers[-1].colormap.name == "magenta"
    np.testing.assert_array_equal(
        viewer.layers[-1].data, npd.denoise(sources[2].data, CAMERA, "gaussian", axes="YX")
    )
    assert "cells 0 (1 of 3): Denoising tile 1 of 1" in texts
    first = next(at for name, at in shown if name == "cells 0 [Gaussian]")
    assert first < len(texts)  # as soon as it was done
    done, failed = widget.message.splitlines()
    assert done == "Done: 2 of 3 layers."
    assert failed.startswith("⚠ cells 1: ")
    # What was selected still is, for the next try.
    assert viewer.layers.selection == set(sources)
    assert label(widget) == "&Run on 3 selected layers"
    # Results are no noisy images.
    viewer.layers.selection = set(viewer.layers)
    assert label(widget) == "&Run on 3 selected layers"


def test_a_run_that_is_stopped_keeps_what_is_done(three, until):
    viewer, widget = three
    viewer.layers.selection = set(viewer.layers)
    viewer.layers.events.inserted.connect(lambda _: widget.cancel())
    widget.run()
    until(lambda: not widget.runner.busy)
    assert names(viewer)[3:] == ["cells 0 [Gaussian]"]
    assert widget.message == "Stopped; 1 of 3 layers are done and stay."


def test_a_run_that_breaks_off_says_why_and_what_is_done(three, until, errors, monkeypatch):
    viewer, widget = three
    prepare, prepared = npd.Gaussian.prepare, []

    def short_of_memory(self, photons, device):
        prepared.append(photons)
        if len(prepared) > 1:
            raise MemoryError
        return prepare(self, photons, device)

    monkeypatch.setattr(npd.Gaussian, "prepare", short_of_memory)
    viewer.layers.selection = set(viewer.layers)
    widget.run()
    until(lambda: not widget.runner.busy)
    assert names(viewer)[3:] == ["cells 0 [Gaussian]"]
    why, kept = widget.message.splitlines()
    assert "no memory left" in why
    assert kept == "1 of 3 layers are done and stay."


def test_each_layer_has_its_own_camera_where_the_form_says_so(desk, until, counts):
    viewer, open_widget = desk
    for gain in (0.5, 2):
        calibration = Calibration(gain=gain, offset=100, read_noise=1)
        viewer.add_image(counts, name=f"{gain}", metadata={"calibration": calibration})
    widget = open_widget()
    assert widget.camera.way() == "layer"
    viewer.layers.selection = set(viewer.layers)
    widget.run()
    until(lambda: not widget.runner.busy)
    dim, bright = viewer.layers[2:]
    assert bright.data.mean() == pytest.approx(4 * dim.data.mean(), rel=1e-3)


def test_axes_that_were_said_hold_for_layers_of_which_no_more_is_known(desk, rng):
    viewer, open_widget = desk
    for name in ("a", "b", "answered"):
        viewer.add_image(rng.poisson(20, (4, 30, 30)), name=name)
    labelled = viewer.add_image(rng.poisson(20, (4, 30, 30)), name="c")
    labelled.axis_labels = ("z", "y", "x")
    widget = open_widget()
    widget.source.set_layer(viewer.layers["a"])
    widget.source.set_axes("TYX")
    answer(viewer.layers["answered"], "C")
    viewer.layers.selection = set(viewer.layers)
    assert [task.photons.axes for task in widget.controller.tasks_to_time()] == [
        "TYX",
        "TYX",
        "CYX",
        "ZYX",
    ]


def test_the_form_follows_the_active_layer(three, finish, counts):
    viewer, widget = three
    viewer.layers.selection.active = viewer.layers["cells 0"]
    assert widget.source.layer().name == "cells 0"
    result = finish(widget)
    # A result is there to be looked at.
    assert viewer.layers.selection.active is result
    assert widget.source.layer().name == "cells 0"
    new = viewer.add_image(counts, name="new")
    assert widget.source.layer() is new
    hidden = Image(counts, name="truth", visible=False)
    viewer.add_layer(hidden)
    viewer.add_points([[1, 1]])
    assert widget.source.layer() is new


def test_how_long_it_takes_is_said(ready, until):
    viewer, widget, _ = ready
    widget.dock.life.shown.emit()  # nothing is tried for a dock that nobody sees
    until(lambda: "on this computer" in widget._expected.text())
    widget.source.set_axes("XY")
    until(lambda: not widget._expected.text())
    widget.source.set_axes("YX")
    until(lambda: "on this computer" in widget._expected.text())
    viewer.layers.clear()
    until(lambda: not widget._expected.text())


def test_layers_without_a_camera_tell_their_own_noise(desk, until):
    viewer, open_widget = desk
    for seed, gain in enumerate((0.5, 2)):
        viewer.add_image(photograph(gain=gain, seed=seed), name=f"{gain}")
    widget = open_widget()
    assert widget.camera.way() == "image"
    viewer.layers.selection = set(viewer.layers)
    widget.run()
    until(lambda: not widget.runner.busy)
    assert widget.message.startswith("Done: 2 of 2 layers.")
    gains = [
        layer.metadata["recipe"]["calibration"]["facts"]["gain"] for layer in viewer.layers[2:]
    ]
    assert gains == pytest.approx([0.5, 2], rel=0.3)


def test_a_channel_makes_room_for_its_result(ready, finish):
    """Shown additively, both would add up to twice the light."""
    _, widget, layer = ready
    finish(widget)
    assert layer.visible
    layer.blending = "additive"
    result = finish(widget)
    assert not layer.visible
    assert result.visible
    assert result.blending == "additive"
    widget.before.show(True)
    assert layer.visible
    assert not result.visible
    widget.before.show(False)
    assert not layer.visible
    assert result.visible
