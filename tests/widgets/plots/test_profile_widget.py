import csv
import gc
from dataclasses import replace

import dask.array as da
import numpy as np
import pytest

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.denoisers import Gaussian
from napari_photon_denoise.metrics.consistency import z_map
from napari_photon_denoise.metrics.profile import line_profile, profile_noise
from napari_photon_denoise.recipe import CalibrationRecord, Recipe
from napari_photon_denoise.widgets.parts.layers import result_layer
from napari_photon_denoise.widgets.parts.origins import remember
from napari_photon_denoise.widgets.plots.profile_widget import ProfileWidget
from napari_photon_denoise.widgets.plots.values import COUNTS, PHOTONS, VALUES
from napari_photon_denoise.widgets.plots.view import view_of
from widgets.conftest import CAMERA

UM = ("um", "um")
LINE = np.array([[10.0, 12.0], [44.0, 70.0]])
IN_PHOTONS = Calibration(gain=1, offset=0)


@pytest.fixture
def errors(monkeypatch):
    """Sentences that popped up."""
    said = []
    monkeypatch.setattr("napari_photon_denoise.widgets.parts.status.show_error", said.append)
    return said


@pytest.fixture
def bench(qtbot, nobodys_settings, errors):
    """The widget without napari's window."""
    from napari.components import ViewerModel

    viewer = ViewerModel()
    widget = ProfileWidget(viewer)
    qtbot.addWidget(widget)
    yield viewer, widget
    viewer.layers.clear()


@pytest.fixture
def cells(bench, counts):
    """The same with a calibrated layer and a line on it."""
    viewer, widget = bench
    layer = viewer.add_image(counts, name="cells", metadata={"calibration": CAMERA})
    viewer.add_shapes([LINE], shape_type="line")
    widget.update_profiles()
    return viewer, widget, layer


@pytest.fixture
def save_as(monkeypatch):
    """Answer the next dialog with this path."""

    def answer(path, kind=""):
        monkeypatch.setattr(
            "napari_photon_denoise.widgets.parts.saving.QFileDialog.getSaveFileName",
            lambda *_: (str(path) if path else "", kind),
        )

    return answer


def make_result(layer, data, camera=CAMERA):
    recipe = Recipe(calibration=CalibrationRecord.of(camera), denoiser=Gaussian(), axes="YX")
    return result_layer(layer, data, camera, "photons", "Gaussian", recipe.as_dict())


def drag(shapes, vertices):
    """Do what napari does while the mouse moves: its data event comes at the end only."""
    shapes._data_view.edit(0, np.asarray(vertices, float))
    shapes.refresh()


def test_profile_is_that_of_the_photons(cells, counts):
    _, widget, _ = cells
    (profile,) = widget.profiles
    expected = line_profile(CAMERA.to_photons(counts), LINE)
    np.testing.assert_allclose(profile.values, expected.values, rtol=1e-5)
    np.testing.assert_allclose(profile.distance, expected.distance)
    assert (profile.unit, profile.length_unit) == (PHOTONS, "px")
    noise = profile_noise(profile.values, 1.5, expected.pixels)
    np.testing.assert_allclose(profile.sd, noise)
    assert widget.plot.canvas.labels == ("photons per pixel (e-)", "distance (px)")
    assert widget.plot.canvas.legend == ["cells ± 1 SD shot and read noise"]
    assert widget.message == ""


def test_width_and_noise_band(cells, counts):
    _, widget, _ = cells
    widget._width.setValue(5)
    widget._noise.setChecked(False)
    widget.update_profiles()
    (profile,) = widget.profiles
    expected = line_profile(CAMERA.to_photons(counts), LINE, 5)
    np.testing.assert_allclose(profile.values, expected.values, rtol=1e-5)
    assert profile.sd is None
    assert widget.plot.canvas.legend == ["cells"]


