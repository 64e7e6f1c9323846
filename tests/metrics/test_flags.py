import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt, gaussian_filter

import napari_photon_denoise as npd
from napari_photon_denoise.metrics.flags import INVENTED, OVER_SMOOTHED, find_flags
from napari_photon_denoise.virtual import scenes

SIZE = 160


def draw(scene, level, rng, size=SIZE):
    return (getattr(scenes, scene)((size, size), rng) * level).astype(np.float32)


def record(truth, noise, rng):
    photons = rng.poisson(truth) + noise * rng.standard_normal(truth.shape)
    return photons.astype(np.float32)


def filament(size=SIZE):
    """A bent line of peak 1, blurred as by a microscope, and where it is."""
    line = np.zeros((size, size))
    for step in np.arange(0, 70, 0.5):
        line[round(40 + step), round(60 + 0.4 * step + 6 * np.sin(step / 20))] = 1
    line = gaussian_filter(line, 1.2)
    line /= line.max()
    return line, line > 0.4


def far(place):
    return distance_transform_edt(~place) > 15


@pytest.mark.parametrize("noise", [0, 1.6])
@pytest.mark.parametrize("level", [0.05, 0.5, 5, 50])
def test_the_truth_is_not_flagged(level, noise):
    """One image in a hundred may have a place: none of eight, or one by chance."""
    flagged = 0
    for seed in range(8):
        rng = np.random.default_rng(seed)
        truth = draw("filaments", level, rng)
        found = find_flags(record(truth, noise, rng), truth, noise)
        flagged += bool(found.flagged.any())
        assert found.limit > 5
    assert flagged <= 1


@pytest.mark.slow
@pytest.mark.parametrize("noise", [0, 0.3, 1.6, 6])
def test_false_alarms_are_one_in_a_hundred_images(noise):
    flagged = 0
    for seed in range(120):
        rng = np.random.default_rng(seed)
        level = float(np.exp(rng.uniform(np.log(0.05), np.log(50))))
        truth = draw(("filaments", "nuclei", "membranes")[seed % 3], level, rng)
        flagged += bool(find_flags(record(truth, noise, rng), truth, noise).flagged.any())
    assert flagged <= 4  # chance of more, at 1.2 expected: 1 in 130


@pytest.mark.parametrize("noise", [0, 1.6])
@pytest.mark.parametrize(("scene", "level"), [("nuclei", 2), ("nuclei", 30), ("filaments", 8)])
def test_a_filament_added_by_hand_is_flagged_at_its_place(scene, level, noise, rng):
    truth = draw(scene, level, rng)
    noisy = record(truth, noise, rng)
    line, place = filament()
    peak = 3 * np.sqrt(truth[place].mean() + noise**2)
    found = find_flags(noisy, truth + (peak * line).astype(np.float32), noise)
    assert np.mean(found.kind[place] == INVENTED) > 0.7
    assert found.invented >= 1
    assert not found.flagged[far(place)].any()
    assert "photons do not support" in found.verdict


@pytest.mark.parametrize("noise", [0, 1.6])
@pytest.mark.parametrize(("scene", "level"), [("nuclei", 2), ("nuclei", 30), ("filaments", 8)])
def test_a_filament_smoothed_away_is_flagged_at_its_place(scene, level, noise, rng):
    ground = draw(scene, level, rng)
    line, place = filament()
    peak = 5 * np.sqrt(ground[place].mean() + noise**2)
    truth = ground + (peak * line).astype(np.float32)
    noisy = record(truth, noise, rng)
    for left, least in ((0 * line, 0.75), (gaussian_filter(line, 3), 0.5)):
        found = find_flags(noisy, ground + (peak * left).astype(np.float32), noise)
        assert np.mean(found.kind[place] == OVER_SMOOTHED) > least
        assert found.over_smoothed >= 1
        assert not found.flagged[far(place)].any()
    assert "smoothed away" in found.verdict


