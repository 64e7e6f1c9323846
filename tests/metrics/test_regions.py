import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.consistency import measure_consistency
from napari_photon_denoise.metrics.regions import (
    find_inconsistent,
    measure_region_consistency,
    number_labels,
    tile_labels,
    tile_place,
)


@pytest.fixture
def truth(rng):
    smooth = gaussian_filter(rng.normal(size=(200, 260)), 5)
    return (12 + 60 * smooth).clip(0.3).astype(np.float32)


def record(truth, noise, rng):
    return (rng.poisson(truth) + noise * rng.standard_normal(truth.shape)).astype(np.float32)


def test_one_region_is_the_whole_image(truth, rng):
    noisy = record(truth, 1.6, rng)
    (region,) = measure_region_consistency(noisy, truth, 1.6, np.ones(truth.shape, int))
    whole = measure_consistency(noisy, truth, 1.6)
    assert region.pixels == truth.size
    assert region.found.mean == pytest.approx(whole.mean)
    assert region.found.mean_error == pytest.approx(whole.mean_error)
    assert region.found.variance == pytest.approx(whole.variance)
    assert region.found.variance_error == pytest.approx(whole.variance_error)
    assert region.found.autocorrelation == pytest.approx(whole.autocorrelation)
    assert region.found.autocorrelation_error == pytest.approx(whole.autocorrelation_error)


@pytest.mark.parametrize("noise", [0, 1.6])
def test_regions_of_the_truth_have_variance_one_and_pass(truth, rng, noise):
    regions = measure_region_consistency(record(truth, noise, rng), truth, noise)
    assert len(regions) == 12
    for value, error in (
        ([r.found.mean for r in regions], [r.found.mean_error for r in regions]),
        ([r.found.variance - 1 for r in regions], [r.found.variance_error for r in regions]),
        (
            [r.found.autocorrelation[1] for r in regions],
            [r.found.autocorrelation_error[1] for r in regions],
        ),
    ):
        z = np.array(value) / np.array(error)
        assert np.abs(z).max() < 4
        assert 0.5 < z.std() < 1.6
    assert find_inconsistent(regions) == ()


def test_the_region_that_was_smoothed_is_named_and_the_others_are_not(truth, rng):
    noisy = record(truth, 0, rng)
    labels = tile_labels(truth.shape)
    wrong = np.where(labels == 7, gaussian_filter(truth, 12), truth)
    assert find_inconsistent(measure_region_consistency(noisy, wrong, 0, labels)) == (7,)


def test_a_region_may_lie_anywhere_and_background_is_left_out(truth, rng):
    labels = np.zeros(truth.shape, np.uint8)
    labels[10:40, 10:40], labels[100:130, 20:60] = 5, 2
    regions = measure_region_consistency(record(truth, 1, rng), truth, 1, labels)
    assert [(r.label, r.pixels) for r in regions] == [(2, 1200), (5, 900)]
    single = np.zeros(truth.shape, bool)
    single[3, 4] = True
    (region,) = measure_region_consistency(record(truth, 1, rng), truth, 1, single)
    assert np.isnan(region.found.autocorrelation).all()


def test_tiles_cover_every_plane():
    labels = tile_labels((2, 100, 130), 64)
    assert labels.shape == (2, 100, 130)
    assert len(np.unique(labels)) == 8
    assert labels.min() == 1
    assert (labels[1] > labels[0].max()).all()
    assert np.unique(tile_labels((5, 9))).size == 1


@pytest.mark.parametrize(
    "labels",
    [
        np.array([[True, False], [True, True]]),
        np.array([[3, 3, -2], [0, 7, 3]], np.int8),
        np.array([[-128, 127], [0, 5]], np.int8),
        np.arange(-128, 128, 5).repeat(6).astype(np.int8),
        np.array([[0, 2**63 + 5], [9, 2**63 + 5]], np.uint64),
        np.array([[2**63 + 4, 2**63 + 5], [2**63 + 5, 2**63 + 5]], np.uint64),
    ],
)
def test_labels_are_numbered_in_their_order(labels):
    names, index = number_labels(labels)
    expected, places = np.unique(labels, return_inverse=True)
    assert names == expected.tolist()
    np.testing.assert_array_equal(index, places.reshape(labels.shape))


def test_bad_labels_are_refused(truth):
    with pytest.raises(PhotonDenoiseError, match="no region"):
        measure_region_consistency(truth, truth, 0, np.zeros(truth.shape, int))
    with pytest.raises(PhotonDenoiseError, match="must be equal"):
        measure_region_consistency(truth, truth, 0, np.ones((3, 3), int))
    with pytest.raises(PhotonDenoiseError, match="whole numbers"):
        measure_region_consistency(truth, truth, 0, np.ones(truth.shape))


@pytest.mark.parametrize("shape", [(128, 200), (2, 3, 70, 100), (10, 20)])
def test_places_are_those_of_the_tiles(shape):
    labels = tile_labels(shape)
    for label in np.unique(labels):
        place = tile_place(int(label), shape)
        assert (labels[place] == label).all()
        assert labels[place].size == np.count_nonzero(labels == label)
