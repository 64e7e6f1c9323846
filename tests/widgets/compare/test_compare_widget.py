import csv
from io import StringIO

import dask.array as da
import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication, QPushButton

import napari_photon_denoise as npd
from napari_photon_denoise.evaluation.methods import RAW
from napari_photon_denoise.job import Progress
from napari_photon_denoise.recipe import CalibrationRecord, Recipe
from napari_photon_denoise.widgets.calibration.hand_over import use_for_denoising
from napari_photon_denoise.widgets.compare.images import GREY, PHOTONS
from napari_photon_denoise.widgets.compare.shown import TRUTH, UNUSED
from napari_photon_denoise.widgets.compare.views import FLICKER, GRID, STACKED, SWIPE
from napari_photon_denoise.widgets.denoise.widget import DenoiseWidget
from napari_photon_denoise.widgets.parts.estimates import estimates_of, find_estimate
from napari_photon_denoise.widgets.parts.region import camera_of
from napari_photon_denoise.widgets.plots.profile_widget import ProfileWidget
from napari_photon_denoise.widgets.plots.values import source_of
from pages import check_page
from widgets.conftest import CAMERA, ROTATED, photograph

BLURS = [npd.Gaussian(sigma=1.3), npd.Gaussian(sigma=6.0), npd.Median()]
RIGHT, WIDE, MEDIAN = "Gaussian, sigma 1.3 px", "Gaussian, sigma 6 px", "Median"
IN_PHOTONS = npd.Calibration(gain=1, offset=0, read_noise=0)


@pytest.fixture
def truth():
    y, x = np.mgrid[:60, :80]
    return (30 + 20 * np.sin(x / 4) * np.cos(y / 5)).astype(np.float32)


@pytest.fixture
def raw(rng, truth):
    return take(rng, truth)


def take(rng, truth):
    """What the camera makes of a truth."""
    noise = rng.normal(0, CAMERA.read_noise, truth.shape)
    return (CAMERA.offset + (rng.poisson(truth) + noise) / CAMERA.gain).round().astype(np.uint16)


@pytest.fixture
def bench(desk, qtbot):
    """The widget without napari's window."""
    viewer, _ = desk

    def open_widget():
        from napari_photon_denoise.widgets.compare.widget import CompareWidget

        widget = CompareWidget(viewer)
        qtbot.addWidget(widget)
        widget.camera.setValue(CAMERA)
        widget.methods.setValue(BLURS)
        return widget

    return viewer, open_widget


@pytest.fixture
def done(until):
    """Run the widget to its end, and return its table."""

    def run(widget):
        widget.run()
        until(lambda: not widget.runner.busy)
        return {row.name: row for row in widget.results.table.rows.rows}

    return run


def shown(viewer):
    return [layer for layer in viewer.layers if layer.visible]


def text(widget, row, title):
    model = widget.results.table.rows
    headers = [model.headerData(n, Qt.Orientation.Horizontal) for n in range(model.columnCount())]
    headers = [header.replace("\n", " ") for header in headers]
    column = next(n for n, header in enumerate(headers) if header.startswith(f"{title} "))
    index = model.index([one.name for one in model.rows].index(row), column)
    return model.data(index), model.data(index, Qt.ItemDataRole.ToolTipRole), headers[column]


def test_methods_are_ranked_and_shown_in_place(bench, done, raw, truth):
    viewer, open_widget = bench
    layer = viewer.add_image(raw.copy(), name="cells")
    for name, value in ROTATED.items():
        setattr(layer, name, value)
    viewer.add_image(truth, name="real", metadata={"calibration": IN_PHOTONS}, visible=False)
    for name, value in ROTATED.items():
        setattr(viewer.layers["real"], name, value)
    widget = open_widget()
    widget.source.set_layer(layer)
    widget.images.set_truth(viewer.layers["real"])
    widget.camera.setValue(CAMERA)
    rows = done(widget)
    assert next(iter(rows)) == RIGHT
    assert set(rows) == {RAW, RIGHT, WIDE, MEDIAN}
    assert widget.results.table.name() == RIGHT
    assert RIGHT in widget.results.verdict
    assert "range of the truth" in widget.results.verdict
    assert list(widget.shown.layers) == [RAW, RIGHT, WIDE, MEDIAN, TRUTH]
    for name, one in widget.shown.layers.items():
        np.testing.assert_allclose(one.data_to_world((3, 5)), layer.data_to_world((3, 5)))
        assert one.units == layer.units
        assert one.name == name
    np.testing.assert_array_equal(widget.shown.layers[RAW].data, CAMERA.to_photons(raw))
    np.testing.assert_allclose(
        widget.shown.layers[RIGHT].data, npd.denoise(raw, CAMERA, BLURS[0]), rtol=1e-5
    )
    np.testing.assert_array_equal(widget.shown.layers[TRUTH].data, truth)
    np.testing.assert_array_equal(layer.data, raw)
    value, tip, header = text(widget, RIGHT, "MSE")
    assert header == "MSE (e-²)"
    assert float(value) == pytest.approx(rows[RIGHT]["mse"].value, rel=6e-3)
    assert "e-²" in tip


