from types import SimpleNamespace

import numpy as np
import pytest

from napari_photon_denoise.widgets.compare.shown import visible_only
from napari_photon_denoise.widgets.compare.swipe import NAME, Swipe
from napari_photon_denoise.widgets.parts.region import camera_of
from widgets.conftest import ROTATED

SHAPE = (20, 40)


@pytest.fixture
def viewer():
    from napari.components import ViewerModel

    viewer = ViewerModel()
    yield viewer
    viewer.layers.clear()


def pair(viewer, shape=SHAPE, **place):
    layers = [
        viewer.add_image(np.full(shape, value, np.float32), name=name, **place)
        for value, name in ((1, "first"), (2, "second"))
    ]
    visible_only([], layers)
    return layers


def drag(viewer, *positions):
    """What napari does with a mouse that is pressed, moved, and let go."""
    event = SimpleNamespace(type="mouse_press", position=positions[0])
    (callback,) = (one for one in viewer.mouse_drag_callbacks if "Swipe" in repr(one))
    running = callback(viewer, event)
    next(running, None)
    seen = [camera_of(viewer).mouse_pan]
    for position in positions[1:]:
        event.type, event.position = "mouse_move", position
        next(running, None)
    event.type = "mouse_release"
    next(running, None)
    return seen


def test_left_is_the_first_and_right_the_second(viewer):
    first, second = pair(viewer)
    swipe = Swipe(viewer, print)
    swipe.show(first, second, 0.25)
    data = swipe.mixed.data
    assert swipe.mixed.name == "first | second"
    np.testing.assert_array_equal(np.unique(data[:, :10]), 1)
    np.testing.assert_array_equal(np.unique(data[:, 10:]), 2)
    for share in (0.9, 0.1, 0.5, 0, 1, 7, -3):
        swipe.move(share)
        column = round(np.clip(share, 0, 1) * 40)
        expected = np.where(np.arange(40) < column, 1, 2) * np.ones((20, 1))
        np.testing.assert_array_equal(swipe.mixed.data, expected)
        (start, way) = viewer.layers[NAME].data[0]
        np.testing.assert_allclose(start, [-0.5, column - 0.5])
        np.testing.assert_allclose(way, [20, 0])
    np.testing.assert_array_equal(first.data, 1)
    np.testing.assert_array_equal(second.data, 2)


def test_everything_is_given_back(viewer):
    first, second = pair(viewer)
    selected = viewer.layers.selection.active
    callbacks = list(viewer.mouse_drag_callbacks)
    swipe = Swipe(viewer, print)
    swipe.show(first, second, 0.5)
    assert viewer.layers.selection.active is selected
    mixed = swipe.mixed
    swipe.show(second, first, 0.5)
    assert len(viewer.layers) == 4
    swipe.hide()
    swipe.hide()
    assert not any(layer.visible for layer in viewer.layers)
    swipe.show(first, second, 0.5)
    assert swipe.mixed is mixed
    assert len(viewer.layers) == 4
    swipe.close()
    assert list(viewer.layers) == [first, second]
    assert list(viewer.mouse_drag_callbacks) == callbacks
    camera_of(viewer).zoom = 3  # nobody listens


def test_line_is_dragged_where_it_is_taken(viewer):
    told = []
    first, second = pair(viewer, scale=(0.1, 0.1))
    swipe = Swipe(viewer, told.append)
    swipe.show(first, second, 0.5)
    camera_of(viewer).zoom = 100  # 10 pixels of the screen for one of the image
    line = 0.1 * (20 - 0.5)
    assert drag(viewer, (1.0, line + 0.05), (1.0, 1.0), (1.0, 0.95)) == [False]
    assert camera_of(viewer).mouse_pan
    assert told == [pytest.approx(10.5 / 40, abs=0.013), 10 / 40]
    assert swipe.share == 10 / 40
    # Elsewhere the mouse moves the view, as ever.
    assert drag(viewer, (1.0, 3.0), (1.0, 1.0)) == [True]
    assert swipe.share == 10 / 40


def test_line_is_as_wide_at_every_zoom(viewer):
    first, second = pair(viewer, scale=(0.1, 0.1))
    swipe = Swipe(viewer, print)
    swipe.show(first, second, 0.5)
    for zoom in (5, 50, 500):
        camera_of(viewer).zoom = zoom
        assert viewer.layers[NAME].edge_width * 0.1 * zoom == pytest.approx(2.5)


@pytest.mark.parametrize(
    "place",
    [
        ROTATED,
        {"rotate": 90},
        {"rotate": -90},
        {"rotate": 180},
        {"scale": (1, -1)},
        {"scale": (2, 0.5), "translate": (7, 9), "rotate": 20},
    ],
)
def test_first_is_left_on_the_screen_however_layers_lie(viewer, place):
    first, second = pair(viewer, **place)
    swipe = Swipe(viewer, print)
    swipe.show(first, second, 0.3)
    x = {1: [], 2: []}
    for pixel in np.ndindex(*SHAPE):
        world = swipe.mixed.data_to_world(pixel)
        x[int(swipe.mixed.data[pixel])].append(world[-1])
    assert np.mean(x[1]) < np.mean(x[2])
    share = len(x[1]) / np.prod(SHAPE)
    assert share == pytest.approx(0.3, abs=0.03)
    assert swipe.share == pytest.approx(share)
    for corner in ((0, 0), (19, 39)):
        expected = first.data_to_world(corner)
        np.testing.assert_allclose(swipe.mixed.data_to_world(corner), expected)
        np.testing.assert_allclose(viewer.layers[NAME].data_to_world(corner), expected)
    assert swipe.mixed.units == first.units


def test_planes_of_stacks(viewer):
    viewer.add_image(np.zeros((3, 4, 20, 40)))
    first, second = pair(viewer, (1, 1, 20, 40), translate=(2, 1, 0, 0))
    swipe = Swipe(viewer, print)
    swipe.show(first, second, 0.5)
    assert swipe.mixed.data.shape == (1, 1, 20, 40)
    np.testing.assert_array_equal(np.unique(swipe.mixed.data[..., :20]), 1)
    np.testing.assert_array_equal(viewer.layers[NAME].data_to_world((0, 0, 0, 0)), (2, 1, 0, 0))
    told = []
    swipe._moved = told.append
    drag(viewer, (2, 1, 5, 19.5), (2, 1, 5, 29.5))
    assert told == [0.75]


@pytest.mark.parametrize("gone", ["first", "second", "first | second", NAME])
def test_layers_that_are_deleted_end_it(viewer, gone):
    first, second = pair(viewer)
    swipe = Swipe(viewer, print)
    swipe.show(first, second, 0.5)
    viewer.layers.remove(gone)
    assert swipe.mixed is None
    left = {layer.name for layer in viewer.layers if "(off)" not in layer.name}
    assert left == {"first", "second"} - {gone}
    assert not any(layer.visible for layer in viewer.layers)
    swipe.move(0.3)


def test_contrast_follows(viewer):
    first, second = pair(viewer)
    swipe = Swipe(viewer, print)
    swipe.show(first, second, 0.5)
    first.contrast_limits = (0, 7)
    assert swipe.mixed.contrast_limits == [0, 7]
