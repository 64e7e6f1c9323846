import csv
import gc

import dask.array as da
import numpy as np
import pytest
from scipy.stats import ks_2samp

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.job import run
from napari_photon_denoise.widgets.plots.histogram_widget import HistogramWidget
from napari_photon_denoise.widgets.plots.histograms import LayerSample, histogram_job
from napari_photon_denoise.widgets.plots.values import COUNTS, source_of
from napari_photon_denoise.widgets.plots.view import view_of
from widgets.conftest import CAMERA, photograph

KNOWN = {"calibration": CAMERA}
IN_PHOTONS = {"calibration": Calibration(gain=1, offset=0)}


@pytest.fixture
def errors(monkeypatch):
    """Sentences that popped up."""
    said = []
    monkeypatch.setattr("napari_photon_denoise.widgets.parts.status.show_error", said.append)
    return said


@pytest.fixture
def bench(qtbot, nobodys_settings, errors, until):
    """The widget without napari's window, and a way to wait for its answer."""
    from napari.components import ViewerModel

    viewer = ViewerModel()
    widget = HistogramWidget(viewer)
    qtbot.addWidget(widget)

    def settle():
        until(lambda: not widget.busy)
        return widget.measured

    yield viewer, widget, settle
    viewer.layers.clear()


@pytest.fixture
def stack(rng):
    return rng.poisson(20 + 10 * np.arange(3)[:, None, None], (3, 50, 60)).astype(np.uint16) + 100


@pytest.fixture
def pair(bench, stack, rng):
    """A raw and a denoised stack."""
    viewer, widget, settle = bench
    viewer.add_image(stack, name="raw", metadata=KNOWN)
    smooth = rng.normal(15, 1, stack.shape).astype(np.float32)
    viewer.add_image(smooth, name="clean", metadata=IN_PHOTONS, contrast_limits=(0, 30))
    return viewer, widget, settle, CAMERA.to_photons(stack), smooth


@pytest.fixture
def save_as(monkeypatch):
    """Answer the next dialog with this path."""

    def answer(path):
        monkeypatch.setattr(
            "napari_photon_denoise.widgets.parts.saving.QFileDialog.getSaveFileName",
            lambda *_: (str(path), ""),
        )

    return answer


def test_curves_of_the_plane_that_is_shown(pair, until):
    viewer, widget, settle, photons, smooth = pair
    for plane in (0, 2):
        viewer.dims.set_current_step(0, plane)
        measured = settle()
        expected = ks_2samp(photons[plane].ravel(), smooth[plane].ravel())
        assert measured.gap.distance == pytest.approx(expected.statistic)
        assert measured.gap.at == pytest.approx(expected.statistic_location)
        curves = measured.curves
        at_or_below = [(photons[plane] <= value).mean() for value in curves.values]
        np.testing.assert_allclose(curves.cumulative[0], at_or_below)
    assert curves.names == ("raw", "clean")
    assert widget.plot.canvas.labels[1] == "photons per pixel (e-)"
    assert widget.plot.canvas.legend == [
        "raw",
        "clean",
        f"KS distance {expected.statistic:.3f}<br>at {expected.statistic_location:.3g} e-",
    ]
    assert widget.message == ""


def test_of_planes_shown_together_one_is_counted_and_it_is_said(pair):
    viewer, widget, settle, photons, _ = pair
    for layer in viewer.layers:
        layer.projection_mode = "max"
    viewer.dims.set_current_step(0, 1)
    viewer.dims.margin_left = (1, 0, 0)
    curves = settle().curves
    at_or_below = [(photons[1] <= value).mean() for value in curves.values]
    np.testing.assert_allclose(curves.cumulative[0], at_or_below)
    assert "'raw' is shown as the max of several planes" in widget.message
    widget.show_whole(True)
    settle()
    assert widget.message == ""


def test_curves_of_whole_layers(pair):
    viewer, widget, settle, photons, smooth = pair
    widget.show_whole(True)
    measured = settle()
    expected = ks_2samp(photons.ravel(), smooth.ravel())
    assert measured.gap.distance == pytest.approx(expected.statistic)
    # Another plane is no other histogram.
    viewer.dims.set_current_step(0, 1)
    assert not widget.busy
    assert settle() is measured


