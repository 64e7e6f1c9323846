import json
from pathlib import Path

import numpy as np
import pytest

from napari_photon_denoise import models
from napari_photon_denoise.denoisers import Noise2Void, Resunet
from napari_photon_denoise.io import read, write_image
from napari_photon_denoise.widgets.learning import kept, live
from napari_photon_denoise.widgets.learning.apply import files_work
from widgets.conftest import CAMERA, photograph

TINY = Noise2Void(epochs=4, patience=0, patch=32, batch=2)


@pytest.fixture
def kept_folder(tmp_path, monkeypatch):
    folder = tmp_path / "cache" / "learning"
    monkeypatch.setattr(kept, "folder", lambda: folder)
    return folder


@pytest.fixture
def said(monkeypatch):
    """Sentences that popped up."""
    found = []
    monkeypatch.setattr("napari_photon_denoise.widgets.parts.status.show_error", found.append)
    return found


@pytest.fixture
def learner(desk, qtbot, counts, kept_folder, tiny_learning, said, monkeypatch):
    """A layer, and the widget with its camera and a short training set."""
    from napari_photon_denoise.widgets.learning.widget import LearnWidget

    monkeypatch.setattr(live, "EVERY", 0.0)
    monkeypatch.setattr(live, "SHARE", 0.0)
    viewer, _ = desk
    layer = viewer.add_image(counts, name="cells", metadata={"calibration": CAMERA})
    _show_all(layer)

    def open_widget():
        widget = LearnWidget(viewer)
        qtbot.addWidget(widget)
        widget.setup.method.setValue(TINY)
        return widget

    return viewer, open_widget, layer


def _show_all(layer):
    """A model of a viewer has no window: say what of the layer is on the screen."""
    layer.corner_pixels = np.array([[0] * layer.ndim, [size - 1 for size in layer.data.shape]])


def _learn(widget, until):
    widget.run()
    until(lambda: not widget.runner.busy)


def test_learns_shows_and_says_how_it_goes(learner, until):
    _viewer, open_widget, layer = learner
    widget = open_widget()
    texts = []
    widget.runner.progressed.connect(lambda step: texts.append(step.text))
    _learn(widget, until)
    assert widget.message.startswith("Done")
    assert widget.keeper.outcome.learned.curve.steps == [3, 6, 9, 12]
    assert len(widget.page.curve.held_out) == 4
    assert any(text.startswith("Epoch 2 of 4. Training") for text in texts)
    assert "million weights" in widget.page.machine
    assert "GB" in widget.page.machine
    preview = widget.look.layer
    assert preview.name == "cells [preview]"
    assert preview.data.shape == layer.data.shape
    assert preview.data.mean() == pytest.approx(10, rel=0.2)  # photons, not grey values
    assert "is kept" in widget.page.result.text


def test_stop_ends_within_a_step_and_keeps_the_best(learner, until):
    _, open_widget, _ = learner
    widget = open_widget()
    widget.setup.method.setValue(TINY.model_copy(update={"epochs": 1000}))
    steps = []

    def seen(step):
        if isinstance(step, live.LearningProgress):
            steps.append(step.done)
            if step.done == 5:
                widget.stop()

    widget.runner.progressed.connect(seen)
    _learn(widget, until)
    curve = widget.keeper.outcome.learned.curve
    assert widget.message.startswith("Stopped")
    assert 1 <= len(curve.held_out) < 1000
    # Steps may queue up before the window sees one, but none is made after the worker is told.
    assert steps[-1] <= 3 * (len(curve.held_out) + 1)


def test_a_stopped_training_is_offered_and_goes_on(learner, until):
    _, open_widget, _ = learner
    widget = open_widget()
    widget.runner.progressed.connect(
        lambda step: widget.stop() if getattr(step, "held_out", ()) else None
    )
    widget.setup.method.setValue(TINY.model_copy(update={"epochs": 50}))
    _learn(widget, until)
    done = len(widget.keeper.outcome.learned.curve.held_out)
    assert 1 <= done < 50

    again = open_widget()
    again.setup.method.setValue(TINY.model_copy(update={"epochs": 50}))
    until(lambda: "Resume" in again.bar._run.text())
    assert f"({done} of 50 epochs done)" in again.bar._run.text()
    first = []
    again.runner.progressed.connect(
        lambda step: first.append(step.done) if isinstance(step, live.LearningProgress) else None
    )
    _learn(again, until)
    assert first[0] > 3 * done
    assert len(again.keeper.outcome.learned.curve.held_out) == 50

    again.setup.method.setValue(TINY.model_copy(update={"seed": 7, "epochs": 50}))
    until(lambda: "&Learn" in again.bar._run.text())
    assert not again._anew.isVisibleTo(again)


