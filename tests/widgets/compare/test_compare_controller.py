from types import SimpleNamespace
from unittest.mock import Mock

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Image

import napari_photon_denoise as npd
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.evaluation.methods import RAW
from napari_photon_denoise.widgets.compare.controller import STAYS, CompareController
from napari_photon_denoise.widgets.compare.shown import TRUTH
from widgets.conftest import CAMERA
from widgets.fakes import FakeDock

SMALL, LARGE = "Gaussian, sigma 1 px", "Gaussian, sigma 9 px"
METHODS = {SMALL: npd.Gaussian(sigma=1), LARGE: npd.Gaussian(sigma=9)}
IN_PHOTONS = npd.Calibration(gain=1, offset=0, read_noise=0)
GONE = "⚠ The raw image was deleted, so the comparison was stopped."


@pytest.fixture
def truth():
    y, x = np.mgrid[:60, :80]
    return 30 + 20 * np.sin(x / 4) * np.cos(y / 5)


@pytest.fixture
def layer(rng, truth):
    photons = rng.poisson(truth)
    counts = (100 + (photons + rng.normal(0, 1.5, photons.shape)) / 0.5).round()
    return Image(counts.astype(np.uint16), name="cells", metadata={"calibration": CAMERA})


@pytest.fixture
def view(layer):
    images = {"layers.return_value": [], "truth.return_value": None, "exposure.return_value": 1.0}
    return SimpleNamespace(
        source=Mock(**{"layer.return_value": layer, "current.return_value": layer,
                       "axes.return_value": "YX"}),
        camera=Mock(**{"value.return_value": CAMERA}),
        methods=Mock(**{"named.return_value": METHODS}),
        images=Mock(**images, **{"unsaid.return_value": CAMERA}),
        results=Mock(), views=Mock(grid=Mock(on=False)), saver=Mock(), show_results=Mock(),
        hand_over=Mock(),
    )  # fmt: skip


@pytest.fixture
def controller(view, layer):
    viewer = ViewerModel()
    viewer.layers.append(layer)
    made = CompareController(viewer, view)
    view.dock = FakeDock(made.work, STAYS)
    return made


def rows(view):
    return [call.args[0].name for call in view.results.table.rows.add.call_args_list]


def test_rows_come_one_by_one_and_the_best_is_chosen(controller, view):
    view.dock.controller.run()
    view.show_results.assert_called_once_with(True)
    view.results.start.assert_called_once_with(with_truth=False)
    while not rows(view):
        view.dock.step()
    assert view.dock.runner.busy
    assert list(controller.shown.layers) == rows(view)
    view.dock.finish()
    assert set(rows(view)) == {RAW, SMALL, LARGE}
    view.results.table.choose.assert_called_once_with(SMALL)
    view.results.views.set_pair.assert_called_with(RAW, SMALL)
    view.saver.keep.assert_called_once()
    assert view.dock.bar.message == "Done."


def test_the_truth_is_shown_last(controller, view, truth):
    real = Image(truth.astype(np.float32), metadata={"calibration": IN_PHOTONS})
    view.images.truth.return_value = real
    view.dock.controller.run()
    view.results.start.assert_called_once_with(with_truth=True)
    view.dock.finish()
    assert list(controller.shown.layers) == [RAW, SMALL, LARGE, TRUTH]


def test_what_was_finished_stays_when_it_is_cancelled(controller, view):
    view.dock.controller.run()
    while not rows(view):
        view.dock.step()
    view.dock.controller.cancel()
    view.dock.finish()
    assert view.dock.bar.message == STAYS
    assert list(controller.shown.layers) == rows(view)
    view.saver.keep.assert_not_called()


@pytest.mark.parametrize("finished", [False, True])
def test_the_raw_image_is_deleted(controller, view, layer, finished):
    view.dock.controller.run()
    while not rows(view):
        view.dock.step()
    controller._viewer.layers.remove(layer)
    assert view.dock.runner.cancelled
    view.dock.runner.cancelled = not finished  # it was the last step
    view.dock.finish()
    assert view.dock.bar.message == GONE
    assert list(controller._viewer.layers) == []
    view.saver.keep.assert_not_called()


def test_another_layer_is_deleted(controller, view):
    other = Image(np.zeros((4, 4)))
    controller._viewer.layers.append(other)
    view.dock.controller.run()
    controller._viewer.layers.remove(other)
    assert not view.dock.runner.cancelled


def test_a_new_comparison_takes_the_last_one_away(controller, view):
    view.dock.controller.run()
    view.dock.finish()
    first = controller.shown.layers[SMALL]
    view.dock.controller.run()
    assert not first.visible
    assert not controller.shown.layers
    view.dock.finish()
    assert len(controller._viewer.layers) == 4


def test_a_refusal_leaves_what_was_compared(controller, view):
    view.dock.controller.run()
    view.dock.finish()
    before, compared = list(controller._viewer.layers), controller.compared
    view.methods.named.return_value = {}
    view.dock.controller.run()
    assert view.dock.bar.refused == ["Tick at least one method or finished image to compare."]
    assert list(controller._viewer.layers) == before
    assert controller.compared is compared


def test_tiles_are_compared_again_where_they_are(controller, view, layer):
    view.dock.controller.run()
    view.dock.finish()
    region = controller.compared.region
    layer.corner_pixels = np.array([[10, 10], [19, 29]])
    view.views.grid.on = True
    assert controller.request().region == region
    view.views.grid.on = False
    assert controller.request().region != region


def test_a_method_is_handed_over_or_it_is_said_why_not(controller, view):
    controller.use(SMALL)  # nothing was compared yet
    view.dock.controller.run()
    view.dock.finish()
    controller.choose_row(RAW)
    view.results.set_usable.assert_called_with(False)
    controller.use(RAW)
    view.hand_over.assert_not_called()
    controller.choose_row(SMALL)
    view.results.set_usable.assert_called_with(True)
    controller.use(SMALL)
    view.hand_over.assert_called_once_with(controller.compared, METHODS[SMALL])
    view.results.views.set_mode.assert_called_with("stacked")
    assert view.dock.bar.message == f"Photon denoise is set to {SMALL}: press Run there."
    view.hand_over.side_effect = PhotonDenoiseError("'cells' is no longer there.")
    controller.use(SMALL)
    assert view.dock.bar.refused == ["'cells' is no longer there."]


def test_layers_that_are_kept_are_not_cleared(controller, view):
    view.dock.controller.run()
    view.dock.finish()
    controller.keep()
    assert view.dock.bar.message == "3 layers are yours now."
    controller.clear()
    assert len(controller._viewer.layers) == 4
    assert all(layer.visible for layer in controller._viewer.layers)
