"""Images are looked at once, in the background, for all docks."""

import gc
from weakref import ref

import dask.array as da
import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Image

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import run
from napari_photon_denoise.widgets.parts import estimates as module
from napari_photon_denoise.widgets.parts.camera import CameraPicker
from napari_photon_denoise.widgets.parts.estimates import estimates_of, find_estimate, look_job
from widgets.conftest import photograph


@pytest.fixture
def cells():
    return Image(photograph(), name="cells")


@pytest.fixture
def estimates(qtbot, until):
    made = estimates_of(ViewerModel())
    yield made
    until(lambda: not made.busy)


@pytest.fixture
def looks(monkeypatch):
    """Which images were looked at, in order."""
    seen, look = [], module._look

    def watched(layer, axes):
        seen.append(layer.name)
        return (yield from look(layer, axes))

    monkeypatch.setattr(module, "_look", watched)
    return seen


def test_docks_of_a_viewer_look_once(qtbot, until, cells, looks):
    viewer = ViewerModel()
    pickers = [CameraPicker(viewer) for _ in range(2)]
    for picker in pickers:
        qtbot.addWidget(picker)
        picker.set_layer(cells, "YX")
    until(lambda: find_estimate(cells, "YX") is not None)
    later = CameraPicker(viewer)
    qtbot.addWidget(later)
    later.set_layer(cells, "YX")
    assert pickers[0].value() is pickers[1].value() is later.value()
    assert looks == ["cells"]
    assert not estimates_of(viewer).busy


def test_other_pixels_and_other_axes_are_looked_at_anew(estimates, until):
    layer = Image(np.stack([photograph(seed=n) for n in range(3)]), name="film")
    for axes in ("ZYX", "TYX"):
        estimates.ask(layer, axes)
        until(lambda axes=axes: find_estimate(layer, axes) is not None)
    assert find_estimate(layer, "ZYX") is None
    assert find_estimate(layer, "TYX").estimate.source == "movie"
    layer.data = np.stack([photograph(gain=2.0, offset=20, seed=n) for n in range(3)])
    assert find_estimate(layer, "TYX") is None
    estimates.ask(layer, "TYX")
    until(lambda: find_estimate(layer, "TYX") is not None)
    assert find_estimate(layer, "TYX").calibration.gain == pytest.approx(2, rel=0.1)


def test_pixels_that_change_meanwhile_are_not_answered_for(estimates, until, cells):
    estimates.ask(cells, "YX")
    until(lambda: estimates._runner.busy)
    cells.data = photograph(gain=2.0, offset=20)
    estimates.ask(cells, "YX")
    until(lambda: find_estimate(cells, "YX") is not None)
    assert find_estimate(cells, "YX").calibration.gain == pytest.approx(2, rel=0.1)


def test_what_is_asked_last_comes_first(estimates, until, looks):
    layers = [Image(photograph(seed=n), name=str(n)) for n in range(3)]
    for layer in layers:
        estimates.ask(layer, "YX")
    until(lambda: not estimates.busy)
    assert looks == ["2", "1", "0"]


def test_an_unexpected_error_is_a_sentence(estimates, until, qtbot, monkeypatch, cells):
    def broken(layer, axes):
        raise ZeroDivisionError("oh")
        yield

    monkeypatch.setattr(module, "_look", broken)
    with qtbot.captureExceptions():
        estimates.ask(cells, "YX")
        until(lambda: not estimates.busy)
    with pytest.raises(PhotonDenoiseError, match="another way"):
        estimates.calibration(cells, "YX")


def test_an_estimate_keeps_neither_layer_nor_pixels(estimates, until):
    layers = [Image(da.from_array(photograph()), name="lazy")]
    estimates.ask(layers[0], "YX")
    until(lambda: find_estimate(layers[0], "YX") is not None and not estimates.busy)
    gone = ref(layers.pop())
    gc.collect()
    assert gone() is None


def test_a_longer_job_finishes_the_look_and_all_know(cells, looks):
    first = run(look_job(cells, "YX"))
    assert run(look_job(cells, "YX")) is first is find_estimate(cells, "YX")
    assert looks == ["cells"]
    assert first.counts == np.median(cells.data)
    with pytest.raises(PhotonDenoiseError):
        run(look_job(Image(np.full((64, 64), 7, np.uint16)), "YX"))
