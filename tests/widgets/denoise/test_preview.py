import numpy as np
import pytest

import napari_photon_denoise as npd
from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.denoisers import METHODS
from napari_photon_denoise.denoisers.learning import Learning
from napari_photon_denoise.job import run
from napari_photon_denoise.widgets.parts.layers import PREVIEW
from napari_photon_denoise.widgets.parts.region import (
    MOST_PIXELS,
    missing_parts,
    region_job,
    visible_region,
)
from napari_photon_denoise.widgets.parts.task import Task
from napari_photon_denoise.widgets.plots.profile_widget import ProfileWidget
from pooler import Pooler
from widgets.conftest import CAMERA, ROTATED

# Those that learn are not previewed.
FAST = [name for name, kind in METHODS.items() if not issubclass(kind, Learning)]


def previews(viewer):
    return [layer for layer in viewer.layers if PREVIEW in layer.metadata and layer.visible]


def denoise_region(task, region):
    task = task.resolved()
    function = run(task.denoiser.prepare(task.photons, task.device))
    return run(region_job(task, region, function)).data


def noisy_maps(shape, rng):
    return Calibration(
        gain=rng.uniform(0.4, 0.6, shape),
        offset=rng.uniform(95, 105, shape),
        read_noise=rng.lognormal(0, 0.8, shape),
    )


@pytest.mark.parametrize("units", ["photons", "counts"])
@pytest.mark.parametrize("method", FAST)
def test_region_equals_the_whole(desk, rng, tiny_models, method, units):
    """In every orientation, with maps, with a method that looks across planes."""
    viewer, _ = desk
    counts = rng.poisson(15, (2, 9, 80, 90)).astype(np.uint16) + 100
    layer = viewer.add_image(counts)
    camera = noisy_maps((80, 90), rng)
    values = {name: 3 if name.startswith("size") else 1 for name in ("size_z", "sigma_z")}
    values |= {"patch_z": 3, "distance_z": 2}
    kind = METHODS[method]
    denoiser = kind(**{key: n for key, n in values.items() if key in kind.model_fields})
    whole = npd.denoise(counts, camera, denoiser, axes="TZYX", units=units)
    photons = npd.Photons(counts, camera, "TZYX")
    for region in (
        (slice(1, 2), slice(4, 5), slice(20, 60), slice(0, 30)),
        (slice(0, 1), slice(0, 9), slice(33, 34), slice(50, 90)),
        (slice(0, 2), slice(8, 9), slice(79, 80), slice(0, 90)),
    ):
        part = denoise_region(Task(layer, photons, denoiser, units=units), region)
        assert part.dtype == whole.dtype
        np.testing.assert_allclose(part, whole[region], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    "region",
    [
        (slice(1, 2), slice(20, 61), slice(3, 33)),
        (slice(0, 3), slice(15, 16), slice(33, 90)),
        (slice(2, 3), slice(64, 80), slice(0, 17)),
    ],
)
def test_region_of_what_pools_equals_the_whole(desk, rng, region):
    viewer, _ = desk
    layer = viewer.add_image(rng.poisson(15, (3, 80, 90)).astype(np.uint16))
    photons = npd.Photons(layer.data, CAMERA, "ZYX")
    task = Task(layer, photons, Pooler())
    whole = run(task.job()).data
    np.testing.assert_allclose(denoise_region(task, region), whole[region], rtol=1e-6)