def test_other_pixels_are_another_training(learner, counts, until):
    _, open_widget, layer = learner
    widget = open_widget()
    _learn(widget, until)
    assert "what was learnt" in widget.bar._run.text()
    assert widget._anew.isVisibleTo(widget)
    layer.data = counts + 1
    widget.setup.valueChanged.emit()
    until(lambda: "&Learn" in widget.bar._run.text())


def test_starts_anew(learner, until):
    _, open_widget, _ = learner
    widget = open_widget()
    _learn(widget, until)
    done = []
    widget.runner.progressed.connect(
        lambda step: done.append(step.done) if isinstance(step, live.LearningProgress) else None
    )
    widget.controller.start_anew()
    until(lambda: not widget.runner.busy)
    assert done[0] == 1


def test_a_widget_that_is_taken_away_leaves_a_checkpoint(learner, until):
    _viewer, open_widget, _ = learner
    widget = open_widget()
    widget.setup.method.setValue(TINY.model_copy(update={"epochs": 1000}))
    order = widget.setup.order()
    widget.run()
    until(lambda: widget.look.layer is not None)
    name = kept.name_of(order.images, order.denoiser)
    assert kept.find(name) is None  # the first minute is not over
    from qtpy.QtWidgets import QWidget

    home = QWidget()
    widget.setParent(home)
    widget.setParent(None)
    until(lambda: not widget.runner.busy)
    until(lambda: kept.find(name) is not None)
    assert kept.find(name).steps > 0
    assert widget.look.layer is None


def test_the_end_of_the_program_leaves_a_checkpoint(learner, until):
    _, open_widget, _ = learner
    widget = open_widget()
    widget.setup.method.setValue(TINY.model_copy(update={"epochs": 1000}))
    order = widget.setup.order()
    widget.run()
    until(lambda: widget.look.layer is not None)
    widget.runner._on_quit()  # what Qt calls, when no signal of the worker arrives any more
    assert kept.find(kept.name_of(order.images, order.denoiser)).steps > 0
    until(lambda: not widget.runner.busy)


def test_a_closed_window_leaves_a_checkpoint(
    make_napari_viewer, counts, kept_folder, tiny_learning, until, monkeypatch
):
    from napari_photon_denoise.widgets.learning.widget import LearnWidget

    viewer = make_napari_viewer(show=False)
    viewer.add_image(counts, name="cells", metadata={"calibration": CAMERA})
    widget = LearnWidget(viewer)
    viewer.window.add_dock_widget(widget)
    widget.setup.method.setValue(TINY.model_copy(update={"epochs": 1000}))
    order = widget.setup.order()
    widget.run()
    until(lambda: widget.page.machine)
    name = kept.name_of(order.images, order.denoiser)
    assert kept.find(name) is None  # the first minute is not over
    viewer.close()
    until(lambda: kept.find(name) is not None)
    assert kept.find(name).steps > 0


def test_a_saved_model_is_applied_to_layers(learner, until, nobodys_models, rng):
    viewer, open_widget, layer = learner
    widget = open_widget()
    _learn(widget, until)
    other = viewer.add_image(rng.poisson(20, (40, 50)).astype(np.uint16) + 100, name="more")
    widget.keeper.apply_to_layers([layer, other])
    until(lambda: not widget.runner.busy)
    assert list(models.own_models()) == ["cells Noise2Void"]
    names = [one.name for one in viewer.layers[-2:]]
    assert names == ["cells [cells Noise2Void]", "more [cells Noise2Void]"]
    result = viewer.layers[-1]
    assert result.data.shape == (40, 50)
    assert result.data.dtype == np.float32
    recipe = result.metadata["recipe"]
    assert recipe["denoiser"]["model"] == str(nobodys_models / "cells Noise2Void.safetensors")