def test_it_follows_the_line_while_it_is_dragged(cells, counts, until):
    viewer, widget, _ = cells
    end = LINE + np.array([9, 3])
    drag(viewer.layers["Shapes"], end)
    expected = line_profile(CAMERA.to_photons(counts), end)
    until(lambda: np.allclose(widget.profiles[0].values, expected.values))
    drag(viewer.layers["Shapes"], LINE)
    until(lambda: not np.allclose(widget.profiles[0].values, expected.values))


def test_it_follows_sliders_through_planes_and_times(bench, rng, until):
    viewer, widget = bench
    stack = rng.poisson(20, (3, 4, 50, 60)).astype(np.uint16) + 100
    how = {"scale": (2, 0.5, 0.1, 0.1), "units": ("s", "um", "um", "um")}
    viewer.add_image(stack, metadata={"calibration": CAMERA}, **how)
    line = np.array([[5.0, 5.0], [40.0, 55.0]])
    viewer.add_shapes([line * 0.1], shape_type="line", units=UM)
    widget.update_profiles()
    for t, z in ((0, 0), (2, 1), (1, 3)):
        viewer.dims.set_current_step((0, 1), (t, z))
        expected = line_profile(CAMERA.to_photons(stack[t, z]), line, pixel_size=(0.1, 0.1))
        until(lambda expected=expected: np.allclose(widget.profiles[0].values, expected.values))
    np.testing.assert_allclose(widget.profiles[0].distance, expected.distance)
    assert widget.profiles[0].length_unit == "µm"


@pytest.mark.parametrize(("margins", "planes"), [((1, 0), 2), ((0.3, 0.3), 1), ((9, 9), 4)])
def test_of_planes_shown_together_one_is_drawn_and_it_is_said(bench, rng, until, margins, planes):
    viewer, widget = bench
    stack = rng.poisson(20, (4, 50, 60)).astype(np.uint16) + 100
    layer = viewer.add_image(
        stack, name="stack", metadata={"calibration": CAMERA}, projection_mode="mean"
    )
    viewer.add_shapes([LINE], shape_type="line")
    viewer.dims.set_current_step(0, 2)
    widget.update_profiles()
    assert widget.message == ""
    viewer.dims.margin_left, viewer.dims.margin_right = ((size, 0, 0) for size in margins)
    said = "'stack' is shown as the mean of several planes" if planes > 1 else ""
    until(lambda: said in widget.message)
    view = view_of(viewer, [layer])
    assert view._planes(layer) == planes
    expected = line_profile(CAMERA.to_photons(stack[2]), LINE)
    np.testing.assert_allclose(widget.profiles[0].values, expected.values, rtol=1e-5)
    layer.projection_mode = "none"
    until(lambda: widget.message == "")


TURN = np.array([[np.cos(0.4), -np.sin(0.4)], [np.sin(0.4), np.cos(0.4)]])
PLACES = {
    "scaled": {"scale": (0.1, 0.1), "units": UM},
    "anisotropic": {"scale": (0.3, 0.1), "translate": (-3, 2), "units": UM},
    "nanometres": {"scale": (200.0, 100.0), "units": ("nm", "nm")},
    "rotated": {"scale": (0.1, 0.2), "rotate": 30, "translate": (2, -1), "units": UM},
    "sheared": {"scale": (0.1, 0.1), "shear": [0.3], "units": UM},
    "affine": {"scale": (0.1, 0.1), "affine": np.block([[TURN, np.ones((2, 1))], [0, 0, 1]]),
               "units": UM},
}  # fmt: skip


