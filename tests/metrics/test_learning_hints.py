import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, gaussian_filter1d

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.metrics.learning_hints import (
    find_blur,
    find_chequers,
    find_learning_hints,
    find_stripes,
    look_back,
)
from napari_photon_denoise.photons import Photons

READ_NOISE = 1.0


@pytest.fixture(scope="module")
def scene():
    """Blobs as a microscope would show them, their noisy image, and the noise's size."""
    rng = np.random.default_rng(3)
    points = np.zeros((1, 256, 256))
    at = rng.integers(0, 256, (2, 300))
    points[0, at[0], at[1]] = rng.uniform(100, 600, 300)
    truth = (2 + gaussian_filter(points, (0, 1.7, 1.7))).astype(np.float32)
    noisy = rng.poisson(truth) + rng.normal(0, READ_NOISE, truth.shape)
    return truth, noisy.astype(np.float32), np.sqrt(truth + READ_NOISE**2)


def _hints(scene, clean):
    return list(find_learning_hints(scene[1], clean.astype(np.float32), READ_NOISE))


def _grain(shape, *sigma):
    """Noise of unit variance, blurred along axes."""
    grain = gaussian_filter(np.random.default_rng(5).standard_normal(shape), (0, *sigma))
    return grain / grain.std()


def test_a_good_result_is_left_alone(scene):
    truth, _, noise = scene
    assert _hints(scene, truth) == []
    assert _hints(scene, truth + 0.15 * noise * _grain(truth.shape, 2, 2)) == []


@pytest.mark.parametrize("sigma", [1.0, 1.5, 3.0])
def test_blur_is_told_with_how_much_is_lacking(scene, sigma):
    truth = scene[0]
    (hint,) = _hints(scene, gaussian_filter(truth, (0, sigma, sigma)))
    assert "blurred" in hint
    assert "%" in hint
    assert "epochs" in hint


def test_the_share_that_lacks_grows_with_the_blur(scene):
    truth, noisy, noise = scene
    shares = []
    for sigma in (0.0, 0.7, 1.0, 1.5):
        clean = gaussian_filter(truth, (0, sigma, sigma))
        shares.append(find_blur(noisy, clean, noise**2)[0])
    assert abs(shares[0]) < 0.1
    assert shares == sorted(shares)


def test_chequers_are_told(scene):
    truth, _, noise = scene
    y, x = np.indices(truth.shape[-2:])
    board = ((y + x) % 2 * 2 - 1) * _grain(truth.shape, 8, 8)
    (hint,) = _hints(scene, truth + 0.1 * noise * board)
    assert "chequered" in hint
    assert "times" in hint
    assert "n2v2" in hint


@pytest.mark.parametrize(("times", "told"), [(2.8, False), (3.2, True)])
def test_chequers_are_told_from_three_times_the_power_beside_them_on(scene, times, told):
    truth, _, noise = scene
    spectrum = np.fft.fft2(noise * _grain(truth.shape, 0, 0))
    fine = np.abs(np.fft.fftfreq(truth.shape[-1])) > 0.42
    power, _ = find_chequers(np.fft.ifft2(spectrum).real)
    spectrum[:, np.outer(fine, fine)] *= (times / power) ** 0.5
    hints = _hints(scene, truth + 0.3 * np.fft.ifft2(spectrum).real)
    assert len(hints) == told
    assert all(f"chequered: its finest pattern has {times} times" in hint for hint in hints)


@pytest.mark.parametrize(("axis", "name"), [(-1, "x"), (-2, "y")])
def test_stripes_are_told_with_their_axis(scene, axis, name):
    truth, _, noise = scene
    stripes = gaussian_filter1d(np.random.default_rng(7).standard_normal(truth.shape), 6, axis)
    (hint,) = _hints(scene, truth + 0.3 * noise * stripes / stripes.std())
    assert "striped" in hint
    assert f"line-{name}" in hint


def test_white_noise_is_neither_chequered_nor_striped(scene):
    noisy = scene[1]
    assert find_chequers(noisy)[0] == pytest.approx(1, abs=0.25)
    assert abs(find_stripes(noisy)[0]) < 0.02


def test_what_nobody_sees_is_not_told(scene):
    truth, _, noise = scene
    y, x = np.indices(truth.shape[-2:])
    assert _hints(scene, truth + 0.005 * noise * ((y + x) % 2 * 2 - 1)) == []


def test_small_or_empty_pieces_tell_nothing(scene):
    truth, noisy, _ = scene
    small = (slice(None), slice(0, 32), slice(0, 32))
    assert list(find_learning_hints(noisy[small], truth[small] * 0 + 3, 1.0)) == []
    assert list(find_learning_hints(noisy, truth * 0, 1.0)) == []


def test_the_middle_plane_is_looked_at_with_its_neighbours(scene):
    truth, noisy, noise = scene
    camera = Calibration(gain=1, offset=0, read_noise=READ_NOISE)
    stack = Photons(np.concatenate([noisy] * 9), camera, "ZYX")
    seen = []

    def striped(block, read_noise):
        seen.append(block.shape)
        clean = np.repeat(truth, len(block), axis=0)
        clean[len(block) // 2] += (0.3 * noise * _grain(truth.shape, 0, 6))[0]
        return clean.astype(np.float32)

    (hint,) = look_back(stack, striped, ("Z", 2))
    assert "striped" in hint
    assert seen == [(5, *truth.shape[1:])]