def test_both_kinds_in_one_image_keep_their_names(rng):
    ground = np.full((SIZE, SIZE), 10, np.float32)
    line, place = filament()
    other, there = line.T[:, ::-1], place.T[:, ::-1]
    assert far(there)[place].mean() > 0.5  # they cross
    noisy = record(ground + 20 * line, 0, rng)
    found = find_flags(noisy, (ground + 20 * other).astype(np.float32))
    only, only_there = place & far(there), there & far(place)
    assert np.mean(found.kind[only] == OVER_SMOOTHED) > 0.9
    assert np.mean(found.kind[only_there] == INVENTED) > 0.9


def test_texture_made_up_within_windows_is_found(rng):
    truth = np.full((SIZE, SIZE), 20, np.float32)
    noisy = record(truth, 0, rng)
    texture = gaussian_filter(rng.standard_normal(truth.shape), 1.2)
    texture *= 2.5 / texture.std()
    inside = np.zeros(truth.shape, bool)
    inside[40:110, 40:110] = True
    found = find_flags(noisy, (truth + texture * inside).astype(np.float32))
    assert np.mean(found.kind[inside] == INVENTED) > 0.2
    assert not found.flagged[far(inside)].any()


def test_texture_smoothed_away_is_found(rng):
    checks = 8.0 * (-1) ** np.indices((SIZE, SIZE)).sum(axis=0)
    inside = np.zeros((SIZE, SIZE), bool)
    inside[40:110, 40:110] = True
    smooth = np.full((SIZE, SIZE), 20, np.float32)
    found = find_flags(record(smooth + checks * inside, 0, rng), smooth)
    assert np.mean(found.kind[inside] == OVER_SMOOTHED) > 0.8
    assert not found.flagged[far(inside)].any()


@pytest.mark.parametrize("level", [2, 20])
@pytest.mark.parametrize("scene", ["nuclei", "filaments"])
def test_good_denoising_is_not_flagged(scene, level):
    rng = np.random.default_rng(6)
    truth = draw(scene, level, rng)
    noisy = record(truth, 1.6, rng)
    clean = npd.denoise(noisy, npd.Calibration(1, 0, 1.6), npd.NonlocalMeans())
    assert find_flags(noisy, clean, 1.6).share < 0.002


def test_blurring_sharp_structure_in_bright_light_is_flagged(rng):
    truth = draw("filaments", 40, rng)
    noisy = record(truth, 1.6, rng)
    found = find_flags(noisy, gaussian_filter(noisy, 2), 1.6)
    assert np.mean(found.kind == OVER_SMOOTHED) > 0.2
    assert np.mean(found.kind == INVENTED) < 0.05


def test_a_hot_pixel_is_no_structure(rng):
    truth = draw("nuclei", 5, rng)
    noisy = record(truth, 1.6, rng)
    noisy[30, 40] += 200
    noisy[90, 20] += 60
    found = find_flags(noisy, truth, 1.6)
    assert found.hot_pixels == 2
    assert not found.flagged.any()


def test_a_small_bias_is_forgiven_and_a_large_one_is_not(rng):
    truth = draw("nuclei", 30, rng)
    noisy = record(truth, 0, rng)
    assert not find_flags(noisy, np.float32(1.02) * truth).flagged.any()
    assert find_flags(noisy, np.float32(0.8) * truth).share > 0.3


def test_planes_are_looked_at_one_by_one(rng):
    truth = np.stack([draw("nuclei", 8, rng) for _ in range(3)])
    noisy = record(truth, 1.6, rng)
    line, place = filament()
    wrong = truth.copy()
    wrong[1] += (20 * line).astype(np.float32)
    found = find_flags(noisy, wrong, np.full(truth.shape[1:], 1.6, np.float32))
    assert found.kind.shape == truth.shape
    assert found.kind.dtype == np.uint8
    assert found.kind[1][place].mean() > 1.5
    assert not found.flagged[[0, 2]].any()


def test_bad_input_is_refused():
    image = np.ones((40, 50), np.float32)
    with pytest.raises(npd.PhotonDenoiseError, match="must be equal"):
        find_flags(image, image.T)
    with pytest.raises(npd.PhotonDenoiseError, match="NaN"):
        find_flags(image, image * np.nan)
    with pytest.raises(npd.PhotonDenoiseError, match="0 or more"):
        find_flags(image, image, -1.0)