@pytest.mark.parametrize("how", PLACES.values(), ids=PLACES)
def test_layers_are_read_where_they_lie(bench, how, until):
    """A slope over the world gives the same profile on every grid of pixels."""
    viewer, widget = bench
    size = 140
    layer = viewer.add_image(np.zeros((size, size)), metadata={"calibration": IN_PHOTONS}, **how)
    y, x = np.mgrid[:size, :size]
    ends = [np.array(layer.data_to_world(corner)) for corner in ((0, 0), (1, 0), (0, 1))]
    um = 1e-3 if "nm" in str(how["units"]) else 1.0
    if str(layer.units[0]) == "nanometer":
        um = 1e-3
    world = um * (
        ends[0]
        + y[..., np.newaxis] * (ends[1] - ends[0])
        + x[..., np.newaxis] * (ends[2] - ends[0])
    )
    layer.data = (20 + 3 * world[..., 0] - 2 * world[..., 1]).astype(np.float32)
    middle = um * np.array(layer.data_to_world((size / 2, size / 2)))
    line = middle + np.array([(-1.5, 1), (1.2, 1.8)])
    viewer.add_shapes([line], shape_type="line", units=UM, ndim=2)
    widget._width.setValue(3)
    widget.update_profiles()
    (profile,) = widget.profiles
    direction = (line[1] - line[0]) / np.linalg.norm(line[1] - line[0])
    assert profile.length_unit == "µm"
    assert profile.distance[-1] == pytest.approx(np.linalg.norm(line[1] - line[0]))
    at = line[0] + profile.distance[:, np.newaxis] * direction
    np.testing.assert_allclose(profile.values, 20 + at @ (3, -2), rtol=1e-4)


def test_a_layer_of_coarser_pixels_is_averaged_over_the_same_width(bench, rng):
    viewer, widget = bench
    fine = rng.random((80, 80)).astype(np.float32)
    known = {"calibration": IN_PHOTONS}
    viewer.add_image(fine, metadata=known, scale=(0.1, 0.1), units=UM)
    viewer.add_image(fine[::2, ::2], metadata=known, scale=(0.2, 0.2), units=UM)
    viewer.add_shapes([[[3.2, 1.0], [3.2, 7.0]]], shape_type="line", units=UM)
    widget._width.setValue(6)
    widget.update_profiles()
    pixels = [profile.pixels.max() for profile in widget.profiles]
    assert pixels[0] == pytest.approx(6, abs=0.6)
    assert pixels[1] == pytest.approx(3, abs=0.3)
    assert len(widget.profiles[0].distance) == 61
    assert len(widget.profiles[1].distance) == 31


def test_depth_view_with_camera_maps(bench, rng):
    viewer, widget = bench
    stack = rng.poisson(20, (12, 30, 40)).astype(np.uint16) + 100
    maps = Calibration(
        gain=rng.uniform(0.4, 0.6, (30, 40)), offset=100, read_noise=rng.uniform(1, 2, (30, 40))
    )
    viewer.add_image(
        stack, metadata={"calibration": maps}, scale=(0.3, 0.1, 0.1), units=("um",) * 3
    )
    viewer.dims.order = (1, 2, 0)  # x down, z to the right; y by the slider
    viewer.dims.set_current_step(1, 7)
    with np.errstate(all="ignore"):
        widget.draw_line()
    viewer.layers[-1].data = [np.array([[2.0, 0, 5], [9, 0, 31]])]
    widget.update_profiles()
    (profile,) = widget.profiles
    plane = maps.to_photons(stack)[:, 7].T
    expected = line_profile(plane, ((5, 2), (31, 9)), pixel_size=(0.1, 0.3))
    np.testing.assert_allclose(profile.values, expected.values, rtol=1e-5)
    np.testing.assert_allclose(profile.distance, expected.distance)
    assert profile.sd is not None


class Watched:
    """An array that says what was read."""

    def __init__(self, data):
        self.data, self.read = data, []
        self.shape, self.dtype, self.ndim = data.shape, data.dtype, data.ndim

    def __getitem__(self, index):
        block = self.data[index]
        self.read.append(np.shape(block))
        return block