def test_contrast_is_linked_and_that_of_the_raw_image(bench, done, raw):
    viewer, open_widget = bench
    layer = viewer.add_image(raw, name="cells", contrast_limits=(100, 240), colormap="green")
    widget = open_widget()
    done(widget)
    for one in widget.shown.layers.values():
        assert one.contrast_limits == [0, 70]
        assert one.colormap.name == "green"
    widget.shown.layers[RAW].contrast_limits = (0, 50)
    assert all(one.contrast_limits == [0, 50] for one in widget.shown.layers.values())
    assert layer.contrast_limits == [100, 240]


def test_dim_results_are_seen(bench, done, rng):
    """The noise of a dim image reaches far beyond what is in it."""
    viewer, open_widget = bench
    y, x = np.mgrid[:60, :80]
    dim = 0.2 + 0.8 * (np.hypot(y - 30, x - 40) < 15)
    layer = viewer.add_image(take(rng, dim), name="cells", contrast_limits=(90, 120))
    widget = open_widget()
    rows = done(widget)
    low, high = widget.shown.layers[RAW].contrast_limits
    assert -0.5 < low < 0.3
    assert 0.7 < high < 2
    assert all(one.contrast_limits == [low, high] for one in widget.shown.layers.values())
    assert layer.contrast_limits == [90, 120]
    assert {RAW, RIGHT} < set(rows)


def test_contrast_that_the_user_sets_stays(slow, until):
    _, widget, _ = slow
    widget.shown.layers[RAW].contrast_limits = (0, 500)
    widget.shown.brighten(RIGHT)
    assert widget.shown.layers[RIGHT].contrast_limits == [0, 500]
    widget.cancel()
    until(lambda: not widget.runner.busy)


def test_layers_serve_the_next_comparison(bench, done, raw):
    viewer, open_widget = bench
    viewer.add_image(raw, name="cells")
    widget = open_widget()
    widget.results.views.set_mode(SWIPE)
    done(widget)
    first = set(viewer.layers)
    widget.methods.setValue(BLURS[:1])
    done(widget)
    assert set(viewer.layers) == first
    named = [layer.name for layer in viewer.layers]
    assert {RAW, RIGHT} < set(named)
    assert WIDE not in named
    assert MEDIAN not in named
    np.testing.assert_array_equal(widget.shown.layers[RAW].data, CAMERA.to_photons(raw))
    widget.methods.setValue(BLURS)
    done(widget)
    assert set(viewer.layers) == first
    # Layers that were put away no longer follow the contrast of the others.
    widget.methods.setValue(BLURS[:1])
    done(widget)
    widget.shown.layers[RAW].contrast_limits = (0, 7)
    unused = [layer for layer in first if layer.name.startswith(UNUSED)]
    assert len(unused) == 2
    assert all(layer.contrast_limits != [0, 7] for layer in unused)