def test_the_pair_is_chosen(pair, rng):
    viewer, widget, settle, photons, _ = pair
    third = viewer.add_image(photons + 3, name="third", metadata=IN_PHOTONS)
    settle()
    widget.compare(viewer.layers["raw"], third)
    measured = settle()
    plane = viewer.dims.current_step[0]
    expected = ks_2samp(photons[plane].ravel(), photons[plane].ravel() + 3)
    assert measured.pair == (0, 2)
    assert measured.gap.distance == pytest.approx(expected.statistic)
    widget.compare(third, third)
    assert settle().gap is None
    # A layer that goes takes its place in the comparison along.
    widget.compare(viewer.layers["raw"], third)
    viewer.layers.remove(third)
    assert len(settle().curves.names) == 2


def test_bins_suit_the_cameras_steps(bench, rng):
    """Uniform grey values make no comb."""
    viewer, _, settle = bench
    counts = rng.integers(100, 900, (300, 300)).astype(np.uint16)
    viewer.add_image(counts, metadata={"calibration": Calibration(gain=0.46, offset=100)})
    shares = settle().curves.shares[0][1:-1]
    assert shares.std() / shares.mean() < 0.2


def test_logarithmic_axis(pair):
    _, widget, settle, _, _ = pair
    settle()
    widget._log.setChecked(True)
    low, high = widget.plot._shares.viewRange()[1]
    assert low < 0 < high < 4
    assert widget.plot._left.tickStrings([1.0, 2.0, 3.0], 1, 1) == ["10", "100", ""]
    widget._log.setChecked(False)
    assert widget.plot._shares.viewRange()[1][1] > 4
    widget.grab()


def test_without_a_camera_the_axis_says_so(bench, counts):
    viewer, widget, settle = bench
    viewer.add_image(counts, name="cells")
    widget.sources._typed.setChecked(False)
    assert settle().curves.unit == COUNTS
    assert widget.plot.canvas.labels[1] == "grey values (ADU), no camera known"
    widget.sources.set_camera(CAMERA)
    assert settle().curves.unit == "photons"
    viewer.add_image(np.zeros((9, 9, 3), np.uint8), rgb=True, name="photo")
    widget.sources.layers.tick(*viewer.layers)
    settle()
    assert "RGB" in widget.message


def test_an_unknown_image_is_drawn_in_photons_once_it_was_looked_at(bench, until):
    viewer, widget, _ = bench
    viewer.add_image(photograph(), name="cells")
    until(lambda: widget.measured is not None and widget.measured.curves.unit == "photons")
    assert widget.plot.canvas.labels[1] == "photons per pixel (e-)"


def test_numbers_that_are_none_are_left_out(bench):
    viewer, widget, settle = bench
    data = np.ones((20, 30), np.float32)
    data[:2] = np.nan
    layer = viewer.add_image(data, name="holes", metadata=IN_PHOTONS, contrast_limits=(0, 2))
    assert settle().curves.shares.sum() == pytest.approx(1)
    assert "60 pixels of 'holes' are NaN" in widget.message
    layer.data = np.full((20, 30), np.nan, np.float32)
    assert settle() is None
    assert "no number" in widget.message


def test_large_layers_are_sampled_and_it_is_said(pair, monkeypatch):
    _, widget, settle, photons, _ = pair
    settle()
    monkeypatch.setattr("napari_photon_denoise.widgets.plots.histograms.MOST", 1000)
    widget.show_whole(True)
    measured = settle()
    assert "one row and column in 3" in widget.message
    part = photons[:, ::3, ::3]
    at_or_below = [(part <= value).mean() for value in measured.curves.values]
    np.testing.assert_allclose(measured.curves.cumulative[0], at_or_below)


def test_whole_layers_are_read_plane_by_plane_with_maps(bench, stack, rng):
    viewer, _, _ = bench
    maps = Calibration(gain=rng.uniform(0.4, 0.6, (50, 60)), offset=100, read_noise=1)
    sizes = []

    def read(block):
        sizes.append(block.shape)
        return block

    lazy = da.from_array(stack, chunks=(1, 50, 60)).map_blocks(read, dtype=stack.dtype)
    layer = viewer.add_image(lazy, metadata={"calibration": maps}, contrast_limits=(0, 300))
    place = view_of(viewer, [layer]).place(layer)
    job = histogram_job([LayerSample(source_of(layer, [], None), place, True)], None)
    steps = []
    while True:
        try:
            steps.append(next(job))
        except StopIteration as end:
            curves = end.value.curves
            break
    assert [step.done for step in steps[:3]] == [0, 1, 2]
    photons = maps.to_photons(stack)
    expected = [(photons <= value).mean() for value in curves.values]
    np.testing.assert_allclose(curves.cumulative[0], expected)
    assert set(sizes) <= {(1, 50, 60), (0, 0, 0)}  # dask tries nothing first