def test_preview_equals_the_result_and_lies_on_it(dock, finish, settled, rng):
    viewer, open_widget = dock
    counts = rng.poisson(20, (200, 240)).astype(np.uint16) + 100
    source = viewer.add_image(counts, name="cells", colormap="green")
    for name, value in ROTATED.items():
        setattr(source, name, value)
    widget = open_widget()
    widget.camera.setValue(CAMERA)
    widget.method.choose("gaussian")
    source.corner_pixels = np.array([[50, 60], [120, 180]])
    widget.show_preview(True)
    preview = settled(widget)
    assert preview.name == "cells [Gaussian preview]"
    assert preview.data.shape == (71, 121)
    for corner in ((0, 0), (70, 0), (70, 120)):
        np.testing.assert_allclose(
            preview.data_to_world(corner), source.data_to_world(np.add(corner, (50, 60)))
        )
    assert preview.units == source.units
    shown = np.array(preview.data)
    result = finish(widget)
    np.testing.assert_allclose(shown, result.data[50:121, 60:181], rtol=1e-5, atol=1e-5)
    # It stays, on top, for the next change of the settings.
    assert list(viewer.layers) == [source, result, preview]


def test_preview_is_neither_source_nor_selected(ready, settled):
    viewer, widget, layer = ready
    widget.show_preview(True)
    settled(widget)
    assert viewer.layers.selection.active is layer
    assert widget.source.layer() is layer
    assert len(widget.source._layers) == 1


def test_preview_follows_parameters_slice_and_camera(dock, settled, rng, until):
    viewer, open_widget = dock
    counts = rng.poisson(20, (5, 60, 60)).astype(np.uint16) + 100
    viewer.add_image(counts, name="cells", scale=(0.3, 0.1, 0.1), units=("um",) * 3)
    widget = open_widget()
    widget.camera.setValue(CAMERA)
    widget.show_preview(True)
    settled(widget)

    def shows(expected):
        until(lambda: not widget.preview.busy)
        np.testing.assert_allclose(widget.preview.layer.data, expected, rtol=1e-5, atol=1e-5)

    for plane, sigma in ((2, 1), (4, 1), (4, 3), (0, 3)):
        viewer.dims.set_current_step(0, plane)
        widget.method.setValue(npd.Gaussian(sigma=sigma))
        shows(npd.denoise(counts, CAMERA, npd.Gaussian(sigma=sigma))[plane : plane + 1])
        assert widget.preview.layer.translate[0] == pytest.approx(0.3 * plane)
    doubled = Calibration(gain=1, offset=100, read_noise=1.5)
    widget.camera.setValue(doubled)
    shows(npd.denoise(counts, doubled, npd.Gaussian(sigma=3))[:1])
    assert len(previews(viewer)) == 1


def test_preview_follows_its_source(ready, settled, counts, until):
    _, widget, layer = ready
    widget.show_preview(True)
    settled(widget)
    layer.scale = (3, 2)
    layer.data = counts[::-1].copy()
    until(lambda: not widget.preview.busy)
    preview = widget.preview.layer
    np.testing.assert_array_equal(preview.scale, (3, 2))
    expected = npd.denoise(counts[::-1], CAMERA, "gaussian")
    np.testing.assert_allclose(preview.data, expected, rtol=1e-5, atol=1e-5)


def test_superseded_previews_stop_and_never_overlap(ready, settled, monkeypatch, until):
    _, widget, _ = ready
    running, most, finished = 0, 0, []

    def watched(task, region, function):
        nonlocal running, most
        running += 1
        most = max(most, running)
        try:
            for _ in range(20):
                yield from region_job(task, tuple(slice(0, 1) for _ in region), function)
            result = yield from region_job(task, region, function)
            finished.append(task.denoiser.sigma)
            return result
        finally:
            running -= 1

    monkeypatch.setattr("napari_photon_denoise.widgets.denoise.preview.region_job", watched)
    widget.show_preview(True)
    for sigma in (1, 2, 3, 4, 5):
        widget.method.setValue(npd.Gaussian(sigma=sigma))
        widget.preview.latest.begin()
    settled(widget)
    assert most == 1
    assert running == 0
    assert finished[-1] == 5
    assert len(finished) < 5


