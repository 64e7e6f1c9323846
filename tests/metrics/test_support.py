import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.support import blur, measure_support


def draw(rng, size=150):
    texture = gaussian_filter(rng.standard_normal((size, size)), 1.5)
    return (30 + 8 * texture / texture.std()).clip(0.1).astype(np.float32)


@pytest.mark.parametrize("noise", [0, 1.6])
def test_contrast_of_the_truth_is_real(rng, noise):
    found = []
    for _ in range(40):
        truth = draw(rng, 60)
        noisy = rng.poisson(truth) + noise * rng.standard_normal(truth.shape)
        (one,) = measure_support(noisy.astype(np.float32), truth, noise)
        found.append((one.slope - 1) / one.error)
    assert np.mean(found) == pytest.approx(0, abs=4 / np.sqrt(40))
    assert np.std(found) == pytest.approx(1, abs=0.35)


def test_contrast_that_was_made_up_is_not(rng):
    noisy = rng.poisson(np.full((150, 150), 30)).astype(np.float32)
    (one,) = measure_support(noisy, draw(rng))
    assert one.slope == pytest.approx(0, abs=4 * one.error)


def test_half_of_it(rng):
    truth = draw(rng)
    noisy = rng.poisson(truth).astype(np.float32)
    (stretched,) = measure_support(noisy, 30 + 2 * (truth - 30))
    (flattened,) = measure_support(noisy, 30 + (truth - 30) / 2)
    assert stretched.slope == pytest.approx(0.5, abs=0.05)
    assert flattened.slope == pytest.approx(2, abs=0.2)


def test_regions_have_their_own(rng):
    truth, invented = draw(rng), draw(rng)
    labels = np.zeros(truth.shape, int)
    labels[:60], labels[90:] = 3, 8
    noisy = rng.poisson(truth).astype(np.float32)
    real, made_up = measure_support(noisy, np.where(labels == 8, invented, truth), 0, labels)
    assert (real.label, made_up.label) == (3, 8)
    assert real.pixels == 60 * 150
    assert real.slope == pytest.approx(1, abs=4 * real.error)
    assert made_up.slope < 0.3


def test_a_flat_image_has_no_contrast():
    flat = np.full((40, 40), 3, np.float32)
    (one,) = measure_support(flat, flat)
    assert np.isnan(one.slope)


@pytest.mark.parametrize("shape", [(1, 1), (3, 40), (2, 30, 41)])
@pytest.mark.parametrize("sigma", [1.0, 4.0])
def test_the_blur_is_scipys_and_keeps_a_flat_image_flat(rng, shape, sigma):
    image = rng.uniform(0, 50, shape)
    expected = gaussian_filter(image, sigma, axes=(-2, -1))
    np.testing.assert_allclose(blur(image, sigma), expected, rtol=1e-12)
    flat = np.full(shape, 3.7, np.float32)
    np.testing.assert_array_equal(blur(flat, sigma), flat)


def test_bad_input_is_refused():
    image = np.ones((40, 50), np.float32)
    with pytest.raises(PhotonDenoiseError, match="must be equal"):
        measure_support(image, image.T)
    with pytest.raises(PhotonDenoiseError, match="no region"):
        measure_support(image, image, 0, np.zeros(image.shape, int))