def test_a_layer_that_can_not_be_read_is_a_sentence(bench, until):
    viewer, widget, settle = bench

    def read(_block):
        raise OSError("stale file handle")

    layer = viewer.add_image(np.zeros((50, 60)), metadata=IN_PHOTONS, name="gone")
    settle()
    layer.visible = False  # napari itself would look at it
    layer.data = da.zeros((50, 60)).map_blocks(read, dtype=float, meta=np.empty((0, 0)))
    until(lambda: "'gone' can't be read (stale file handle)" in widget.message)
    assert settle() is None


def test_nothing_ticked_and_layers_removed(pair, errors):
    viewer, widget, settle, _, _ = pair
    settle()
    widget.sources.layers.tick()
    assert settle() is None
    assert "tick it" in widget.message
    viewer.layers.clear()
    assert settle() is None
    widget.saving.save_table()
    widget.saving.save_picture()
    assert ["no histogram" in sentence for sentence in errors] == [True, True]


def test_table_and_picture_are_saved(pair, save_as, tmp_path):
    _, widget, settle, _, _ = pair
    widget.resize(400, 800)
    measured = settle()
    save_as(tmp_path / "curves.csv")
    widget.saving.save_table()
    text = (tmp_path / "curves.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.reader(text.splitlines()))
    assert rows[0][:3] == ["bin from (photons)", "bin to (photons)", "raw (% of pixels)"]
    assert float(rows[1][0]) == pytest.approx(measured.curves.edges[0])
    save_as(tmp_path / "curves.svg")
    widget.saving.save_picture()
    assert "photons per pixel" in (tmp_path / "curves.svg").read_text(encoding="utf-8")


def slow(shape=(400, 60, 70)):
    chunks = (1, *shape[1:])
    return da.random.default_rng(0).poisson(9, shape, chunks=chunks).astype(np.uint16)


def test_what_is_superseded_stops(bench, until):
    viewer, widget, settle = bench
    viewer.add_image(slow(), name="film", metadata=KNOWN, contrast_limits=(0, 30))
    settle()
    widget.show_whole(True)
    until(lambda: "plane" in widget.message)
    widget.show_whole(False)
    assert settle().curves.names == ("film",)
    assert widget.message == ""


def test_a_layer_removed_while_it_is_read(bench, until):
    viewer, widget, settle = bench
    viewer.add_image(slow(), name="film", metadata=KNOWN, contrast_limits=(0, 30))
    settle()
    widget.show_whole(True)
    until(lambda: "plane" in widget.message)
    viewer.layers.clear()
    assert settle() is None
    assert "tick it" in widget.message


def test_every_control_has_help(bench):
    from qtpy.QtWidgets import QAbstractSpinBox, QCheckBox, QComboBox, QLineEdit, QPushButton

    _, widget, _ = bench
    for kind in (QAbstractSpinBox, QCheckBox, QComboBox, QLineEdit, QPushButton):
        for control in widget.findChildren(kind):
            inner = isinstance(control.parent(), QAbstractSpinBox)
            assert inner or control.toolTip(), control


def test_closing_while_it_runs(make_napari_viewer, nobodys_settings, until):
    viewer = make_napari_viewer()
    layer = viewer.add_image(slow(), metadata=KNOWN, contrast_limits=(0, 30))
    _, widget = viewer.window.add_plugin_dock_widget("napari-photon-denoise", "Histogram")
    widget.show_whole(True)
    until(lambda: "plane" in widget.message)
    runner = widget.runner
    viewer.window.remove_dock_widget(widget)
    until(lambda: not runner.busy)
    assert runner.cancelled
    assert not widget.busy
    viewer.dims.set_current_step(0, 3)
    viewer.layers.remove(layer)
    assert not widget.busy
    viewer.theme = "light"
    widget = runner = None
    gc.collect()


def test_job_without_a_pair(bench, counts):
    viewer, _, _ = bench
    layer = viewer.add_image(counts, metadata=KNOWN)
    sample = LayerSample(source_of(layer, [], None), view_of(viewer, [layer]).place(layer), False)
    assert run(histogram_job([sample], None)).gap is None