def test_of_a_lazy_array_one_plane_is_read_once(bench, rng, monkeypatch):
    viewer, widget = bench
    stack = rng.poisson(20, (5, 60, 70)).astype(np.uint16)
    layer = viewer.add_image(
        Watched(stack), contrast_limits=(0, 99), metadata={"calibration": IN_PHOTONS}
    )
    shapes = viewer.add_shapes([LINE[:, ::-1] * 0.7], shape_type="line")
    layer.data.read.clear()
    for shift in range(4):
        drag(shapes, LINE * 0.7 + shift)
        widget.update_profiles()
    assert layer.data.read == [(1, 60, 70)]
    # Of a plane that is too large to keep, the part around the line.
    monkeypatch.setattr("napari_photon_denoise.widgets.plots.planes.LARGEST", 1000)
    layer.data.read.clear()
    drag(shapes, [[10, 20], [14, 44]])
    widget.update_profiles()
    assert layer.data.read[-1] == (1, 6, 26) or layer.data.read[-1] == (1, 5, 25)
    expected = line_profile(
        stack[viewer.dims.current_step[0]].astype(np.float32), [[10, 20], [14, 44]]
    )
    np.testing.assert_allclose(widget.profiles[0].values, expected.values, rtol=1e-6)


def test_pixels_changed_in_place_are_seen(cells, counts, until):
    _, widget, layer = cells
    layer.data[:] = 300
    layer.refresh()
    until(lambda: np.allclose(widget.profiles[0].values, 100))


def test_dask_of_another_file_is_read_anew(bench, until):
    viewer, widget = bench
    layer = viewer.add_image(da.zeros((50, 60)), metadata={"calibration": IN_PHOTONS})
    viewer.add_shapes([LINE / 2], shape_type="line")
    until(lambda: widget.profiles and np.allclose(widget.profiles[0].values, 0))
    layer.data = da.full((50, 60), 7.0)
    until(lambda: np.allclose(widget.profiles[0].values, 7))


def test_results_bring_the_camera_of_their_source(bench, counts):
    viewer, widget = bench
    layer = viewer.add_image(counts, name="cells")
    viewer.add_shapes([LINE], shape_type="line")
    widget.update_profiles()
    assert widget.profiles[0].unit == COUNTS
    assert widget.profiles[0].sd is None
    assert widget.plot.canvas.labels[0] == "grey values (ADU), no camera known"
    viewer.layers.append(make_result(layer, CAMERA.to_photons(counts)))
    widget.update_profiles()
    raw, clean = widget.profiles
    assert (raw.unit, clean.unit) == (PHOTONS, PHOTONS)
    np.testing.assert_allclose(raw.values, clean.values)
    assert raw.sd is not None
    assert clean.sd is None


def test_results_know_their_source_by_any_name(bench, counts, errors):
    viewer, widget = bench
    raw = viewer.add_image(counts, name="cells")
    other = viewer.add_image(counts, name="other")
    result = make_result(raw, np.full(counts.shape, 10, np.float32))
    remember(result, raw, CAMERA)
    viewer.layers.append(result)
    raw.name, other.name, result.name = "renamed", "cells", "clean"
    assert widget.evidence.denoised.layer() is result
    assert widget.evidence.raw.layer() is raw
    widget.evidence.add_residual()
    residual = np.asarray(viewer.layers[-1].data)
    np.testing.assert_allclose(residual, CAMERA.to_photons(counts) - 10, rtol=1e-5)
    assert not errors
    # Its old name, on another layer, means nothing.
    result.name = "cells [Gaussian]"
    assert widget.sources.source(other).unit == COUNTS


def test_the_chosen_raw_layer_stays_chosen(bench, counts):
    viewer, widget = bench
    raw, other = (viewer.add_image(counts, metadata={"calibration": CAMERA}) for _ in range(2))
    result = make_result(raw, CAMERA.to_photons(counts))
    remember(result, raw, CAMERA)
    viewer.layers.append(result)
    widget.evidence.raw.set_layer(other)
    raw.name = "renamed"
    assert widget.evidence.raw.layer() is other


