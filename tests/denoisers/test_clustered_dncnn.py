import numpy as np
import pytest

pytest.importorskip("torch")

import napari_photon_denoise as npd
from napari_photon_denoise.job import run
from napari_photon_denoise.networks.architecture import Architecture
from napari_photon_denoise.networks.learning.blind_spot import plan_blind
from quick_learning import QUICK, make_small

CAMERA = npd.Calibration(gain=0.5, offset=100, read_noise=1)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    make_small(monkeypatch)


def cells(rng, levels=(5.0, 60.0, 300.0)):
    truth = np.repeat(levels, 16) * np.ones((40, 1))
    return (rng.poisson(truth) / 0.5 + 100).astype(np.uint16)


def test_with_one_cluster_it_is_plain_dncnn_to_the_bit(rng, monkeypatch):
    counts = cells(rng)
    one = npd.denoise(counts, CAMERA, npd.ClusteredDncnn(clusters=1, **QUICK))

    def plain(settings):
        layers, channels = plan_blind.LAYERS, plan_blind.CHANNELS
        return Architecture(body="dncnn", form="blind", layers=layers, channels=channels)

    monkeypatch.setattr(plan_blind, "make_architecture", plain)
    np.testing.assert_array_equal(npd.denoise(counts, CAMERA, npd.ClusteredDncnn(**QUICK)), one)


def test_what_is_learnt_knows_the_clusters_of_the_image(rng):
    photons = npd.Photons(cells(rng), CAMERA, "YX")
    method = npd.ClusteredDncnn(clusters=3, **QUICK)
    _, learned = run(method.learn_job(photons, "cpu"))
    expected = 2 * np.sqrt(np.array([5, 60, 300]) + 1.375)
    # The blur mixes a little at the borders of what is so narrow.
    np.testing.assert_allclose(learned.network.masks.centres, expected, rtol=0.3)


def test_its_model_denoises_from_its_file(rng, tmp_path):
    counts = cells(rng)
    photons = npd.Photons(counts, CAMERA, "YX")
    method = npd.ClusteredDncnn(clusters=3, **QUICK)
    _, learned = run(method.learn_job(photons, "cpu"))
    file = learned.save(tmp_path / "mine.safetensors")
    again = npd.denoise(counts, CAMERA, npd.Resunet(model=str(file)))
    np.testing.assert_allclose(again, npd.denoise(counts, CAMERA, method), rtol=1e-5)


def test_a_constant_image_has_no_clusters():
    flat = np.full((40, 40), 300, np.uint16)
    with pytest.raises(npd.PhotonDenoiseError, match="equally bright"):
        npd.denoise(flat, CAMERA, npd.ClusteredDncnn(**QUICK))


def test_it_learns_from_planes_alone():
    with pytest.raises(npd.PhotonDenoiseError, match=r"auto, 2-D, 2\.5-D"):
        npd.ClusteredDncnn(dimensions="3-D")