def test_grid_has_a_tile_for_each_and_gives_everything_back(bench, done, raw):
    viewer, open_widget = bench
    layer = viewer.add_image(raw, name="cells")
    hidden = viewer.add_image(raw, name="hidden", visible=False)
    camera = camera_of(viewer)
    camera.center, camera.zoom = (0, 31, 42), 3.5
    widget = open_widget()
    widget.source.set_layer(layer)
    done(widget)
    assert widget.results.views.mode() == GRID
    assert viewer.canvas.grid.enabled
    assert shown(viewer) == list(widget.shown.layers.values())
    widget.results.views.set_mode(STACKED)
    assert not viewer.canvas.grid.enabled
    assert layer.visible
    assert not hidden.visible
    assert (tuple(camera.center), camera.zoom) == ((0, 31, 42), 3.5)
    widget.results.views.set_mode(GRID)
    widget.controller.clear()
    assert shown(viewer) == [layer]
    widget.controller.close()
    assert list(viewer.layers) == [layer, hidden]
    assert layer.visible
    assert not viewer.canvas.grid.enabled
    assert (tuple(camera.center), camera.zoom) == ((0, 31, 42), 3.5)


def test_stack_flicker_and_swipe_show_the_chosen_pair(bench, done, raw, until):
    viewer, open_widget = bench
    layer = viewer.add_image(raw, name="cells")
    widget = open_widget()
    done(widget)
    picker, layers = widget.results.views, widget.shown.layers
    assert picker.pair() == (RAW, RIGHT)
    picker.set_mode(STACKED)
    assert shown(viewer) == [layer, layers[RIGHT]]
    widget.results.table.choose(WIDE)
    assert shown(viewer) == [layer, layers[WIDE]]
    picker.set_interval(50)
    picker.set_mode(FLICKER)
    assert shown(viewer) == [layer, layers[WIDE]]
    until(lambda: layers[RAW].visible)
    assert not layers[WIDE].visible
    until(lambda: layers[WIDE].visible)
    picker.set_mode(SWIPE)
    assert not widget.views.flicker.running
    mixed = widget.views.swipe.mixed
    assert mixed.name == f"{RAW} | {WIDE}"
    assert shown(viewer)[:2] == [layer, mixed]
    picker.set_share(0.25)
    np.testing.assert_array_equal(mixed.data[:, :20], layers[RAW].data[:, :20])
    np.testing.assert_array_equal(mixed.data[:, 20:], layers[WIDE].data[:, 20:])
    widget.views.swipe._moved(0.4)  # as by the mouse
    assert picker._slider.value() == 400
    picker.set_mode(STACKED)
    assert not mixed.visible
    assert shown(viewer) == [layer, layers[WIDE]]


def test_table_sorts_as_numbers_and_says_why_not(bench, done, raw):
    viewer, open_widget = bench
    layer = viewer.add_image(raw, name="cells")
    viewer.add_image(np.ones_like(raw) * 160, name="flat", visible=False)
    widget = open_widget()
    widget.source.set_layer(layer)
    widget.images.set_layers([viewer.layers["flat"]])
    rows = done(widget)
    table = widget.results.table
    assert rows["flat"]["held-out-mse"].value is None
    value, tip, header = text(widget, "flat", "Held-out MSE")
    assert (value, header) == ("n/a", "Held-out MSE (e-²)")
    assert "carries no recipe" in tip
    assert list(rows)[-1] == "flat"
    for order in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder):
        table.rows.sort(1, order)
        names = [row.name for row in table.rows.rows]
        scores = [rows[name]["held-out-mse"].value for name in names[:-1]]
        assert scores == sorted(scores, reverse=order == Qt.SortOrder.DescendingOrder)
        assert names[-1] == "flat"
        assert table.name() == RIGHT  # what was chosen stays chosen
    bold = [
        row.name
        for n, row in enumerate(table.rows.rows)
        if table.rows.data(table.rows.index(n, 1), Qt.ItemDataRole.FontRole) is not None
    ]
    assert bold == [RIGHT]
    widget.results.copy()
    lines = list(csv.DictReader(StringIO(QApplication.clipboard().text())))
    assert {line["Method"] for line in lines} == set(rows)


