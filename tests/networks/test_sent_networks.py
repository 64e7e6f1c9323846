"""A network that is sent to another process gives the same there, to the bit."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import napari_photon_denoise as npd
from napari_photon_denoise.job import run
from napari_photon_denoise.networks import weights
from napari_photon_denoise.networks.predict import Predictor
from napari_photon_denoise.networks.weights import ShippedNetwork, load_model
from quick_learning import keep_float32
from tiny_models import save_tiny


@pytest.fixture(autouse=True)
def one_precision(monkeypatch):
    keep_float32(monkeypatch)


@pytest.fixture
def block(rng):
    return rng.poisson(10, (2, 48, 64)).astype(np.float32)


def prepared(model):
    photons = npd.Photons(np.full((40, 40), 120, np.uint16), npd.Calibration(1, 100), "YX")
    return run(npd.Resunet(model=str(model)).prepare(photons, "cpu")).function


def test_a_users_own_network_is_sent_with_its_weights(tmp_path, block):
    path = save_tiny(tmp_path)
    predictor = prepared(path)
    sent = pickle.dumps(predictor)
    path.unlink()
    there = pickle.loads(sent)
    assert there.device == "cpu"
    np.testing.assert_array_equal(there(block, 1.5), predictor(block, 1.5))
    further = pickle.loads(pickle.dumps(there))
    np.testing.assert_array_equal(further(block, 1.5), predictor(block, 1.5))


def test_a_shipped_one_is_sent_by_name_and_loaded_once(block, monkeypatch):
    predictor = prepared("resunet-2d")
    sent = pickle.dumps(predictor)
    assert len(sent) < 2000
    weights._kept.cache_clear()
    loaded = []
    monkeypatch.setattr(weights, "load_model", lambda name: loaded.append(name) or load_model(name))
    there, again = pickle.loads(sent), pickle.loads(sent)
    assert loaded == ["resunet-2d"]
    assert there.network is again.network is not predictor.network
    np.testing.assert_array_equal(there(block, 1.5), predictor(block, 1.5))


def test_other_weights_there_are_refused():
    sent = pickle.dumps(ShippedNetwork("resunet-2d", "0" * 64))
    with pytest.raises(npd.PhotonDenoiseError, match=r"same version .* on every computer"):
        pickle.loads(sent)("cpu")


def test_several_threads_may_use_one_network(tmp_path, rng):
    predictor = Predictor(load_model(save_tiny(tmp_path, planes=3)).network, "cpu", flips=True)
    blocks = [rng.poisson(10, (3, 48, 64)).astype(np.float32) for _ in range(12)]
    alone = [predictor(block, 1.0) for block in blocks]
    with ThreadPoolExecutor(4) as pool:
        for one, other in zip(alone, pool.map(predictor, blocks, [1.0] * 12), strict=True):
            np.testing.assert_array_equal(one, other)