def test_saving_asks_and_never_replaces_by_itself(learner, until, nobodys_models, monkeypatch):
    _, open_widget, _ = learner
    widget = open_widget()
    _learn(widget, until)
    nobodys_models.mkdir(parents=True)
    there = nobodys_models / "mine.safetensors"
    there.write_text("precious")
    dialog = "napari_photon_denoise.widgets.parts.saving.QFileDialog.getSaveFileName"
    # Without the ending the dialog asked about another name.
    monkeypatch.setattr(dialog, lambda *_: (str(nobodys_models / "mine"), ""))
    widget.keeper.ask_and_save()
    assert there.read_text() == "precious"
    assert "exists" in widget.message
    monkeypatch.setattr(dialog, lambda *_: (str(there), ""))
    widget.keeper.ask_and_save()
    assert "mine" in widget.message
    assert models.describe(there)["facts"]["method"]
    monkeypatch.setattr(dialog, lambda *_: ("", ""))
    widget.keeper.ask_and_save()
    assert list(models.own_models()) == ["mine"]


def test_files_are_denoised_into_a_folder(learner, until, tmp_path, said):
    import tifffile

    _, open_widget, layer = learner
    widget = open_widget()
    _learn(widget, until)
    good, bad = tmp_path / "good.tif", tmp_path / "bad.tif"
    tifffile.imwrite(good, layer.data)
    bad.write_text("no image")
    out = tmp_path / "out"
    out.mkdir()
    widget.keeper.apply_to_files([bad, good], out)
    until(lambda: not widget.runner.busy)
    assert [path.name for path in out.iterdir()] == ["good_cells Noise2Void.ome.tif"]
    assert "bad.tif" in said[-1]
    with read(out / "good_cells Noise2Void.ome.tif") as image:
        assert image.recipe["denoiser"]["method"] == "resunet"
        assert np.asarray(image.data).mean() == pytest.approx(10, rel=0.2)

    # What the command line says of files is said here too, but for its flags.
    stack, full = tmp_path / "stack.tif", tmp_path / "full.tif"
    tifffile.imwrite(stack, np.stack([layer.data] * 5), metadata=None)
    tifffile.imwrite(full, np.full(layer.data.shape, 65535, np.uint16))

    def apply(*files):
        widget.keeper.apply_to_files(files, out)
        until(lambda: not widget.runner.busy)

    apply(stack, full)
    assert widget.message.startswith("Done: 2 of 2 files")
    guess = "stack.tif: The file does not name its axes"
    assert guess in widget.message
    assert "save it with" in widget.message
    assert "full.tif: The image is constant" in widget.message
    apply(stack, full)
    assert widget.message.startswith("Done: 2 of 2 files, 2 of them before")
    apply(stack)
    assert widget.message.startswith("Done: 1 of 1 files, 1 of them before")
    (out / "stack_cells Noise2Void.ome.tif").write_bytes(b"no image")
    apply(stack)
    assert "exists already and was made otherwise: choose another name or folder." in said[-1]
    assert "--overwrite" not in said[-1]


def test_learns_from_more_layers_and_a_folder(learner, until, tmp_path, rng):
    import tifffile

    viewer, open_widget, layer = learner
    widget = open_widget()
    other = viewer.add_image(layer.data + 1, name="more")
    widget.setup.more.ticks.tick([other])
    folder = tmp_path / "noisy"
    folder.mkdir()
    tifffile.imwrite(folder / "one.tif", layer.data + 2)
    # A result has no noise to learn from.
    recipe = {"denoiser": {"method": "gaussian"}}
    write_image(folder / "one_gaussian.ome.tif", layer.data.astype(np.float32), "YX", recipe=recipe)
    widget.setup.more.set_folder(folder)
    order = widget.setup.order()
    assert len(order.images) == 2
    assert order.folder == folder
    seen = []
    from napari_photon_denoise.networks.learning.blind_spot import plan_blind

    read_small = plan_blind.read_small_job

    def spied(images):
        seen.extend(images)
        return (yield from read_small(images))

    plan_blind.read_small_job, before = spied, plan_blind.read_small_job
    try:
        _learn(widget, until)
    finally:
        plan_blind.read_small_job = before
    assert [image.shape for image in seen] == [layer.data.shape] * 3
    assert widget.keeper.outcome is not None


