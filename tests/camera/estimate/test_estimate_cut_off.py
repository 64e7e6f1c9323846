"""A background that was subtracted leaves half of its noise: no photons that were counted."""

import numpy as np
import pytest

from napari_photon_denoise.camera.estimate.cut_off import is_cut_off, restored
from napari_photon_denoise.camera.estimate.out_of_band import measure_tiles
from napari_photon_denoise.camera.estimate.sampling import as_window

GAIN, NOISE = 0.45, 1.35  # e-/ADU, e-


def nuclei(light, background, seed=1):
    """Counts (ADU) of nuclei on a background, without the median."""
    rng = np.random.default_rng(seed)
    y, x = np.indices((384, 384))
    signal = np.zeros(y.shape)
    for at in rng.uniform(0, 384, (9, 2)):
        radius = np.hypot(y - at[0], x - at[1])
        signal = np.maximum(signal, 1 / (1 + np.exp((radius - rng.uniform(15, 40)) / 2)))
    arrived = rng.poisson(signal * light + background)
    counts = np.rint((arrived + NOISE * rng.standard_normal(y.shape)) / GAIN)
    return counts - np.median(counts)


@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
@pytest.mark.parametrize(("light", "background"), [(60, 2), (60, 10), (300, 40)])
def test_the_variance_is_that_of_before(estimate, dtype, light, background):
    image = np.clip(nuclei(light, background), 0, None).astype(dtype)
    found = estimate(image)
    assert found.rung != "counted"
    assert any("reckoned as it was before" in sentence for sentence in found.sentences)
    for share in (0.3, 1):
        true = (share * light + background + NOISE**2) / GAIN**2
        seen = (share * light / GAIN - found.offset_eff) / found.gain
        assert seen == pytest.approx(true, rel=0.25)


def test_where_little_is_gone_the_noise_is_taken_as_it_is():
    counts = nuclei(60, 10)
    image = np.clip(counts - np.quantile(counts, 0.12), 0, None).astype(np.uint16)
    assert 0.05 < (image == 0).mean() < 0.2
    assert not is_cut_off(measure_tiles(as_window(image[None])))


@pytest.mark.parametrize("spread", [0.0, 0.5])
@pytest.mark.parametrize("light", [0.1, 0.5, 3])
def test_counted_photons_have_one_ratio_at_every_brightness(light, spread):
    rng = np.random.default_rng(0)
    y = np.indices((256, 256))[0]
    photons = rng.poisson(light * (1.2 + np.sin(y / 20)))
    heights = rng.gamma(photons / spread**2 + 1e-9) * spread**2 if spread else photons
    counts = np.rint(20 * heights).astype(np.uint16)
    assert not is_cut_off(measure_tiles(as_window(counts[None])))


def test_gaussian_noise_is_restored():
    rng = np.random.default_rng(0)
    for mean in (-4.0, 0.0, 5.0, 30.0):
        cut = np.clip(rng.normal(mean, 10, (256, 256)), 0, None)
        for whole in (False, True):
            image = np.rint(cut) if whole else cut
            tiles = restored(measure_tiles(as_window(image[None])), whole=whole)
            assert tiles.mean.mean() == pytest.approx(mean, abs=0.6)
            assert tiles.bands[:, 0].mean() == pytest.approx(100, rel=0.05)
