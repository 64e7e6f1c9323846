"""What the planes of a stack are that napari opened itself, asked once in every dock."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_photon_denoise.widgets.parts import plane_axis
from napari_photon_denoise.widgets.parts.plane_question import UNKNOWN
from napari_photon_denoise.widgets.parts.source import SourcePicker


@pytest.fixture
def picker(qtbot):
    from napari.components import ViewerModel

    viewer = ViewerModel()

    def make():
        picker = SourcePicker(viewer)
        qtbot.addWidget(picker)
        return picker

    yield viewer, make
    viewer.layers.clear()


def noise(rng, planes=8):
    return rng.poisson(50, (planes, 64, 64)).astype(np.uint16)


def colours(rng):
    fields = [gaussian_filter(rng.standard_normal((160, 160)), 6) for _ in range(3)]
    fields = [np.clip(field / field.std(), 0, None) for field in fields]
    light = zip((10, 50, 120), fields, strict=True)
    return np.stack([rng.poisson(20 + level * field) for level, field in light]).astype(np.uint16)


def checked(picker):
    return [axis for axis, one in picker.question.buttons.items() if one.isChecked()]


def sizes(picker):
    return picker._sizes.text().replace("\N{NO-BREAK SPACE}", " ")


def test_an_unnamed_stack_is_asked_for_and_guessed(picker, rng, until):
    viewer, make = picker
    viewer.add_image(colours(rng), name="cells")
    one = make()
    assert one.axes() == "CYX"  # until it is known, each plane stays by itself
    until(lambda: checked(one))
    assert checked(one) == ["C"]
    assert one._asked.text() == "3 planes are"
    assert one.question.why == "A guess: looks like channels."
    assert "brightness" in one.question._why.toolTip()
    assert viewer.layers[0].axis_labels == ("-3", "-2", "-1")  # the user's, as it was


def test_what_nothing_tells_stays_unanswered(picker, rng, until):
    viewer, make = picker
    viewer.add_image(noise(rng), name="cells")
    one = make()
    until(lambda: one.question.why == UNKNOWN)
    assert (one.axes(), checked(one)) == ("CYX", [])
    assert one.question.isVisibleTo(one)
    assert not one._axes.isVisibleTo(one)
    assert sizes(one) == "? 8  Y 64  X 64"


def test_an_answer_holds_in_every_dock_and_wins_over_a_guess(picker, rng, until):
    viewer, make = picker
    layer = viewer.add_image(colours(rng), name="cells")
    one, other = make(), make()
    changed = []
    other.axesChanged.connect(lambda: changed.append(other.axes()))
    one.question.buttons["T"].click()
    assert (one.axes(), other.axes(), changed) == ("TYX", "TYX", ["TYX"])
    until(lambda: not (one.question.busy or other.question.busy))
    assert (one.axes(), checked(other)) == ("TYX", ["T"])
    assert one.question.why == ""
    viewer.add_image(np.zeros((9, 9)), name="plane")
    one.set_layer(viewer.layers["plane"])
    assert not one.question.isVisibleTo(one)
    one.set_layer(layer)
    assert one.axes() == "TYX"
    third = make()
    third.set_layer(layer)
    assert third.axes() == "TYX"


def test_axes_that_are_typed_in_are_an_answer(picker, rng):
    viewer, make = picker
    layer = viewer.add_image(noise(rng), name="cells")
    one = make()
    one.set_axes("ZYX")
    assert checked(one) == ["Z"]
    assert plane_axis.planes_of(layer).answered


@pytest.mark.parametrize(
    ("shape", "how"),
    [
        ((64, 64), {}),
        ((1, 64, 64), {}),
        ((5, 64, 64), {"axis_labels": ("z", "y", "x")}),
        ((5, 64, 3), {"rgb": True}),
        ((1, 1, 64, 64), {}),
        ((2, 5, 64, 64), {"axis_labels": ("t", "z", "y", "x")}),
    ],
)
def test_nothing_is_asked_where_there_is_nothing_to_ask(picker, shape, how):
    viewer, make = picker
    viewer.add_image(np.zeros(shape, np.uint8), contrast_limits=(0, 1), **how)
    one = make()
    assert not one.question.isVisibleTo(one)
    assert one._axes.isVisibleTo(one)
    assert not one.question.busy


def test_a_file_name_tells(picker, plugins, until, tmp_path, rng):
    import tifffile

    path = tmp_path / "embryo_zyx.tif"
    tifffile.imwrite(path, noise(rng), metadata=None)
    viewer, make = picker
    (layer,) = viewer.open(path, plugin="napari")
    layer.name = "renamed"
    one = make()
    until(lambda: checked(one) == ["Z"])
    assert one.question.why == "A guess: named like focal planes."
    assert "“zyx”" in one.question._why.toolTip()


def test_results_take_the_answer_along(ready, finish, rng):
    viewer, widget, _ = ready
    layer = viewer.add_image(noise(rng), name="stack")
    widget.source.set_layer(layer)
    widget.camera.setValue(widget.camera.value())
    widget.source.question.buttons["T"].click()
    result = finish(widget)
    assert result.axis_labels == ("time", "y", "x")
    assert layer.axis_labels == ("-3", "-2", "-1")


def test_no_method_looks_across_planes_that_are_not_known(ready, finish, rng, until):
    viewer, widget, _ = ready
    layer = viewer.add_image(noise(rng), name="stack")
    widget.source.set_layer(layer)
    until(lambda: not widget.source.question.busy)
    widget.method.choose("resunet")
    assert widget.task().resolved().denoiser.model == "resunet-2d"
    widget.source.question.buttons["Z"].click()
    assert widget.task().resolved().denoiser.model == "resunet-stack"


def test_two_unnamed_axes_are_asked_for_together(picker, rng, until):
    viewer, make = picker
    layer = viewer.add_image(noise(rng, 12).reshape(2, 6, 64, 64), name="cells")
    one = make()
    until(lambda: one.question.why == UNKNOWN)
    assert one._asked.text() == "2 × 6 planes are"
    assert sizes(one) == "? 2  ? 6  Y 64  X 64"
    offered = [key for key, each in one.question.buttons.items() if each.isVisibleTo(one)]
    assert offered == ["TZ", "CZ", "TC"]
    one.question.buttons["TZ"].click()
    assert (one.axes(), sizes(one)) == ("TZYX", "T 2  Z 6  Y 64  X 64")
    assert plane_axis.planes_of(layer).answered
    stack = viewer.add_image(noise(rng), name="stack")
    one.set_layer(stack)
    offered = [key for key, each in one.question.buttons.items() if each.isVisibleTo(one)]
    assert offered == ["Z", "T", "C"]


def test_answers_of_several_letters_do_not_widen_the_dock(picker, rng):
    viewer, make = picker
    one = make()
    widths = []
    for shape in ((12, 64, 64), (2, 6, 64, 64), (2, 2, 3, 64, 64)):
        one.set_layer(viewer.add_image(noise(rng, 12).reshape(shape), name="cells"))
        one.question._row.invalidate()  # which is not shown, and so not laid out
        widths.append(one.question._row.minimumSize().width())
    assert max(widths) == widths[0]


def test_no_method_looks_across_two_axes_that_are_not_known(ready, rng, until):
    viewer, widget, _ = ready
    layer = viewer.add_image(noise(rng, 6).reshape(2, 3, 64, 64), name="cells")
    widget.source.set_layer(layer)
    until(lambda: not widget.source.question.busy)
    widget.method.choose("resunet")
    assert widget.task().resolved().denoiser.model == "resunet-2d"
    widget.source.question.buttons["CZ"].click()
    assert widget.task().photons.axes == "CZYX"
    assert widget.task().resolved().denoiser.model == "resunet-stack"
