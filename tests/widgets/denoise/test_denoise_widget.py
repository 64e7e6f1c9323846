import dask.array as da
import numpy as np
import pytest

import napari_photon_denoise as npd
from napari_photon_denoise.denoisers import METHODS
from napari_photon_denoise.denoisers.learning import Learning
from napari_photon_denoise.recipe import parse_recipe
from widgets.conftest import CAMERA, ROTATED


def same_place(layer, source):
    corners = [(0,) * source.ndim, tuple(size - 1 for size in source.data.shape[-source.ndim :])]
    for corner in corners:
        np.testing.assert_allclose(layer.data_to_world(corner), source.data_to_world(corner))
    assert layer.units == source.units
    assert layer.axis_labels == source.axis_labels


# Those that learn are in test_own_models.
@pytest.mark.parametrize(
    "method", [name for name, kind in METHODS.items() if not issubclass(kind, Learning)]
)
def test_every_method_runs_with_its_defaults(ready, finish, counts, tiny_models, method):
    _, widget, layer = ready
    before = counts.copy()
    widget.method.choose(method)
    result = finish(widget)
    assert result.name == f"cells [{METHODS[method]().label}]"
    np.testing.assert_array_equal(result.data, npd.denoise(counts, CAMERA, method, axes="YX"))
    assert layer.data is counts
    np.testing.assert_array_equal(counts, before)


def test_result_lies_where_its_source_lies(dock, finish, counts):
    viewer, open_widget = dock
    source = viewer.add_image(counts, name="cells", colormap="magenta", blending="additive")
    for name, value in ROTATED.items():
        setattr(source, name, value)
    widget = open_widget()
    widget.camera.setValue(CAMERA)
    result = finish(widget)
    same_place(result, source)
    np.testing.assert_array_equal(result.scale, source.scale)
    assert result.colormap.name == "magenta"
    assert result.blending == "additive"
    low, high = source.contrast_limits
    assert result.contrast_limits == [(low - 100) * 0.5, (high - 100) * 0.5]
    assert viewer.layers[-1] is result
    assert not source.visible  # its noise would be added to the result's light
    np.testing.assert_array_equal(source.data, counts)


def test_result_tells_how_it_was_made(ready, finish, counts):
    _, widget, _ = ready
    widget.method.setValue(npd.Gaussian(sigma=1.7))
    result = finish(widget)
    recipe = parse_recipe(result.metadata["recipe"], "layer")
    assert recipe.denoiser == npd.Gaussian(sigma=1.7)
    assert recipe.axes == "YX"
    assert recipe.calibration.restore() == CAMERA
    # The result is in photons, so its own calibration leaves it as it is.
    assert result.metadata["calibration"].gain == 1
    widget.source.set_layer(result)
    assert widget.camera.way() == "layer"


def test_multiscale_is_denoised_at_full_resolution(dock, finish, counts):
    viewer, open_widget = dock
    source = viewer.add_image(
        [counts, counts[::2, ::2]], name="cells", scale=(0.1, 0.1), units=("um", "um")
    )
    widget = open_widget()
    widget.camera.setValue(CAMERA)
    result = finish(widget)
    assert not result.multiscale
    assert result.data.shape == counts.shape
    np.testing.assert_allclose(result.data_to_world((9, 9)), source.data_to_world((9, 9)))
    assert result.units == source.units


@pytest.mark.parametrize(
    ("shape", "labels", "axes"),
    [
        ((3, 40, 50), ("t", "y", "x"), "TYX"),
        ((3, 40, 50), ("plane", "row", "column"), "ZYX"),
        ((3, 40, 50), None, "CYX"),
        ((2, 3, 40, 50), ("t", "z", "y", "x"), "TZYX"),
        ((2, 2, 3, 40, 50), ("time", "channel", "z", "y", "x"), "TCZYX"),
    ],
)
def test_stacks_and_films(desk, finish, rng, shape, labels, axes):
    viewer, open_widget = desk
    data = da.from_array(
        rng.poisson(30, shape).astype(np.uint16) + 100,
        chunks=(1,) * 3 + (40, 50) if len(shape) == 5 else -1,
    )
    source = viewer.add_image(data, name="cells")
    if labels:
        source.axis_labels = labels
    widget = open_widget()
    widget.camera.setValue(CAMERA)
    assert widget.source.axes() == axes
    widget.method.setValue(npd.Gaussian(sigma=1, sigma_z=1))
    result = finish(widget)
    sigma_z = 1 if "Z" in axes else 0
    expected = npd.denoise(data, CAMERA, npd.Gaussian(sigma=1, sigma_z=sigma_z), axes=axes)
    np.testing.assert_array_equal(result.data, expected)
    same_place(result, source)


def test_grey_values_come_back_in_the_images_own_type(ready, finish, counts):
    _, widget, layer = ready
    widget.result.set_units("counts")
    result = finish(widget)
    assert result.data.dtype == counts.dtype
    assert abs(result.data.mean() - counts.mean()) < 1
    assert list(result.contrast_limits) == list(layer.contrast_limits)
    assert result.metadata["calibration"] == CAMERA


def test_repeated_runs_keep_every_result(docked, finish):
    viewer, widget, _ = docked
    first = finish(widget)
    assert widget.message == "Done: cells [Gaussian]."
    second = finish(widget)
    assert first.name != second.name
    assert len(viewer.layers) == 3


def test_notes_are_shown(desk, finish):
    viewer, open_widget = desk
    viewer.add_image(np.full((40, 40), 100, np.uint16), name="flat")
    widget = open_widget()
    widget.camera.setValue(CAMERA)
    assert finish(widget) is not None
    assert "constant" in widget.message


def test_parameters_across_planes_need_planes(ready):
    _, widget, _ = ready
    box = widget.method.form._boxes["sigma_z"]
    assert not box.enabled
    assert "no Z axis" in box.native.toolTip()


def test_settings_are_the_defaults(desk, counts):
    from napari.settings import get_plugin_settings

    viewer, open_widget = desk
    chosen = get_plugin_settings("napari-photon-denoise").denoising
    assert (chosen.device, chosen.tile) == ("auto", 0)
    chosen.device, chosen.tile = "cpu", 48
    viewer.add_image(counts)
    widget = open_widget()
    widget.camera.setValue(CAMERA)
    assert widget.task().device == "cpu"
    assert widget.task().tile == 48


def test_every_control_has_help(ready):
    from qtpy.QtWidgets import QAbstractSpinBox, QCheckBox, QComboBox, QLineEdit, QPushButton

    _, widget, _ = ready
    kinds = (QAbstractSpinBox, QCheckBox, QComboBox, QLineEdit, QPushButton)
    for kind in kinds:
        for control in widget.findChildren(kind):
            inner = control.parent() is not None and isinstance(control.parent(), QAbstractSpinBox)
            assert inner or control.toolTip(), control