def test_table_is_saved_or_says_why_not(bench, done, raw, tmp_path, errors):
    viewer, open_widget = bench
    viewer.add_image(raw, name="cells")
    widget = open_widget()
    done(widget)
    widget.results.export(tmp_path / "table.csv")
    header = (tmp_path / "table.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header.startswith("Method,Held-out MSE (e-²),")
    assert widget.message == "Saved table.csv."
    widget.results.export(tmp_path / "nowhere" / "table.csv")
    assert "can't be written" in errors[-1]


def test_report_is_saved_or_says_why_not(bench, done, raw, truth, tmp_path, errors, until):
    viewer, open_widget = bench
    viewer.add_image(raw, name="cells", scale=(0.1, 0.1), units=("µm", "µm"))
    widget = open_widget()
    button = widget.results.buttons["report"]
    assert not button.isEnabled()
    done(widget)
    assert button.isEnabled()
    target = tmp_path / "report.html"
    widget.results.reportAsked.emit(target)
    until(lambda: not widget.saver.runner.busy)
    assert widget.message == "Saved report.html."
    page = target.read_text(encoding="utf-8")
    text = check_page(page)
    for part in ("cells", RIGHT, WIDE, '"sigma": 6.0', widget.results.verdict):
        assert part in text
    assert "distance (µm)" in page
    widget.results.reportAsked.emit(tmp_path / "nowhere" / "report.html")
    until(lambda: not widget.saver.runner.busy)
    assert "no folder" in errors[-1]


def test_finished_layers_with_and_without_a_recipe(bench, done, raw):
    viewer, open_widget = bench
    layer = viewer.add_image(raw, name="cells")
    recipe = Recipe(calibration=CalibrationRecord.of(CAMERA), denoiser=BLURS[0], axes="YX")
    image = npd.denoise(raw, CAMERA, BLURS[0])
    metadata = {"calibration": IN_PHOTONS, "recipe": recipe.as_dict()}
    known = viewer.add_image(image, name="known", metadata=metadata)
    grey = viewer.add_image(image / CAMERA.gain + CAMERA.offset, name="grey")
    widget = open_widget()
    widget.source.set_layer(layer)
    widget.camera.setValue(CAMERA)
    widget.images.set_layers([known, grey])
    rows = done(widget)
    assert rows["known"]["held-out-mse"] == rows[RIGHT]["held-out-mse"]
    assert rows["grey"]["held-out-mse"].value is None
    np.testing.assert_allclose(rows["grey"].clean, image, rtol=1e-4, atol=1e-3)
    widget.images.set_unsaid(PHOTONS)
    rows = done(widget)
    np.testing.assert_allclose(rows["grey"].clean, grey.data, rtol=1e-6)
    widget.images.set_unsaid(GREY)
    assert len(viewer.layers) == 3 + 6  # what the first comparison added shows the second


def test_only_the_visible_plane_of_lazy_stacks(bench, done, until, rng, truth):
    viewer, open_widget = bench
    stack = take(rng, np.stack([truth] * 6).reshape(2, 3, 60, 80))
    read = []

    def block(index):
        read.append(index)
        return stack[index][None, None]

    planes = [
        [da.from_delayed(_delayed(block)((t, z)), (1, 1, 60, 80), np.uint16) for z in range(3)]
        for t in range(2)
    ]
    film = da.concatenate([da.concatenate(row, axis=1) for row in planes], axis=0)
    layer = viewer.add_image(film, name="film", scale=(1, 0.3, 0.1, 0.1), contrast_limits=(0, 300))
    layer.axis_labels = ("t", "z", "y", "x")
    viewer.dims.set_current_step(0, 1)
    viewer.dims.set_current_step(1, 2)
    layer.corner_pixels = np.array([[1, 2, 10, 20], [1, 2, 39, 69]])
    camera_of(viewer).center = (0, 2.5, 4.5)
    widget = open_widget()
    widget.methods.setValue([npd.Gaussian(sigma=1.3), npd.Gaussian(sigma=1, sigma_z=0.2)])
    until(lambda: not estimates_of(viewer).busy)  # a look at the noise reads some planes, once
    read.clear()
    rows = done(widget)
    assert set(read) <= {(1, 1), (1, 2)}  # one film frame, and the neighbour plane
    whole = npd.denoise(stack, CAMERA, npd.Gaussian(sigma=1, sigma_z=0.2), axes="TZYX")
    clean = rows["Gaussian, sigma z 0.2 planes"].clean
    np.testing.assert_allclose(clean, whole[1:, 2:, 10:40, 20:70], rtol=1e-5)
    for one in widget.shown.layers.values():
        world = layer.data_to_world((1, 2, 10, 20))
        np.testing.assert_allclose(one.data_to_world((0, 0, 0, 0)), world)


def _delayed(function):
    import dask

    return dask.delayed(function, pure=True)


def test_truth_of_one_plane_and_of_another_exposure(bench, done, rng, truth):
    viewer, open_widget = bench
    film = take(rng, np.stack([truth] * 3))
    layer = viewer.add_image(film, name="film")
    real = viewer.add_image(4 * truth, name="real", metadata={"calibration": IN_PHOTONS})
    widget = open_widget()
    widget.source.set_layer(layer)
    widget.camera.setValue(CAMERA)
    widget.images.set_truth(real)
    rows = done(widget)
    assert "times the photons" in widget.results.verdict
    far = rows[RIGHT]["mse"].value
    widget.images.set_truth(real, exposure=4)
    rows = done(widget)
    assert "times the photons" not in widget.results.verdict
    assert rows[RIGHT]["mse"].value < far / 100


def test_noise_of_a_longer_exposed_truth_is_known(bench, done, raw, truth, monkeypatch):
    from napari_photon_denoise.widgets.compare import request

    told = []
    job = request.compare_region_job

    def spy(*what, truth_exposure, **how):
        told.append(truth_exposure)
        return job(*what, truth_exposure=truth_exposure, **how)

    monkeypatch.setattr(request, "compare_region_job", spy)
    viewer, open_widget = bench
    layer = viewer.add_image(raw, name="cells")
    real = viewer.add_image(4 * truth, name="real", metadata={"calibration": IN_PHOTONS})
    widget = open_widget()
    widget.source.set_layer(layer)
    widget.camera.setValue(CAMERA)
    widget.images.set_truth(real, exposure=4)
    assert done(widget)
    assert told == [4]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"scale": (2, 2)}, "do not lie on those of 'cells'"),
        ({"translate": (0.5, 0)}, "do not lie on those of 'cells'"),
        ({"translate": (30, 0)}, "does not cover"),
        ({"units": ("um", "um")}, "is measured in"),
    ],
)
def test_layers_that_lie_elsewhere_are_refused(bench, raw, errors, change, sentence):
    viewer, open_widget = bench
    layer = viewer.add_image(raw, name="cells")
    widget = open_widget()
    other = viewer.add_image(raw, name="other")
    for name, value in change.items():
        setattr(other, name, value)
    widget.source.set_layer(layer)
    widget.images.set_layers([other])
    widget.run()
    assert sentence in errors[-1]
    assert sentence in widget.message
    assert list(viewer.layers) == [layer, other]
    assert not widget.runner.busy


