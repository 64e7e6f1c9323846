"""A model that is asked for again is not loaded again."""

import os
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.networks.architecture import Architecture
from napari_photon_denoise.networks.early import load_libraries
from napari_photon_denoise.networks.predict import Predictor
from napari_photon_denoise.networks.weights import kept_model, load_model, save_model

TINY = Architecture(widths=(8, 16), bottom=1)


@pytest.fixture
def path(tmp_path):
    return save_model(tmp_path / "m.safetensors", TINY.build(), TINY, {})


def test_the_same_model_comes_back(path):
    first = kept_model(path, "cpu")
    assert kept_model(str(path), "auto" if not torch.cuda.is_available() else "cpu") is first
    assert load_model(path).network is not first.network  # one of its own, to train on


def test_a_file_that_was_written_anew_is_loaded_anew(path):
    first = kept_model(path, "cpu")
    other = TINY.build()
    torch.nn.init.ones_(other.body.head.weight)
    save_model(path, other, TINY, {}, overwrite=True)
    os.utime(path, ns=(1, 1))
    second = kept_model(path, "cpu")
    assert second is not first
    assert (second.network.body.head.weight == 1).all()


def test_a_file_that_vanished_is_said(path):
    kept_model(path, "cpu")
    path.unlink()
    with pytest.raises(PhotonDenoiseError, match="no model"):
        kept_model(path, "cpu")


def test_libraries_are_loaded_before_torch_or_not_at_all(monkeypatch, tmp_path):
    load_libraries()  # torch is here already
    monkeypatch.delitem(sys.modules, "torch")
    load_libraries()  # the same libraries again
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.setattr("napari_photon_denoise.networks.early.find_spec", lambda name: None)
    load_libraries()  # no torch at all


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_blamed(tmp_path, wrong):
    network = TINY.build()
    torch.nn.init.constant_(network.body.head.weight, wrong)
    path = save_model(tmp_path / "m.safetensors", network, TINY, {})
    with pytest.raises(PhotonDenoiseError, match=r"weights in .*m\.safetensors hold NaN"):
        load_model(path)


def test_a_network_that_gives_no_numbers_is_blamed(path):
    network = load_model(path).network
    torch.nn.init.constant_(network.body.head.weight, 1e38)
    with pytest.raises(PhotonDenoiseError, match="network gives NaN or infinity"):
        Predictor(network, "cpu")(np.full((1, 16, 16), 50, np.float32), 1.0)
