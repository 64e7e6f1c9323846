"""Images that show little noise: small, with blank parts, or far from any camera's range."""

import numpy as np
import pytest

from napari_photon_denoise.camera.estimate import NoEstimate
from napari_photon_denoise.errors import PhotonDenoiseError

GAIN, OFFSET, READ_NOISE = 0.5, 100.0, 1.5


def spots(height, width, seed, peak=60.0):
    """Expected electrons of some spots on a background, and an image of them in counts."""
    rng = np.random.default_rng(seed)
    y, x = np.indices((height, width))
    expected = np.full((height, width), 5.0)
    for _ in range(max(3, height * width // 400)):
        at, sigma = rng.uniform(0, [height, width]), rng.uniform(3, 8)
        expected += peak * np.exp(-((y - at[0]) ** 2 + (x - at[1]) ** 2) / (2 * sigma**2))
    electrons = rng.poisson(expected) + READ_NOISE * rng.standard_normal(expected.shape)
    return expected, np.rint(electrons / GAIN + OFFSET).astype(np.uint16)


def variance(found, counts):
    camera = found.calibration()
    photons = max(0.0, (counts - float(camera.offset)) * float(camera.gain))
    return (photons + float(camera.read_noise) ** 2) / float(camera.gain) ** 2


@pytest.mark.parametrize("size", [40, 56])
def test_small_images_tell_their_line(estimate, size):
    ratios = []
    for seed in range(8):
        expected, counts = spots(size, size, seed)
        found = estimate(counts)
        for level in np.quantile(expected, [0.1, 0.5, 0.95]):
            true = (level + READ_NOISE**2) / GAIN**2
            ratios.append(variance(found, level / GAIN + OFFSET) / true)
    assert np.sqrt(np.mean(np.log(ratios) ** 2)) < 0.2
    assert found.correlated is False


@pytest.mark.parametrize("shape", [(24, 24), (8, 8), (1, 300), (300, 1), (2, 100), (4, 20, 20)])
def test_the_smallest_have_one_level(estimate, shape):
    rng = np.random.default_rng(0)
    found = estimate(rng.normal(200, 10, shape).round().astype(np.uint16), "ZYX"[-len(shape) :])
    assert found.rung == "level"
    assert "finest detail" in found.sentences[0]
    assert variance(found, 200) == pytest.approx(100, rel=0.6)


@pytest.mark.parametrize("shape", [(1, 1), (2, 2)])
def test_pixels_that_tell_nothing(estimate, shape):
    with pytest.raises(NoEstimate, match=r"no noise|too small|masks"):
        estimate(np.arange(np.prod(shape), dtype=np.uint16).reshape(shape))


def test_a_small_lit_part(estimate):
    counts = np.zeros((96, 96), np.uint16)
    counts[30:40, 30:40] = spots(96, 96, 0)[1][30:40, 30:40]
    assert estimate(counts).rung == "level"


@pytest.mark.parametrize("blank", ["half", "corner", "plane", "channel"])
def test_what_was_filled_in_does_not_count(estimate, blank):
    """Zeros beside a turned or shifted image, or empty planes, are no lone photons."""
    images = [spots(128, 128, seed)[1] for seed in range(2)]
    axes = "YX"
    if blank == "half":
        counts = np.where(np.arange(128) < 60, 0, images[0])
    elif blank == "corner":
        counts = np.where(np.indices((128, 128)).sum(axis=0) < 70, 0, images[0])
    else:
        counts, axes = np.stack([images[0], 0 * images[0]]), f"{'ZC'[blank == 'channel']}YX"
    found = estimate(counts, axes)
    assert found.gain == pytest.approx(GAIN, rel=0.25)
    assert found.rung != "counted"


def test_a_blank_frame_is_left_out(estimate):
    """The difference to it would be the other frame, scene and all, with half of its noise."""
    frames = np.stack([spots(128, 128, 0)[1] for _ in range(4)])
    frames = np.stack([spots(128, 128, 0)[0] / GAIN + OFFSET] * 6)
    rng = np.random.default_rng(1)
    frames = np.rint(frames + rng.standard_normal(frames.shape) * 20).astype(np.uint16)
    frames[3] = 0
    assert variance(estimate(frames, "TYX"), 150) == pytest.approx(400, rel=0.15)


def test_lone_photons_do_not_share_noise(estimate):
    """One photon in twenty pixels: less variance than rounding adds elsewhere."""
    found = estimate(np.random.default_rng(0).poisson(0.05, (96, 96)).astype(np.uint8))
    assert found.rung == "counted"
    assert not found.correlated
    assert found.gain == pytest.approx(1, rel=0.1)


def test_below_zero_nothing_was_cut_off(estimate):
    found = estimate(spots(128, 128, 0)[1].astype(np.float32) - 500)
    assert not any("0 or below" in sentence for sentence in found.sentences)


@pytest.mark.parametrize("factor", [1e30, 1e300, 1e-30])
def test_values_out_of_range(estimate, factor):
    with pytest.raises(PhotonDenoiseError, match="all by one number"):
        estimate(spots(96, 96, 0)[1] * factor)


def test_dark_details_stay_above_the_floor(estimate):
    """As in transmitted light: a few small dark nuclei, and one level of noise."""
    rng = np.random.default_rng(0)
    y, x = np.indices((256, 256))
    light = 220 + 15 * np.sin(y / 30) * np.cos(x / 40)
    for at in rng.uniform(0, 256, (6, 2)):
        light -= 200 * np.exp(-((y - at[0]) ** 2 + (x - at[1]) ** 2) / (2 * 3.0**2))
    counts = np.clip(np.rint(light + 2 * rng.standard_normal(light.shape)), 0, 255)
    found = estimate(counts.astype(np.uint8))
    assert found.relative
    assert found.floor <= np.quantile(light, 0.001)


def test_labels_of_few_parts(estimate):
    """1 and 2 differ by one, as noisy neighbours do: it is the lack of noise that tells."""
    labels = np.zeros((96, 96), np.int32)
    labels[10:30, 10:40], labels[50:80, 40:90] = 1, 2
    with pytest.raises(NoEstimate, match="labels"):
        estimate(labels)