def test_preview_off_hides_it_and_on_takes_the_same_layer(ready, settled):
    viewer, widget, layer = ready
    widget.show_preview(True)
    preview = settled(widget)
    shown = np.array(preview.data)
    widget.show_preview(False)
    assert not previews(viewer)
    assert not widget.preview.busy
    assert preview in viewer.layers
    assert preview.data.size == 1
    widget.show_preview(True)
    assert settled(widget) is preview
    assert list(viewer.layers) == [layer, preview]
    np.testing.assert_array_equal(preview.data, shown)


def test_one_layer_serves_images_of_other_dimensions(desk, settled, rng, until):
    viewer, open_widget = desk
    flat = viewer.add_image(rng.poisson(20, (30, 40)).astype(np.uint16), scale=(2, 2))
    widget = open_widget()
    widget.camera.setValue(CAMERA)
    widget.show_preview(True)
    preview = settled(widget)
    deep = viewer.add_image(
        rng.poisson(20, (3, 30, 40)).astype(np.uint16), scale=(3, 1, 1), units=("um",) * 3
    )
    viewer.dims.set_current_step(0, 1)
    widget.source.set_layer(deep)
    widget.camera.setValue(CAMERA)
    until(lambda: not widget.preview.busy)
    assert widget.preview.layer is preview
    assert preview.data.shape == (1, 30, 40)
    assert preview.units == deep.units
    np.testing.assert_array_equal(preview.translate, (3, 0, 0))
    widget.source.set_layer(flat)
    until(lambda: not widget.preview.busy)
    assert preview.data.shape == (30, 40)
    np.testing.assert_array_equal(preview.scale, (2, 2))
    assert viewer.layers[-1] is preview


def test_a_hidden_preview_goes_with_its_source(ready, settled, until):
    """Else the place and the dimensions of an image that is gone would stay in the view."""
    viewer, widget, layer = ready
    widget.show_preview(True)
    settled(widget)
    widget.show_preview(False)
    viewer.layers.select_all()
    viewer.layers.remove_selected()
    assert not list(viewer.layers)
    viewer.layers.append(layer)
    widget.camera.setValue(CAMERA)
    widget.show_preview(True)
    settled(widget)
    widget.show_preview(False)
    viewer.layers.remove(layer)
    until(lambda: not list(viewer.layers))


def test_a_hidden_preview_may_be_deleted(ready, settled):
    viewer, widget, _ = ready
    widget.show_preview(True)
    preview = settled(widget)
    widget.show_preview(False)
    viewer.layers.remove(preview)
    widget.show_preview(True)
    assert settled(widget) is not preview
    assert len(previews(viewer)) == 1


def test_preview_goes_with_its_source(ready, settled, until):
    viewer, widget, layer = ready
    widget.show_preview(True)
    settled(widget)
    viewer.layers.remove(layer)
    assert not previews(viewer)
    until(lambda: not list(viewer.layers))
    assert not widget._preview.isChecked()


def test_deleting_the_preview_switches_it_off(ready, settled, qtbot):
    viewer, widget, layer = ready
    widget.show_preview(True)
    viewer.layers.remove(settled(widget))
    assert not widget._preview.isChecked()
    qtbot.wait(200)
    assert list(viewer.layers) == [layer]


def test_preview_goes_with_the_widget(docked, settled):
    viewer, widget, layer = docked
    widget.show_preview(True)
    settled(widget)
    viewer.window.remove_dock_widget(widget)
    assert list(viewer.layers) == [layer]


def test_viewer_closed_with_a_preview(docked, settled):
    viewer, widget, _ = docked
    widget.show_preview(True)
    settled(widget)
    widget.method.setValue(npd.Gaussian(sigma=20))
    widget.preview.latest.begin()
    viewer.close()


def test_what_keeps_the_preview_away_is_said(ready, settled, until):
    viewer, widget, _ = ready
    widget.show_preview(True)
    settled(widget)
    widget.method.choose("median")
    widget.method.form._boxes["size"].value = 4
    until(lambda: not widget.preview.busy)
    assert not previews(viewer)
    assert "odd" in widget.message
    widget.method.form._boxes["size"].value = 5
    settled(widget)
    assert widget.message == ""
    viewer.dims.ndisplay = 3
    until(lambda: "3-D" in widget.message)
    assert not previews(viewer)
    viewer.dims.ndisplay = 2
    settled(widget)


