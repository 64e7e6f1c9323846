"""Methods that learn, and models of one's own, where methods are chosen and used."""

import numpy as np
import pytest
from qtpy.QtCore import QEvent
from qtpy.QtWidgets import QApplication

from napari_photon_denoise.denoisers import METHODS, Noise2Void, Resunet
from napari_photon_denoise.denoisers.learning import Learning
from napari_photon_denoise.widgets.compare.methods import MethodList
from napari_photon_denoise.widgets.compare.request import recipe_method
from napari_photon_denoise.widgets.parts.form import MethodForm
from napari_photon_denoise.widgets.parts.task import Task

TINY = Noise2Void(epochs=2, patch=32, batch=2)


@pytest.fixture
def save_own(tiny_folder, nobodys_models):
    """Put a model into the user's folder."""

    def save(name):
        nobodys_models.mkdir(parents=True, exist_ok=True)
        path = nobodys_models / f"{name}.safetensors"
        path.write_bytes((tiny_folder / "resunet-2d.safetensors").read_bytes())
        return path

    return save


def _listed(box):
    return [box.native.itemText(at) for at in range(box.native.count())]


def test_the_model_box_lists_own_models_beside_the_shipped(qtbot, save_own):
    path = save_own("my cells")
    form = MethodForm(Resunet)
    qtbot.addWidget(form)
    box = form._boxes["model"]
    assert _listed(box)[-1] == "my cells (own)"
    assert _listed(box)[0] == "auto"
    box.value = str(path)
    assert form.value().model == str(path)


@pytest.mark.parametrize("event", [QEvent.Type.Enter, QEvent.Type.FocusIn])
def test_a_model_that_is_saved_meanwhile_is_listed_when_the_box_is_opened(qtbot, save_own, event):
    form = MethodForm(Resunet)
    qtbot.addWidget(form)
    box = form._boxes["model"]
    box.value = "resunet-2d"
    before = _listed(box)
    changed = []
    box.changed.connect(changed.append)
    save_own("new")
    QApplication.sendEvent(box.native, QEvent(event) if event != QEvent.Type.FocusIn else _focus())
    assert _listed(box) == [*before, "new (own)"]
    assert box.value == "resunet-2d"
    assert changed == []


def _focus():
    from qtpy.QtGui import QFocusEvent

    return QFocusEvent(QEvent.Type.FocusIn)


def test_results_of_an_own_model_are_named_by_it(save_own, ready):
    _, widget, _layer = ready
    widget.method.setValue(Resunet(model=str(save_own("my cells"))))
    assert widget.task().denoiser.label == "my cells"
    widget.method.setValue(Resunet())
    assert widget.task().denoiser.label == "RESUNET"


def test_the_preview_does_not_learn(ready, until):
    _, widget, _ = ready
    widget.method.setValue(TINY)
    widget.show_preview(True)
    until(lambda: not widget.preview.busy)
    assert "Noise2Void learns first" in widget.message
    assert "Learn to denoise" in widget.message
    assert widget.preview.layer is None


def test_run_learns_and_denoises(ready, finish, tiny_learning):
    _viewer, widget, _layer = ready
    widget.method.setValue(TINY)
    texts = []
    widget.runner.progressed.connect(lambda step: texts.append(step.text))
    result = finish(widget)
    assert result.name == "cells [Noise2Void, epochs 2, patch 32 px, batch 2]"
    assert result.data.mean() == pytest.approx(10, rel=0.2)
    assert any("held-out" in text for text in texts)


def test_extras_become_layers_below_the_result(ready):
    from napari_photon_denoise.pipeline import Denoised

    _, widget, layer = ready
    task = Task(layer, widget.task().photons, TINY).resolved()
    data = np.ones(layer.data.shape, np.float32)
    layers = task.results(Denoised(data, (), {"standard deviation": data * 2}))
    told = "epochs 2, patch 32 px, batch 2"
    assert [one.name for one in layers] == [
        f"cells [Noise2Void standard deviation, {told}]",
        f"cells [Noise2Void, {told}]",
    ]
    assert not layers[0].visible
    assert layers[0].data.max() == 2
    assert layers[0].metadata["recipe"] == layers[1].metadata["recipe"]


def test_methods_that_learn_are_not_compared(qtbot):
    methods = MethodList()
    qtbot.addWidget(methods)
    assert not any(isinstance(method, Learning) for method in methods.value())
    assert len(methods.value()) == sum(not issubclass(kind, Learning) for kind in METHODS.values())
    said = []
    methods.refused.connect(said.append)
    before = len(methods.value())
    methods.add("n2v")
    assert len(methods.value()) == before
    assert "Learn to denoise" in said[0]
    assert "finished already" in said[0]


def test_a_method_that_learns_and_was_ticked_is_refused(qtbot):
    from napari_photon_denoise.errors import PhotonDenoiseError

    methods = MethodList()
    qtbot.addWidget(methods)
    methods.setValue([TINY])
    with pytest.raises(PhotonDenoiseError, match="let it learn once"):
        methods.named()


def test_a_finished_image_is_not_learnt_again(ready):
    _, widget, layer = ready
    task = Task(layer, widget.task().photons, TINY).resolved()
    data = np.ones(layer.data.shape, np.float32)
    assert recipe_method(task.result(data)) is None
    plain = Task(layer, widget.task().photons, METHODS["gaussian"]())
    assert recipe_method(plain.result(data)) == METHODS["gaussian"]()
