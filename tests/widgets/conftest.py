import os
import sys
from pathlib import Path
from time import monotonic

import numpy as np
import pytest
from npe2 import PluginManager
from scipy.ndimage import gaussian_filter

from gl_context import hold_context
from napari_photon_denoise.calibration import Calibration
from quick_learning import keep_float32

CAMERA = Calibration(gain=0.5, offset=100, read_noise=1.5)
LAST_STEP = 10_000  # ms
ROTATED = {
    "scale": (0.2, 0.1),
    "translate": (3.0, -4.0),
    "rotate": 30,
    "shear": [0.1],
    "affine": [[0.9, 0.1, 5], [-0.2, 1.1, -3], [0, 0, 1]],
    "units": ("um", "um"),
    "axis_labels": ("y", "x"),
}


def pytest_collection_modifyitems(items):
    """Without a screen only controllers are tested: skips, instead of a crash of Qt."""
    screen = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if sys.platform == "linux" and not screen:
        for item in items:
            here = Path(__file__).parent in item.path.parents
            if here and not item.path.stem.endswith("_controller"):
                item.add_marker(pytest.mark.skip(reason="needs a screen: run with xvfb-run"))


@pytest.fixture
def make_napari_viewer(make_napari_viewer):
    """napari's own, which may remove layers without a crash under Mesa."""
    hold_context()
    return make_napari_viewer


@pytest.fixture(autouse=True)
def nothing_runs_on():
    """Images that are looked at in the background are let go before the next test, or the end."""
    yield
    if "qtpy.QtCore" in sys.modules:
        from qtpy.QtCore import QThreadPool

        QThreadPool.globalInstance().waitForDone(LAST_STEP)


@pytest.fixture(autouse=True)
def nobodys_models(tmp_path, monkeypatch):
    """No models of the user, and a folder for new ones."""
    from napari_photon_denoise import models

    folder = tmp_path / "own models"
    monkeypatch.setattr(models, "own_folder", lambda: folder)
    return folder


@pytest.fixture(autouse=True)
def nobodys_last_run(tmp_path, monkeypatch):
    """Nothing that an earlier session kept, and a folder for what this one keeps."""
    from napari_photon_denoise.widgets.parts import user_file

    folder = tmp_path / "user settings"
    monkeypatch.setattr(user_file, "own_folder", lambda: folder)
    return folder


@pytest.fixture
def counts(rng):
    return rng.poisson(20, (70, 90)).astype(np.uint16) + 100


def photograph(gain=0.5, offset=100, read_noise=1.5, seed=3, shape=(220, 240)):
    """Counts of a shaded, blurred scene, in which the camera's noise can be told."""
    rng = np.random.default_rng(seed)
    density = gaussian_filter((rng.random(shape) < 0.01).astype(float), 6)
    photons = 5 + 100 * density / density.max()
    noise = rng.normal(0, read_noise, shape)
    return np.rint((rng.poisson(photons) + noise) / gain + offset).astype(np.uint16)


@pytest.fixture(scope="session")
def plugins():
    """Plugins are found, as napari's window does when it opens."""
    PluginManager.instance().discover()


@pytest.fixture(scope="session")
def declared_settings(plugins):
    """What plugins declare for Preferences: napari would read every manifest anew for a test."""
    from napari.settings import plugin_configuration_generator

    return plugin_configuration_generator()


@pytest.fixture
def nobodys_settings(tmp_path, monkeypatch, declared_settings):
    """Preferences as they come, kept in a folder of the test."""
    from napari import settings

    monkeypatch.setattr(settings, "_CFG_PATH", str(tmp_path / "settings.yaml"))
    monkeypatch.setattr(settings, "plugin_configuration_generator", lambda: declared_settings)
    settings._clear_plugin_settings_cache()
    yield
    settings._clear_plugin_settings_cache()


@pytest.fixture
def dock(make_napari_viewer, nobodys_settings):
    """A viewer with its window, and a way to dock the widget in it."""
    viewer = make_napari_viewer()

    def open_widget():
        from napari_photon_denoise.widgets.denoise.widget import DenoiseWidget

        widget = DenoiseWidget(viewer)
        widget.method.choose("gaussian")
        viewer.window.add_dock_widget(widget, name="Denoise")
        return widget

    return viewer, open_widget