def test_same_place_in_other_units_is_the_same_place(bench, done, raw):
    viewer, open_widget = bench
    layer = viewer.add_image(raw, name="cells", scale=(0.1, 0.1), units=("um", "um"))
    widget = open_widget()
    other = viewer.add_image(raw, name="other")
    other.scale, other.units = (100, 100), ("nm", "nm")
    widget.source.set_layer(layer)
    widget.images.set_layers([other])
    rows = done(widget)
    np.testing.assert_array_equal(rows["other"].clean, CAMERA.to_photons(raw))


def test_what_is_missing_is_said(bench, raw, errors, until):
    viewer, open_widget = bench
    widget = open_widget()
    widget.run()
    assert "Open an image first" in errors[-1]
    viewer.add_image(raw, name="cells")
    widget.methods.setValue([])
    widget.run()
    assert "Tick at least one" in errors[-1]
    widget.methods.setValue([npd.Gaussian(), npd.Gaussian()])
    widget.run()
    assert "ticked twice" in errors[-1]
    widget.methods.setValue(BLURS)
    viewer.add_image(np.zeros((3, 60, 80), np.uint16), name="stack", visible=False)
    viewer.dims.ndisplay = 3
    widget.run()
    assert "leave the 3-D view" in errors[-1]
    viewer.dims.ndisplay = 2
    viewer.dims.order = (1, 0, 2)
    widget.source.set_layer(viewer.layers["stack"])
    widget.run()
    assert "planes of Y and X" in errors[-1]
    viewer.dims.order = (0, 1, 2)
    holes = raw.astype(np.float32)
    holes[5, 5] = np.nan
    widget.source.set_layer(viewer.add_image(holes, name="holes"))
    widget.camera.setValue(CAMERA)
    widget.run()
    until(lambda: not widget.runner.busy)
    assert "NaN" in errors[-1]
    assert len(viewer.layers) == 3


