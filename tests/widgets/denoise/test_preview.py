import numpy as np
import pytest

import napari_photon_denoise as npd
from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.denoisers import METHODS
from napari_photon_denoise.denoisers.learning import Learning
from napari_photon_denoise.job import run
from napari_photon_denoise.widgets.parts.layers import PREVIEW
from napari_photon_denoise.widgets.parts.region import MOST_PIXELS, region_job, visible_region
from napari_photon_denoise.widgets.parts.task import Task
from pooler import Pooler
from widgets.conftest import CAMERA, ROTATED

# Those that learn are not previewed.
FAST = [name for name, kind in METHODS.items() if not issubclass(kind, Learning)]


def previews(viewer):
    return [layer for layer in viewer.layers if PREVIEW in layer.metadata]


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
    assert not previews(viewer)


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


def test_preview_off_removes_it(ready, settled):
    viewer, widget, _ = ready
    widget.show_preview(True)
    settled(widget)
    widget.show_preview(False)
    assert not previews(viewer)
    assert not widget.preview.busy


def test_preview_goes_with_its_source(ready, settled):
    viewer, widget, layer = ready
    widget.show_preview(True)
    settled(widget)
    viewer.layers.remove(layer)
    assert not list(viewer.layers)
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