def test_what_is_forgotten_is_no_source(bench, counts):
    viewer, widget = bench
    raw = viewer.add_image(counts, name="cells")
    result = make_result(raw, CAMERA.to_photons(counts))
    remember(result, raw, CAMERA)
    viewer.layers.append(result)
    viewer.layers.remove(result)
    assert widget.sources.source(raw).unit == COUNTS


def test_grey_values_are_not_drawn_among_photons(cells, counts):
    viewer, widget, layer = cells
    other = viewer.add_image(counts, name="other")
    widget.update_profiles()
    assert [profile.name for profile in widget.profiles] == ["cells"]
    assert "'other' holds grey values" in widget.message
    widget.sources.set_camera(replace(CAMERA, gain=2.0))
    widget.update_profiles()
    assert [profile.name for profile in widget.profiles] == ["cells", "other"]
    assert widget.message == ""
    np.testing.assert_allclose(widget.profiles[1].values, 4 * widget.profiles[0].values)
    widget.sources.layers.tick(other)
    widget.update_profiles()
    assert [profile.name for profile in widget.profiles] == ["other"]
    assert layer.metadata == {"calibration": CAMERA}
    assert other.metadata == {}


def test_shared_noise_has_no_band(bench, counts):
    viewer, widget = bench
    shared = replace(CAMERA, length_y=0.8, length_x=0.8)
    viewer.add_image(counts, name="cells", metadata={"calibration": shared})
    viewer.add_shapes([LINE], shape_type="line")
    widget.update_profiles()
    assert widget.profiles[0].sd is None
    assert "share noise" in widget.message


def test_a_line_is_drawn_across_the_view(bench, counts):
    viewer, widget = bench
    viewer.add_image(counts, scale=(0.1, 0.1), units=UM, metadata={"calibration": CAMERA})
    widget.draw_line()
    shapes = viewer.layers["profile line"]
    assert shapes.mode == "direct"
    assert viewer.layers.selection.active is shapes
    assert str(shapes.units[0]) == "micrometer"
    np.testing.assert_allclose(shapes.data[0], [[34.5, 0.15 * 89], [34.5, 0.85 * 89]], atol=1)
    assert widget.profiles[0].distance[-1] == pytest.approx(0.7 * 8.9, rel=0.02)
    assert widget.profiles[0].length_unit == "µm"
    widget.draw_line()
    assert len(viewer.layers) == 2


def test_the_selected_line_of_the_active_layer_is_followed(cells, until):
    viewer, widget, _ = cells
    first = viewer.layers["Shapes"]
    path = np.array([[5.0, 5], [5, 40], [30, 40]])
    second = viewer.add_shapes([path, LINE], shape_type=["path", "line"], name="two")
    viewer.layers.selection.active = second
    widget.update_profiles()
    length = np.hypot(*(LINE[1] - LINE[0]))
    assert widget.profiles[0].distance[-1] == pytest.approx(length)
    second.selected_data = {0}
    widget.update_profiles()
    assert widget.profiles[0].distance[-1] == pytest.approx(60)
    viewer.layers.selection.active = viewer.layers["cells"]
    assert widget.line.layer is second
    viewer.layers.remove(second)
    assert widget.line.layer is first
    viewer.layers.remove(first)
    until(lambda: "no line" in widget.message)


def _no_layer(viewer, _):
    viewer.layers.remove(viewer.layers["cells"])


def _no_line(viewer, _):
    viewer.layers["Shapes"].data = []


def _polygon(viewer, _):
    viewer.layers["Shapes"].data = []
    viewer.layers["Shapes"].add(np.array([[1, 1], [1, 9], [9, 9.0]]), shape_type="polygon")


def _point(viewer, _):
    drag(viewer.layers["Shapes"], [[5, 5], [5, 5]])


def _elsewhere(viewer, _):
    drag(viewer.layers["Shapes"], [[-50, -50], [-50, -20]])


def _solid(viewer, _):
    viewer.dims.ndisplay = 3