class Slow(npd.Gaussian):
    """Comes to no end by itself."""

    def prepare(self, photons, device):
        while True:
            yield Progress("Training", 0, 1)


@pytest.fixture
def slow(bench, raw, until):
    viewer, open_widget = bench
    layer = viewer.add_image(raw, name="cells")
    widget = open_widget()
    widget.methods.setValue([npd.Gaussian(sigma=1.3), Slow(sigma=2.0)])
    widget.run()
    until(lambda: len(widget.results.table.rows.rows) == 2 and "Training" in widget.message)
    return viewer, widget, layer


def test_rows_come_while_it_runs_and_stay_when_cancelled(slow, until):
    viewer, widget, _ = slow
    assert widget.message.startswith("Gaussian, sigma 2 px (3 of 3): Training")
    assert list(widget.shown.layers) == [RAW, RIGHT]
    widget.results.views.set_mode(SWIPE)
    widget.cancel()
    until(lambda: not widget.runner.busy)
    assert widget.message == "Cancelled; what was finished stays."
    assert list(widget.shown.layers) == [RAW, RIGHT]
    widget.controller.clear()
    assert [layer.name for layer in shown(viewer)] == ["cells"]


def test_raw_layer_deleted_while_it_runs(slow, until):
    viewer, widget, layer = slow
    viewer.layers.remove(layer)
    until(lambda: not widget.runner.busy)
    assert "was deleted" in widget.message
    assert not viewer.layers


def test_results_that_the_user_deletes_are_forgotten(slow, until):
    viewer, widget, _ = slow
    viewer.layers.remove(widget.shown.layers[RAW])
    assert list(widget.shown.layers) == [RIGHT]
    widget.cancel()
    until(lambda: not widget.runner.busy)


def test_widget_closed_while_it_runs(slow, until):
    viewer, widget, layer = slow
    from qtpy.QtWidgets import QWidget

    parent = QWidget()
    widget.setParent(parent)
    widget.setParent(None)
    until(lambda: not widget.runner.busy)
    assert list(viewer.layers) == [layer]
    assert layer.visible
    assert not viewer.canvas.grid.enabled


def test_layers_can_be_kept(bench, done, raw):
    viewer, open_widget = bench
    layer = viewer.add_image(raw, name="cells")
    widget = open_widget()
    done(widget)
    widget.controller.keep()
    widget.controller.clear()
    assert [one.name for one in viewer.layers] == ["cells", RAW, RIGHT, WIDE, MEDIAN]
    assert all(one.visible for one in viewer.layers)
    viewer.layers[RAW].contrast_limits = (0, 5)
    assert viewer.layers[RIGHT].contrast_limits != [0, 5]
    assert layer.visible


def test_methods_are_added_edited_and_removed(bench):
    _, open_widget = bench
    widget = open_widget()
    methods = widget.methods
    methods.setValue([npd.Median(), npd.Gaussian()])
    methods.add("gaussian")
    said = []
    methods.refused.connect(said.append)
    methods.form.setValue(npd.Gaussian(sigma=2.5))
    assert methods.value() == [npd.Median(), npd.Gaussian(), npd.Gaussian(sigma=2.5)]
    assert methods._list.item(2).text() == "Gaussian, sigma 2.5 px"
    methods.choose(0)
    assert methods.form.value() == npd.Median()
    methods._list.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert methods.value() == [npd.Gaussian(), npd.Gaussian(sigma=2.5)]
    methods.edit(False)
    assert methods.form is None
    methods.choose(2)
    methods.remove()
    assert methods.value() == [npd.Gaussian()]
    assert not said


def test_method_goes_to_the_widget_that_denoises(dock, done, raw):
    from napari_photon_denoise.widgets.compare.widget import CompareWidget

    viewer, _ = dock
    layer = viewer.add_image(raw, name="cells")
    other = viewer.add_image(raw, name="other")
    widget = CompareWidget(viewer)
    viewer.window.add_dock_widget(widget, name="Compare")
    widget.source.set_layer(layer)
    widget.camera.setValue(CAMERA)
    widget.methods.setValue(BLURS)
    done(widget)
    region = widget.compared.region
    done(widget)  # again, from the grid
    assert widget.compared.region == region
    widget.results.table.choose(RAW)
    assert not widget.results.buttons["use"].isEnabled()
    widget.results.table.choose(WIDE)
    widget.results.buttons["use"].click()
    docked = viewer.window.dock_widgets.values()
    denoise = next(one for one in docked if isinstance(one, DenoiseWidget))
    task = denoise.task()
    assert task.layer is layer
    assert task.denoiser == npd.Gaussian(sigma=6.0)
    assert task.photons.calibration is widget.compared.photons.calibration
    assert not denoise.runner.busy
    assert layer.visible
    assert other.visible
    viewer.layers.remove(layer)
    widget.controller.use(WIDE)
    assert "no longer there" in widget.message