def test_preview_of_an_image_with_nan(desk, until):
    viewer, open_widget = desk
    viewer.add_image(np.full((20, 20), np.nan, np.float32), contrast_limits=(0, 1))
    widget = open_widget()
    widget.camera.setValue(CAMERA)
    widget.show_preview(True)
    until(lambda: "NaN" in widget.message)
    assert not previews(viewer)


@pytest.fixture
def small_tiles(monkeypatch):
    monkeypatch.setattr("napari_photon_denoise.widgets.parts.region.TILE", 32)


@pytest.fixture
def large(desk, rng):
    """An image of many small tiles, all of it on the screen."""
    viewer, open_widget = desk
    counts = rng.poisson(20, (200, 230)).astype(np.uint16) + 100
    layer = viewer.add_image(counts, name="cells")
    layer.corner_pixels = np.array([[0, 0], [199, 229]])
    viewer.scene.camera.center = (0, 99.5, 114.5)
    widget = open_widget()
    widget.camera.setValue(CAMERA)
    return viewer, widget, npd.denoise(counts, CAMERA, npd.Gaussian())


def test_preview_comes_from_the_middle_tile_by_tile(large, small_tiles, until):
    _, widget, expected = large
    seen = []
    put = widget.preview._pixels.put

    def watched(where, image):
        put(where, image)
        seen.append(np.isfinite(widget.preview.layer.data))

    widget.preview._pixels.put = watched
    widget.show_preview(True)
    until(lambda: not widget.preview.busy and widget.preview._pixels.complete)
    assert len(seen) == 7 * 8
    first = np.argwhere(seen[0]).mean(axis=0)
    assert np.abs(first - (99.5, 114.5)).max() < 32
    assert not seen[-2].all()
    assert seen[-1].all()
    np.testing.assert_allclose(widget.preview.layer.data, expected, rtol=1e-5, atol=1e-5)


def test_a_preview_that_is_stopped_shows_only_what_is_done(large, small_tiles, until):
    viewer, widget, _ = large
    widget.show_preview(True)
    until(lambda: widget.preview._pixels.complete)
    widget.method.setValue(npd.Gaussian(sigma=3))
    put = widget.preview._pixels.put

    def few(where, image):
        put(where, image)
        if widget.preview._pixels.share > 0.1:
            (_, stop) = next(item for item in viewer.keymap.items() if str(item[0]) == "Escape")
            stop(viewer)

    widget.preview._pixels.put = few
    until(lambda: not widget.preview.busy and widget.preview._pixels.share)
    data = np.array(widget.preview.layer.data)
    done = np.isfinite(data)
    assert 0.1 < done.mean() < 0.5
    wide = npd.denoise(viewer.layers[0].data, CAMERA, npd.Gaussian(sigma=3))
    np.testing.assert_allclose(data[done], wide[done], rtol=1e-5, atol=1e-5)
    assert "stopped" in widget.message
    assert widget._preview.isChecked()
    widget.preview._pixels.put = put
    widget.preview.refresh()
    until(lambda: widget.preview._pixels.complete)
    np.testing.assert_allclose(widget.preview.layer.data, wide, rtol=1e-5, atol=1e-5)


