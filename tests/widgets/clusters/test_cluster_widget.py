import csv

import dask.array as da
import numpy as np
import pytest
from napari.layers import Labels

from napari_photon_denoise.job import run
from napari_photon_denoise.metrics.clusters import ClusterSettings
from napari_photon_denoise.widgets.clusters.labels import colours
from napari_photon_denoise.widgets.clusters.widget import ClusterWidget
from widgets.conftest import CAMERA, ROTATED

TWO = ClusterSettings(clusters=2)


@pytest.fixture
def bench(qtbot, nobodys_settings, errors, until):
    """The widget without napari's window, and a way to run it to its end."""
    from napari.components import ViewerModel

    viewer = ViewerModel()
    widget = ClusterWidget(viewer)
    qtbot.addWidget(widget)

    def run(settings=TWO):
        widget.form.setValue(settings)
        widget.run()
        until(lambda: not widget.runner.busy)
        return [layer for layer in viewer.layers if isinstance(layer, Labels)]

    yield viewer, widget, run
    viewer.layers.clear()


def cells(rng, *leading, levels=(5.0, 60.0)):
    truth = np.broadcast_to(np.repeat(levels, 20), (*leading, 30, 20 * len(levels)))
    return (rng.poisson(truth) / 0.5 + 100).astype(np.uint16)


def test_labels_lie_on_the_image_and_leave_it_as_it_was(bench, rng):
    viewer, widget, run = bench
    counts = cells(rng)
    layer = viewer.add_image(
        counts.copy(), name="cells", metadata={"calibration": CAMERA}, **ROTATED
    )
    (labels,) = run()
    assert labels.name == "cells [clusters, K-means 2]"
    assert labels.data.dtype == np.int32
    assert (labels.data[:, :17] == 1).all()
    assert (labels.data[:, 23:] == 2).all()
    for name in ("scale", "translate", "rotate", "shear"):
        np.testing.assert_array_equal(getattr(labels, name), getattr(layer, name))
    np.testing.assert_array_equal(labels.affine.affine_matrix, layer.affine.affine_matrix)
    assert labels.units == layer.units
    assert labels.axis_labels == layer.axis_labels
    np.testing.assert_array_equal(layer.data, counts)
    assert "2 clusters of" in widget.figures
    assert "Silhouette 0.9" in widget.figures
    assert "numbered from dark to bright" in widget.message


def test_the_sweep_is_drawn_and_saved(bench, rng, tmp_path, monkeypatch):
    viewer, widget, run = bench
    viewer.add_image(cells(rng), metadata={"calibration": CAMERA})
    run()
    (one,) = widget.plot.shown.channels
    assert [found.clusters for found in one.sweep] == list(range(2, 9))
    assert widget.plot.canvas.legend == ["K-means", "found"]
    table = list(csv.DictReader(widget._table().splitlines()))
    assert [row["clusters"] for row in table] == ["2", "2", "3", "4", "5", "6", "7", "8"]
    widget.form.set_sweep(False)
    assert widget.plot.shown is None
    run()
    assert widget.plot.shown.channels[0].sweep == ()


def test_a_second_run_shows_its_labels_in_the_same_layer(bench, rng):
    viewer, _, run = bench
    viewer.add_image(cells(rng, levels=(5.0, 60.0, 400.0)), metadata={"calibration": CAMERA})
    (first,) = run()
    (second,) = run(ClusterSettings(clusters=3))
    assert second is first
    assert second.name.endswith("K-means 3]")
    assert set(np.unique(second.data)) == {1, 2, 3}


def test_pixels_of_no_cluster_have_a_colour_of_their_own(bench, rng):
    viewer, widget, run = bench
    counts = cells(rng)
    counts[3, 4] = 60_000
    viewer.add_image(counts, metadata={"calibration": CAMERA})
    (labels,) = run(ClusterSettings(algorithm="dbscan", smoothing=0.0, reach=1.0, least=5))
    assert labels.data[3, 4] == -1
    np.testing.assert_allclose(labels.colormap.map(-1), (0.6, 0.6, 0.6, 1), atol=0.01)
    assert "belong to no cluster" in widget.figures


def test_colours_go_from_dark_to_bright():
    shades = [colours(4).map(number)[:3].mean() for number in range(1, 5)]
    assert shades == sorted(shades)


def test_stacks_that_lie_on_disk(bench, rng):
    viewer, _, run = bench
    counts = cells(rng, 2, 3)
    viewer.add_image(
        da.from_array(counts, chunks=(1, 1, 30, 40)),
        metadata={"calibration": CAMERA},
        axis_labels=("t", "z", "y", "x"),
    )
    (labels,) = run()
    assert labels.data.shape == counts.shape
    assert (labels.data[..., :17] == 1).all()


def test_a_change_takes_away_figures_of_before(bench, rng):
    viewer, widget, run = bench
    viewer.add_image(cells(rng), name="one", metadata={"calibration": CAMERA})
    run()
    viewer.add_image(cells(rng), name="two", metadata={"calibration": CAMERA})
    widget.source.set_layer(viewer.layers["two"])
    assert widget.figures == ""
    assert widget.plot.shown is None


def test_controls_without_use_are_grey(bench):
    _, widget, _ = bench
    boxes = widget.form._boxes
    assert [name for name in ("clusters", "reach", "least", "window") if boxes[name].enabled] == [
        "clusters"
    ]
    widget.form.setValue(ClusterSettings(algorithm="dbscan", features="mean-std"))
    assert not boxes["clusters"].enabled
    assert "Not used with dbscan" in boxes["clusters"].native.toolTip()
    assert all(boxes[name].enabled for name in ("reach", "least", "window"))


@pytest.mark.parametrize(
    ("counts", "settings", "sentence"),
    [
        (np.full((20, 20), 120, np.uint16), TWO, "equally bright"),
        (np.uint16([[110, 300], [500, 700]]), ClusterSettings(clusters=5), "4 clusters or fewer"),
    ],
)
def test_bad_input_is_one_sentence(bench, counts, settings, sentence, errors):
    viewer, widget, run = bench
    viewer.add_image(counts, metadata={"calibration": CAMERA})
    assert run(settings) == []
    assert sentence in widget.message
    assert widget.plot.shown is None
    assert widget.bar.idle


def test_without_an_image_it_says_so(bench):
    _, widget, run = bench
    assert run() == []
    assert "Open an image first" in widget.message


def test_an_image_that_was_deleted_gets_no_labels(bench, rng):
    viewer, widget, _ = bench
    layer = viewer.add_image(cells(rng), metadata={"calibration": CAMERA})
    work = widget.controller.work()
    viewer.layers.remove(layer)
    work.done(run(work.job))
    assert len(viewer.layers) == 0
    assert "deleted meanwhile" in widget.message


def test_nothing_is_saved_where_nothing_was_found(bench, errors):
    _, widget, _ = bench
    widget.saving.save_table()
    assert "press Find clusters" in errors[-1]