def test_camera_comes_from_calibrate_camera(dock, raw, done, until):
    from napari_photon_denoise.widgets.compare.widget import CompareWidget

    viewer, _ = dock
    viewer.window.show()
    viewer.add_image(raw, name="cells")
    first, second = (npd.Calibration(gain=gain, offset=100) for gain in (0.5, 0.6))
    use_for_denoising(viewer, first)
    widget = CompareWidget(viewer)
    frame = viewer.window.add_dock_widget(widget, name="Compare")

    def come_back():
        frame.hide()
        until(lambda: not widget.isVisible())
        frame.show()
        until(widget.isVisible)

    until(widget.isVisible)
    assert widget.camera.way() == "offered"
    assert widget.camera.value() is first
    widget.camera.setValue(CAMERA)
    come_back()
    assert widget.camera.way() == "typed"
    use_for_denoising(viewer, second)
    come_back()
    assert widget.camera.value() is second
    # What goes to Photon denoise does not come back as calibrated.
    widget.camera.setValue(CAMERA)
    widget.methods.setValue(BLURS)
    done(widget)
    widget.controller.use(WIDE)
    come_back()
    assert widget.camera.way() == "typed"


def test_cancel_says_what_stays(bench):
    _, open_widget = bench
    cancel = next(
        button for button in open_widget().bar.findChildren(QPushButton) if "Canc" in button.text()
    )
    assert "what is finished stays" in cancel.toolTip()


def test_raw_image_is_plotted_by_the_camera_it_was_compared_with(bench, done, raw):
    viewer, open_widget = bench
    layer = viewer.add_image(raw, name="cells")
    widget = open_widget()
    done(widget)
    layer.name = "renamed"
    source = source_of(layer, viewer.layers, None)
    assert source.calibration is widget.compared.photons.calibration
    assert source.raw


def test_an_unknown_image_is_compared_by_its_own_noise(dock, done, until):
    from napari_photon_denoise.widgets.compare.widget import CompareWidget

    viewer, _ = dock
    layer = viewer.add_image(photograph(), name="cells")
    widget = CompareWidget(viewer)
    viewer.window.add_dock_widget(widget, name="Compare")
    widget.methods.setValue(BLURS)
    widget.run()
    assert widget.message == "Looking at the noise of cells…"
    until(lambda: widget.compared is not None and not widget.runner.busy)
    camera = widget.compared.photons.calibration
    assert camera is find_estimate(layer, "YX").calibration
    widget.controller.use(WIDE)
    docked = viewer.window.dock_widgets.values()
    denoise = next(one for one in docked if isinstance(one, DenoiseWidget))
    assert denoise.camera.way() == "image"
    assert denoise.camera.value() is camera


@pytest.mark.parametrize("mode", [GRID, STACKED, FLICKER, SWIPE])
def test_plots_draw_what_is_compared(bench, done, raw, qtbot, mode):
    """Those that are open, and those that are opened when the raw image is hidden."""
    viewer, open_widget = bench
    viewer.add_image(raw, name="cells")
    open_before = ProfileWidget(viewer)
    qtbot.addWidget(open_before)
    widget = open_widget()
    widget.results.views.set_mode(mode)
    done(widget)
    opened_after = ProfileWidget(viewer)
    qtbot.addWidget(opened_after)
    opened_after.draw_line()
    for plot in (open_before, opened_after):
        plot.update_profiles()
        assert {RAW, RIGHT, WIDE, MEDIAN} <= {profile.name for profile in plot.profiles}
        assert all(profile.unit == "photons" for profile in plot.profiles)
    widget.controller.clear()
    open_before.update_profiles()
    assert [profile.name for profile in open_before.profiles] == ["cells"]