def test_what_is_there_is_not_computed_again(large, small_tiles, until, monkeypatch):
    """Only what comes into view, as long as the settings stay."""
    viewer, widget, expected = large
    asked = []

    def watched(task, region, function):
        asked.append(region)
        return region_job(task, region, function)

    monkeypatch.setattr("napari_photon_denoise.widgets.denoise.preview.region_job", watched)
    layer = viewer.layers[0]

    def look_at(top, left, bottom, right):
        asked.clear()
        layer.corner_pixels = np.array([[top, left], [bottom - 1, right - 1]])
        viewer.scene.camera.center = (0, (top + bottom) / 2, (left + right) / 2)
        widget.preview.refresh()
        until(lambda: not widget.preview.busy and widget.preview._pixels.complete)
        shown = widget.preview.layer
        start = shown.translate.astype(int)
        stop = start + shown.data.shape
        here = expected[start[0] : stop[0], start[1] : stop[1]]
        np.testing.assert_allclose(shown.data, here, rtol=1e-5, atol=1e-5)
        return sum((y.stop - y.start) * (x.stop - x.start) for y, x in asked)

    widget.show_preview(True)
    assert look_at(20, 30, 80, 90) == 60 * 60
    assert look_at(30, 40, 60, 70) == 0  # nearer
    assert look_at(40, 30, 100, 90) == 60 * 20  # down
    assert look_at(0, 0, 200, 230) == 200 * 230 - 60 * 60  # all
    layer.translate = (0, 0)  # moved, to where it is
    layer.data = layer.data + 1
    assert widget.preview.latest.busy
    expected = npd.denoise(layer.data, CAMERA, npd.Gaussian())
    assert look_at(0, 0, 200, 230) == 200 * 230


def test_plots_draw_the_preview(ready, settled, qtbot, until):
    """While it changes; a preview in grey values has no place among photons."""
    viewer, widget, _ = ready
    plot = ProfileWidget(viewer)
    qtbot.addWidget(plot)
    widget.show_preview(True)
    preview = settled(widget)
    plot.draw_line()
    viewer.layers.selection = {viewer.layers["profile line"]}

    def curve():
        plot.update_profiles()
        return next(one for one in plot.profiles if one.name == preview.name)

    flat = curve().values.std()
    widget.method.setValue(npd.Gaussian(sigma=6))
    until(lambda: widget.preview.busy)
    settled(widget)
    assert curve().values.std() < 0.7 * flat
    widget.show_preview(False)
    plot.update_profiles()
    assert [one.name for one in plot.profiles] == ["cells"]


def test_missing_parts_cover_what_is_new_once(rng):
    for _ in range(50):
        one, other = (
            tuple(slice(*sorted(rng.choice(9, 2, replace=False))) for _ in range(3))
            for _ in range(2)
        )
        count = np.zeros((9, 9, 9), int)
        for part in missing_parts(one, other):
            count[part] += 1
        wanted = np.zeros_like(count)
        wanted[one] = 1
        wanted[other] = 0
        np.testing.assert_array_equal(count, wanted)


def test_a_preview_of_part_of_the_screen_says_so(large, until, monkeypatch):
    _, widget, _ = large
    monkeypatch.setattr("napari_photon_denoise.widgets.denoise.preview.LARGEST", 100 * 115)
    widget.show_preview(True)
    until(lambda: not widget.preview.busy and widget.preview._pixels.complete)
    assert widget.preview.layer.data.shape == (100, 115)
    assert "middle 100×115 px" in widget.hints.text


def test_region_of_a_large_image_is_bounded(desk):
    viewer, _ = desk
    layer = viewer.add_image(np.zeros((3000, 5000), np.uint8))
    layer.corner_pixels = np.array([[0, 0], [2999, 4999]])
    region = visible_region(viewer, layer)
    height, width = (part.stop - part.start for part in region)
    assert 0.98 * MOST_PIXELS < height * width <= MOST_PIXELS
    assert abs((region[0].start + region[0].stop) / 2 - 1500) < 2
    viewer.scene.camera.center = (0, 0, 0)
    assert [part.start for part in visible_region(viewer, layer)] == [0, 0]


def test_region_of_a_multiscale_layer_is_at_full_resolution(desk, counts):
    viewer, _ = desk
    layer = viewer.add_image([counts, counts[::2, ::2]])
    layer.corner_pixels = np.array([[0, 0], [34, 44]])
    assert layer.data_level == 1
    assert visible_region(viewer, layer) == (slice(0, 70), slice(0, 90))
