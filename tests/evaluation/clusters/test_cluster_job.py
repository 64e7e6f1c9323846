import numpy as np
import pytest

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.evaluation.clusters import cluster_job, labels_job, rows
from napari_photon_denoise.evaluation.clusters.sample import MOST_PLANES
from napari_photon_denoise.job import run
from napari_photon_denoise.metrics.clusters import ClusterSettings
from napari_photon_denoise.photons import Photons

CAMERA = Calibration(gain=0.5, offset=100, read_noise=1.0)


class Watched:
    """Counts the planes that are read."""

    def __init__(self, array):
        self.array, self.shape, self.dtype, self.read = array, array.shape, array.dtype, 0

    def __getitem__(self, index):
        leading = zip(index[:-2], self.shape[:-2], strict=True)
        self.read += int(np.prod([len(range(*part.indices(size))) for part, size in leading]))
        return self.array[index]


def halves(rng, *leading, levels=(5.0, 60.0)):
    """Dark on the left, bright on the right, in counts."""
    truth = np.broadcast_to(np.repeat(levels, 20), (*leading, 24, 40))
    return (rng.poisson(truth) / 0.5 + 100).astype(np.uint16)


def test_every_pixel_is_labelled_from_dark_to_bright(rng):
    photons = Photons(halves(rng, 2, 3), CAMERA, "TZYX")
    clusters = run(cluster_job(photons, ClusterSettings(clusters=2)))
    labels = np.zeros(photons.shape, np.int32)
    run(labels_job(photons, clusters, labels))
    assert (labels[..., :17] == 1).all()
    assert (labels[..., 23:] == 2).all()


def test_each_channel_has_clusters_of_its_own(rng):
    both = np.stack([halves(rng), halves(rng, levels=(200.0, 800.0))])
    photons = Photons(both, CAMERA, "CYX")
    clusters = run(cluster_job(photons, ClusterSettings(clusters=2), range(2, 5)))
    dark, bright = (one.clustering.centres for one in clusters.channels)
    assert dark.max() < bright.min()
    labels = np.zeros(photons.shape, np.int32)
    run(labels_job(photons, clusters, labels))
    assert (labels[:, :, :17] == 1).all()
    assert [row[:3] for row in rows(clusters)] == [
        (channel, "k-means", count) for channel in (0, 1) for count in (2, 2, 3, 4)
    ]


def test_of_a_large_image_some_planes_and_pixels_are_looked_at(rng):
    data = Watched(halves(rng, 3 * MOST_PLANES))
    photons = Photons(data, CAMERA, "ZYX")
    clusters = run(cluster_job(photons, ClusterSettings(clusters=2, pixels=640)))
    assert data.read == MOST_PLANES
    assert len(clusters.channels[0].clustering.sample) == 640
    assert "640 of the image's 92160 pixels" in clusters.notes[0]


def test_numbers_that_the_pixels_do_not_allow_are_not_tried(rng):
    data = np.full((4, 4), 110, np.uint16)
    data[0] = 300
    photons = Photons(data, CAMERA, "YX")
    settings = ClusterSettings(clusters=2, smoothing=0)
    found = run(cluster_job(photons, settings, range(2, 9))).channels[0]
    assert [one.clusters for one in found.sweep] == [2]


def test_outliers_are_said(rng):
    data = halves(rng)
    data[3, 4] = 60_000
    photons = Photons(data, CAMERA, "YX")
    settings = ClusterSettings(algorithm="dbscan", smoothing=0.0, reach=1.0, least=5)
    clusters = run(cluster_job(photons, settings))
    assert any("belong to no cluster" in note for note in clusters.notes)
    labels = np.zeros(photons.shape, np.int32)
    run(labels_job(photons, clusters, labels))
    assert labels[3, 4] == -1


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_is_a_sentence(value):
    data = np.ones((8, 8), np.float32)
    data[2, 2] = value
    with pytest.raises(ValueError, match=r"NaN|infinit"):
        run(cluster_job(Photons(data, CAMERA, "YX"), ClusterSettings()))