def test_images_of_two_kinds_are_refused(learner, said):
    viewer, open_widget, layer = learner
    widget = open_widget()
    planes = np.stack([layer.data] * 3)
    stack = viewer.add_image(planes, name="stack", axis_labels=("z", "y", "x"))
    widget.setup.more.ticks.tick([stack])
    widget.run()
    assert not widget.runner.busy
    assert "learn from images of one kind" in said[-1]


def test_results_and_previews_are_not_learnt_from(learner, until):
    _, open_widget, layer = learner
    widget = open_widget()
    _learn(widget, until)
    widget.keeper.apply_to_layers([layer])
    until(lambda: not widget.runner.busy)
    assert widget.setup.more.ticks.offered() == []


def test_an_image_too_small_is_a_sentence(learner, until, said):
    viewer, open_widget, _ = learner
    small = viewer.add_image(np.ones((8, 8), np.uint16), name="small")
    widget = open_widget()
    widget.setup.source.set_layer(small)
    widget.setup.camera.set_way("photons")
    _learn(widget, until)
    assert "16 × 16 px" in said[-1]
    assert not widget.page.result._save.isEnabled()


def test_a_deleted_preview_stays_away(learner, until):
    viewer, open_widget, _ = learner
    widget = open_widget()
    widget.setup.method.setValue(TINY.model_copy(update={"epochs": 20}))
    widget.run()
    until(lambda: widget.look.layer is not None)
    viewer.layers.remove(widget.look.layer)
    until(lambda: not widget.runner.busy)
    assert widget.look.layer is None
    assert not any("preview" in layer.name for layer in viewer.layers)


def test_the_oldest_trainings_go_first(kept_folder):
    import os

    kept_folder.mkdir(parents=True)
    for number in range(kept.MOST + 2):
        path = kept_folder / f"{number}{kept.SETTINGS}"
        path.write_text("{}")
        os.utime(path, (number, number))
    kept.tidy()
    left = {path.name.removesuffix(kept.SETTINGS) for path in kept_folder.iterdir()}
    assert left == {str(number) for number in range(2, kept.MOST + 2)}


def test_a_damaged_checkpoint_is_not_offered(kept_folder):
    kept_folder.mkdir(parents=True)
    path = kept_folder / f"x{kept.CHECKPOINT}"
    path.write_bytes(b"")
    assert kept.find("x") is None
    words = json.dumps({"__metadata__": {"step": "9"}}).encode()
    path.write_bytes(len(words).to_bytes(8, "little") + words)
    assert kept.find("x") is None


def test_unknown_images_are_learnt_from_each_by_its_own_noise(learner, until):
    viewer, open_widget, layer = learner
    viewer.layers.remove(layer)
    other = viewer.add_image(photograph(gain=2.0, offset=20), name="other")
    cells = viewer.add_image(photograph(), name="cells")
    _show_all(cells)
    widget = open_widget()
    widget.setup.more.ticks.tick([other])
    widget.run()
    assert widget.message.startswith("Looking at the noise of")
    until(lambda: widget.keeper.outcome is not None and not widget.runner.busy)
    order = widget.keeper.outcome.order
    gains = [image.calibration.gain for image in order.images]
    assert gains == pytest.approx([0.5, 2], rel=0.1)
    third = viewer.add_image(photograph(gain=1.2, seed=5), name="third")
    widget.keeper.apply_to_layers([third])
    assert widget.message == "Looking at the noise of third…"
    until(lambda: viewer.layers[-1] is not third)
    until(lambda: not widget.runner.busy)
    facts = viewer.layers[-1].metadata["recipe"]["calibration"]["facts"]
    assert facts["gain"] == pytest.approx(1.2, rel=0.1)
    # And so are files.
    files = files_work(Resunet(model="cells.safetensors"), order.task, Path())
    assert files.camera.calibration is None