def _colour(viewer, widget):
    layer = viewer.add_image(np.zeros((20, 20, 3), np.uint8), rgb=True, name="photo")
    widget.sources.layers.tick(layer)


def _mask(viewer, widget):
    widget.sources.layers.tick(viewer.add_image(np.zeros((20, 20), bool)))


def _maps(viewer, _):
    maps = Calibration(gain=np.ones((9, 9)), offset=1)
    viewer.layers["cells"].metadata = {"calibration": maps}
    viewer.layers["cells"].refresh()


def _no_number(viewer, _):
    viewer.layers["cells"].data = np.full((70, 90), np.nan, np.float32)


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (_no_layer, "Open an image"),
        (_no_line, "no line yet"),
        (_polygon, "no line yet"),
        (_point, "no length"),
        (_elsewhere, "does not cross 'cells'"),
        (_solid, "3-D"),
        (_colour, "RGB"),
        (_mask, "boolean"),
        (_maps, "9×9"),
        (_no_number, "NaN"),
    ],
)
def test_what_is_wrong_is_a_sentence(cells, spoil, word, until, errors):
    viewer, widget, _ = cells
    viewer.layers["cells"].contrast_limits = (0, 200)
    spoil(viewer, widget)
    until(lambda: word in widget.message)
    assert not errors  # it is said beside the plot, and pops up nowhere


def test_one_bad_layer_does_not_keep_the_others_away(cells):
    viewer, widget, _ = cells
    viewer.add_image(
        np.ones((9, 9), np.float32),
        name="far",
        translate=(500, 500),
        metadata={"calibration": IN_PHOTONS},
    )
    widget.update_profiles()
    assert [profile.name for profile in widget.profiles] == ["cells"]
    assert "'far'" in widget.message


def test_nan_leaves_a_gap(cells, counts):
    _, widget, layer = cells
    data = counts.astype(np.float32)
    data[:, 40:43] = np.nan
    layer.data = data
    widget.update_profiles()
    assert "NaN" in widget.message
    assert 0 < np.isnan(widget.profiles[0].values).sum() < 10
    widget.grab()


def test_a_file_that_vanished_is_a_sentence(bench):
    viewer, widget = bench

    def read(_block):
        if viewer.layers:
            raise OSError("stale file handle")
        return np.zeros((50, 60))

    viewer.layers.clear()
    data = da.zeros((50, 60)).map_blocks(read, dtype=float, meta=np.empty((0, 0)))
    viewer.add_image(np.zeros((50, 60)), metadata={"calibration": IN_PHOTONS}, name="gone")
    layer = viewer.layers[0]
    layer.visible = False  # napari itself would look at it
    layer.data = data
    viewer.add_shapes([LINE / 2], shape_type="line")
    widget.update_profiles()
    assert "'gone' can't be read (stale file handle)" in widget.message