@pytest.fixture
def desk(qtbot, nobodys_settings):
    """The same without napari's window, for what does not need it: ten times as fast."""
    from napari.components import ViewerModel

    viewer = ViewerModel()

    def open_widget():
        from napari_photon_denoise.widgets.denoise.widget import DenoiseWidget

        widget = DenoiseWidget(viewer)
        widget.method.choose("gaussian")
        qtbot.addWidget(widget)
        return widget

    yield viewer, open_widget
    viewer.layers.clear()


@pytest.fixture
def docked(dock, counts):
    """A window with a layer, and the widget with its camera set."""
    return _with_cells(*dock, counts)


@pytest.fixture
def ready(desk, counts):
    """A layer, and the widget with its camera set; no window."""
    return _with_cells(*desk, counts)


def _with_cells(viewer, open_widget, counts):
    layer = viewer.add_image(counts, name="cells")
    widget = open_widget()
    widget.camera.setValue(CAMERA)
    return viewer, widget, layer


@pytest.fixture
def settled(until):
    """Wait for a preview that is up to date."""

    def wait(widget):
        until(lambda: widget.preview.layer is not None and not widget.preview.busy)
        return widget.preview.layer

    return wait


@pytest.fixture
def errors(monkeypatch):
    """Sentences that popped up."""
    said = []
    monkeypatch.setattr("napari_photon_denoise.widgets.parts.status.show_error", said.append)
    return said


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory):
    """Networks under the names of those that are shipped, small and with random weights."""
    import torch

    from napari_photon_denoise.networks.architecture import Architecture
    from napari_photon_denoise.networks.weights import save_model

    folder = tmp_path_factory.mktemp("models")
    for name, planes in (("resunet-2d", 1), ("resunet-stack", 3)):
        torch.manual_seed(1)
        architecture = Architecture(widths=(8, 16), bottom=1, planes=planes)
        network = architecture.build()
        torch.nn.init.normal_(network.body.head.weight, std=0.1)
        noise = {"photons": [0.05, 2000], "additive_read_noise": [3, 100], "lengths": [0.3, 1.6]}
        save_model(folder / f"{name}.safetensors", network, architecture, {"noise": noise})
    return folder


@pytest.fixture
def tiny_models(tiny_folder, monkeypatch):
    """The folder of small networks, in place of those that are shipped."""
    from napari_photon_denoise import models
    from napari_photon_denoise.denoisers import Resunet

    shipped = {
        path.stem: models.ShippedModel("For tests.", models.digest(path))
        for path in tiny_folder.glob("*.safetensors")
    }
    monkeypatch.setattr(models, "FOLDER", tiny_folder)
    monkeypatch.setattr(models, "shipped_models", lambda: shipped)
    for name in shipped:
        options = Resunet.model_fields["model"].json_schema_extra["options"]
        monkeypatch.setitem(options, name, "For tests.")
    # Both precisions are right; the processor must not decide what is compared.
    keep_float32(monkeypatch)
    return tiny_folder


@pytest.fixture
def tiny_learning(monkeypatch):
    """Epochs of a few steps, of a small network."""
    from napari_photon_denoise.networks.learning.blind_spot import plan_blind

    monkeypatch.setattr(plan_blind, "STEPS", 3)
    monkeypatch.setattr(plan_blind, "WIDTHS", {2: (4, 8), 3: (4, 8)})
    keep_float32(monkeypatch)


@pytest.fixture
def until(qtbot):
    """Let the window live until something is so."""

    def wait(done, timeout=240):
        end = monotonic() + timeout
        while not done():
            assert monotonic() < end, "it never came"
            qtbot.wait(5)

    return wait


@pytest.fixture
def finish(until):
    """Run the widget to its end and return the new layer, or None."""

    def run(widget):
        before = list(widget._viewer.layers)
        widget.run()
        until(lambda: not widget.runner.busy)
        new = [layer for layer in widget._viewer.layers if layer not in before]
        return new[-1] if new else None

    return run
