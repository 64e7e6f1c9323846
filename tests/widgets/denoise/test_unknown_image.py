"""A stranger's image: opened, and denoised by pressing Run."""

from dataclasses import replace
from time import sleep

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

import napari_photon_denoise as npd
from napari_photon_denoise.job import Progress
from napari_photon_denoise.settling import Settled, scaled
from napari_photon_denoise.widgets.denoise import preview
from napari_photon_denoise.widgets.parts import estimates, task
from napari_photon_denoise.widgets.parts.estimates import find_estimate
from napari_photon_denoise.widgets.parts.layers import limits
from widgets.conftest import CAMERA, photograph


@pytest.fixture
def cells(desk):
    viewer, _ = desk
    return viewer.add_image(photograph(), name="cells")


@pytest.fixture
def slowly(monkeypatch):
    """Looks that end when the test says so."""
    gate, look = {"open": False}, estimates._look

    def waits(layer, axes):
        while not gate["open"]:
            sleep(0.005)
            yield Progress("Waiting", 0, 0)
        return (yield from look(layer, axes))

    monkeypatch.setattr(estimates, "_look", waits)
    yield gate
    gate["open"] = True


def test_run_is_all_that_is_pressed(desk, cells, until):
    viewer, open_widget = desk
    widget = open_widget()
    widget.run()  # before anything is known of its noise
    assert widget.message == "Looking at the noise of cells…"
    until(lambda: len(viewer.layers) == 2)
    camera = find_estimate(cells, "YX").calibration
    expected = npd.denoise(cells.data, camera, npd.Gaussian(), axes="YX")
    np.testing.assert_array_equal(viewer.layers[-1].data, expected)
    record = viewer.layers[-1].metadata["recipe"]["calibration"]
    assert record["facts"]["source"] == "estimated"


def test_a_preview_is_what_a_run_will_give_after_the_check(desk, cells, until, finish, monkeypatch):
    def settle(photons, denoiser, *, own, device):
        yield Progress("Checking the estimate", 0, 1)
        camera = scaled(photons.calibration, 2) if own else photons.calibration
        return Settled(replace(photons, calibration=camera), ("The estimate was corrected.",))

    for module in (task, preview):
        monkeypatch.setattr(module, "settle_job", settle)
    _, open_widget = desk
    widget = open_widget()
    until(lambda: find_estimate(cells, "YX") is not None)
    widget.show_preview(True)
    until(lambda: widget.preview.layer is not None and not widget.preview.busy)
    shown = widget.preview.layer
    assert "The estimate was corrected." in widget.hints.text
    camera = scaled(find_estimate(cells, "YX").calibration, 2)
    np.testing.assert_allclose(shown.contrast_limits, limits(cells, camera, "photons"))
    result = finish(widget)
    seen = np.isfinite(shown.data)
    assert seen.any()
    y, x = (round(float(start)) for start in shown.translate)
    height, width = shown.data.shape
    expected = result.data[y : y + height, x : x + width]
    np.testing.assert_allclose(shown.data[seen], expected[seen], rtol=1e-5)


@pytest.mark.parametrize("own", [True, False])
def test_a_corrected_estimate_is_said_and_in_the_recipe(desk, cells, until, monkeypatch, own):
    def settle(photons, denoiser, *, own, device):
        yield Progress("Checking the estimate", 0, 1)
        if not own:
            return Settled(photons)
        camera = scaled(photons.calibration, 2)
        return Settled(replace(photons, calibration=camera), ("The estimate was corrected.",))

    monkeypatch.setattr(task, "settle_job", settle)
    viewer, open_widget = desk
    widget = open_widget()
    until(lambda: find_estimate(cells, "YX") is not None)
    camera = find_estimate(cells, "YX").calibration
    if not own:  # typed in
        widget.camera.setValue(replace(camera, source="typed in"))
    widget.run()
    until(lambda: len(viewer.layers) == 2)
    result = viewer.layers[-1]
    used = scaled(camera, 2) if own else camera
    expected = npd.denoise(cells.data, used, npd.Gaussian(), axes="YX")
    np.testing.assert_allclose(result.data, expected, rtol=1e-3)  # typed numbers are rounded
    recorded = result.metadata["recipe"]["calibration"]["facts"]["gain"]
    assert recorded == pytest.approx(used.gain, rel=1e-3)
    repeated = widget.controller.task_to_repeat().photons.calibration.gain
    assert repeated == pytest.approx(used.gain, rel=1e-3)
    assert ("The estimate was corrected." in widget.message) == own