def test_table_and_pictures_are_saved(cells, save_as, tmp_path):
    _, widget, _ = cells
    widget.resize(400, 700)
    save_as(tmp_path / "profile")
    widget.saving.save_table()
    text = (tmp_path / "profile.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.reader(text.splitlines()))
    assert rows[0] == ["distance (px)", "cells (photons)", "cells noise SD (photons)"]
    assert len(rows) == 1 + len(widget.profiles[0].values)
    assert "Saved" in widget.message
    save_as(tmp_path / "profile", "Picture (*.png)")
    widget.saving.save_picture()
    save_as(tmp_path / "vector", "Vector picture (*.svg)")
    widget.saving.save_picture()
    from imageio.v3 import imread

    picture = imread(tmp_path / "profile.png")
    assert picture.shape[1] == 1600
    assert (picture[5, 5, :3] == 255).all()
    assert picture.min() < 60
    svg = (tmp_path / "vector.svg").read_text(encoding="utf-8")
    assert "distance (px)" in svg
    assert widget.plot.canvas.ink != "#000000"


def test_what_can_not_be_saved_is_a_sentence(cells, save_as, errors, tmp_path):
    viewer, widget, _ = cells
    save_as(None)
    widget.saving.save_table()
    assert not errors
    for path in (
        tmp_path / "none" / "a.csv",
        tmp_path / "none" / "a.png",
        tmp_path / "none" / "a.svg",
    ):
        save_as(path, path.suffix)
        (widget.saving.save_table if path.suffix == ".csv" else widget.saving.save_picture)()
        assert "can't be written" in errors[-1]
    (tmp_path / "old.csv").write_text("mine")
    save_as(tmp_path / "old")
    widget.saving.save_table()
    assert "exists already" in errors[-1]
    assert (tmp_path / "old.csv").read_text() == "mine"
    viewer.layers.clear()
    widget.update_profiles()
    widget.saving.save_table()
    assert "no profile" in errors[-1]


def test_residual_and_consistency(bench, rng, errors):
    viewer, widget = bench
    counts = rng.poisson(20, (3, 40, 50)).astype(np.uint16) + 100
    maps = Calibration(gain=rng.uniform(0.4, 0.6, (40, 50)), offset=100, read_noise=1.5)
    how = {"scale": (0.5, 0.1, 0.1), "units": ("um",) * 3, "translate": (1, 2, 3)}
    layer = viewer.add_image(counts, name="cells", metadata={"calibration": maps}, **how)
    clean = np.full(counts.shape, 9.5, np.float32)
    viewer.layers.append(make_result(layer, clean, CAMERA))
    assert widget.evidence.raw.layer() is layer
    assert widget.evidence.denoised.layer().name == "cells [Gaussian]"
    before = counts.copy()
    widget.evidence.add_residual()
    widget.evidence.add_consistency()
    residual, z = viewer.layers[-2:]
    photons = maps.to_photons(counts)
    np.testing.assert_allclose(np.asarray(residual.data), photons - clean, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(np.asarray(z.data), z_map(photons, clean, 1.5), rtol=1e-5, atol=1e-5)
    assert np.asarray(z.data).dtype == np.float32
    assert isinstance(z.data, da.Array)
    assert (residual.name, z.name) == (
        "cells [Gaussian] residual (e-)",
        "cells [Gaussian] consistency (z)",
    )
    for new in (residual, z):
        np.testing.assert_array_equal(new.scale, layer.scale)
        np.testing.assert_array_equal(new.translate, layer.translate)
        assert new.units == layer.units
        assert new.contrast_limits[0] == -new.contrast_limits[1]
        assert getattr(new, "colorbar", None) is None or new.colorbar.visible
    assert z.contrast_limits == [-5, 5]
    np.testing.assert_array_equal(layer.data, before)
    assert not errors
    # They are listed, and are neither drawn nor denoised unasked.
    assert z in widget.sources.layers.layers()
    assert z not in widget.sources.layers.ticked()
    assert z.metadata[VALUES] == "z (SD)"


def test_residual_leaves_holes_where_there_is_no_number(bench, counts):
    viewer, widget = bench
    data = counts.astype(np.float32)
    data[3, 4] = np.nan
    layer = viewer.add_image(
        data, name="cells", metadata={"calibration": CAMERA}, contrast_limits=(0, 200)
    )
    viewer.layers.append(make_result(layer, np.full(counts.shape, 10, np.float32)))
    widget.evidence.add_consistency()
    widget.evidence.add_residual()
    for layer in viewer.layers[-2:]:
        assert np.isnan(np.asarray(layer.data)).sum() == 1


@pytest.mark.parametrize("case", ["empty", "same", "shape", "place", "counts", "colour"])
def test_pairs_that_are_none(bench, counts, errors, case):
    viewer, widget = bench
    words = {
        "empty": "Open an image",
        "same": "two layers",
        "shape": "the shape 70×90",
        "place": "different places",
        "counts": "not photons",
        "colour": "RGB",
    }
    if case != "empty":
        known = {} if case == "counts" else {"calibration": CAMERA}
        layer = viewer.add_image(counts, name="cells", metadata=known)
        widget.evidence.raw.set_layer(layer)
        other = counts[:-1] if case == "shape" else counts
        if case == "colour":
            second = viewer.add_image(np.zeros((70, 90, 3), np.uint8), rgb=True)
        else:
            second = viewer.add_image(
                other.astype(np.float32),
                scale=(2, 2) if case == "place" else (1, 1),
                metadata={"calibration": IN_PHOTONS},
            )
        widget.evidence.denoised.set_layer(layer if case == "same" else second)
    count = len(viewer.layers)
    widget.evidence.add_residual()
    widget.evidence.add_consistency()
    assert len(viewer.layers) == count
    assert len(errors) == 2
    assert words[case] in errors[0]


def test_every_control_has_help(bench):
    from qtpy.QtWidgets import QAbstractSpinBox, QCheckBox, QComboBox, QLineEdit, QPushButton

    _, widget = bench
    for kind in (QAbstractSpinBox, QCheckBox, QComboBox, QLineEdit, QPushButton):
        for control in widget.findChildren(kind):
            inner = isinstance(control.parent(), QAbstractSpinBox)
            assert inner or control.toolTip(), control


def test_a_line_across_2048_pixels_follows_the_drag(bench, rng):
    viewer, widget = bench
    counts = (rng.poisson(20, (256, 256)) * 2 + 100).astype(np.uint16)
    raw = viewer.add_image(
        np.tile(counts, (8, 8)), name="cells", metadata={"calibration": CAMERA}, scale=(0.1, 0.1)
    )
    viewer.layers.append(make_result(raw, np.full((2048, 2048), 20, np.float32)))
    shapes = viewer.add_shapes([[[5, 5], [2040, 2000]]], shape_type="line", scale=(0.1, 0.1))
    widget.resize(420, 900)
    widget.show()
    for shift in range(8):
        drag(shapes, [[5 + shift, 5], [2040 - shift, 2000]])
        widget.update_profiles()
        widget.plot.canvas.grab()
    assert len(widget.profiles) == 2
    assert len(widget.profiles[0].distance) > 2800


def test_in_the_window(make_napari_viewer, nobodys_settings, counts, until):
    """Opens from the menu's command, follows themes, lets go of the viewer when closed."""
    viewer = make_napari_viewer()
    layer = viewer.add_image(counts, name="cells", metadata={"calibration": CAMERA})
    _, widget = viewer.window.add_plugin_dock_widget("napari-photon-denoise", "Line profile")
    until(lambda: "no line" in widget.message)
    widget.draw_line()
    until(lambda: widget.profiles)
    widget.plot.canvas.grab()
    viewer.theme = "light"
    assert widget.plot.canvas.ink != "#f0f1f2"
    paper = widget.plot.canvas.grab().toImage().pixelColor(2, 2)
    assert paper.lightness() > 200, "dark text lies on a light ground"
    shapes = viewer.layers["profile line"]
    connected = len(layer.events.set_data.callbacks), len(shapes.events.set_data.callbacks)
    viewer.window.remove_dock_widget(widget)
    after = len(layer.events.set_data.callbacks), len(shapes.events.set_data.callbacks)
    assert after[0] < connected[0]
    assert after[1] < connected[1]
    profiles = widget.profiles
    drag(shapes, LINE)
    viewer.layers.remove(layer)
    assert widget.profiles == profiles
    # Nor does anything happen when Python clears up.
    widget = None
    gc.collect()


def test_viewer_closed_with_a_line(make_napari_viewer, nobodys_settings, counts):
    viewer = make_napari_viewer()
    viewer.add_image(counts, metadata={"calibration": CAMERA})
    widget = ProfileWidget(viewer)
    viewer.window.add_dock_widget(widget, name="Line profile")
    widget.draw_line()
    drag(viewer.layers["profile line"], LINE)
    viewer.close()