def test_nothing_is_missing_while_it_is_looked_at(desk, cells, slowly, until):
    _, open_widget = desk
    widget = open_widget()
    assert widget.message == ""
    widget.camera.set_way("preset")
    assert "Choose the camera" in widget.message
    widget.camera.set_way("image")
    assert widget.message == ""
    slowly["open"] = True
    until(lambda: find_estimate(cells, "YX") is not None)
    assert widget.task().photons.calibration.source == "estimated"


def test_waiting_for_one_image_does_not_run_another(desk, cells, slowly, until):
    viewer, open_widget = desk
    other = viewer.add_image(photograph(gain=2.0), name="other")
    widget = open_widget()
    widget.run()
    assert "other" in widget.message
    widget.source.set_layer(cells)
    assert "another image" in widget.message
    assert widget.bar.idle
    slowly["open"] = True
    until(lambda: find_estimate(cells, "YX") is not None)
    assert len(viewer.layers) == 2
    assert other in viewer.layers


def test_run_that_waits_can_be_cancelled(desk, cells, slowly, until):
    viewer, open_widget = desk
    widget = open_widget()
    widget.run()
    widget.cancel()
    assert "Cancelled" in widget.message
    slowly["open"] = True
    until(lambda: find_estimate(cells, "YX") is not None)
    assert len(viewer.layers) == 1


def test_an_image_without_noise_is_refused_in_a_sentence(desk, finish, errors, until):
    viewer, open_widget = desk
    viewer.add_image(np.full((64, 64), 7, np.uint16), name="flat")
    widget = open_widget()
    widget.run()
    until(lambda: len(errors) == 1)
    assert errors[0] in widget.message
    widget.camera.setValue(CAMERA)
    assert finish(widget) is not None


def test_the_preview_waits_as_well(dock, until, settled):
    viewer, open_widget = dock
    viewer.add_image(photograph(), name="cells")
    widget = open_widget()
    widget.show_preview(True)
    assert settled(widget).name == "cells [Gaussian preview]"
    assert "⚠" not in widget.message


def test_a_result_is_denoised_again_only_if_that_is_meant(desk, cells, finish, errors, until):
    viewer, open_widget = desk
    widget = open_widget()
    widget.run()
    until(lambda: len(viewer.layers) == 2)
    result = viewer.layers[-1]
    widget.source.set_layer(result)
    assert "denoised already (Gaussian): choose 'cells'" in widget.message
    assert finish(widget) is None
    assert "denoised already" in errors[0]
    widget.camera.doubts.confirm(True)
    assert widget.message == ""
    assert widget.camera.way() == "layer"
    again = finish(widget)
    assert again.name == "cells [Gaussian] [Gaussian]"


def test_an_image_without_noise_is_denoised_all_the_same(desk, until):
    viewer, open_widget = desk
    smooth = gaussian_filter(photograph().astype(np.float32), 3)
    layer = viewer.add_image(smooth, name="smooth")
    widget = open_widget()
    until(lambda: find_estimate(layer, "YX") is not None)
    widget.run()
    assert "denoised already" in widget.message
    insist = widget.camera.page("image").insist
    assert not insist.isHidden()
    insist.click()
    assert widget.task().photons.calibration.relative
    assert "one level of noise" in widget.camera.page("image").text
    widget.run()
    until(lambda: len(viewer.layers) == 2)
