from functools import partial

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, median_filter, uniform_filter
from scipy.stats import kendalltau

import napari_photon_denoise as npd
from napari_photon_denoise.evaluation.ranking import Comparison, rank_job
from napari_photon_denoise.job import Progress, run
from napari_photon_denoise.metrics.applicable import NotApplicable
from napari_photon_denoise.metrics.squared_error import mse
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.virtual import scenes

SHARE, FOLDS = 0.8, 5
METHODS = {
    "raw": lambda photons, read_noise: photons,
    "Gaussian 0.7": npd.Gaussian(sigma=0.7),
    "Gaussian 4": npd.Gaussian(sigma=4),
    "box 3": npd.Box(),
    "box 9": npd.Box(size=9),
    "median 5": npd.Median(size=5),
    "NLM": npd.NonlocalMeans(),
}


def photograph(scene, level, noise, size=160, seed=5):
    rng = np.random.default_rng(seed)
    truth = getattr(scenes, scene)((size, size), rng) * np.float32(level)
    counts = rng.poisson(truth) + noise * rng.standard_normal(truth.shape)
    calibration = npd.Calibration(0.5, 100, noise)
    data = (counts / 0.5 + 100).astype(np.float32)
    return truth, Photons(data, calibration, "YX")


def photograph_smooth(noise, seed, size=64):
    rng = np.random.default_rng(seed)
    truth = (14 + 100 * gaussian_filter(rng.normal(size=(size, size)), 4)).clip(1)
    data = rng.poisson(truth) + noise * rng.standard_normal(truth.shape)
    camera = npd.Calibration(1, 0, noise)
    return truth.astype(np.float32), Photons(data.astype(np.float32), camera, "YX")


@pytest.mark.parametrize("noise", [0.0, 1.6])
@pytest.mark.parametrize("scene", ["filaments", "nuclei", "membranes"])
def test_ranking_is_that_of_the_truth(scene, noise):
    truth, photons = photograph(scene, 8, noise)
    found = run(rank_job(photons, METHODS, folds=5))
    true = {}
    for name, method in METHODS.items():
        if callable(method):
            true[name] = mse(photons.read([slice(None)] * 2), truth)
        else:
            true[name] = mse(npd.denoise(photons.data, photons.calibration, method), truth)
    ranks = [found.ranking().index(name) for name in METHODS]
    tau = kendalltau([true[name] for name in METHODS], ranks).statistic
    assert tau >= 0.8
    assert set(found.ties()) & {min(true, key=true.get)}


def test_scores_and_differences_agree_over_folds():
    _, photons = photograph("nuclei", 5, 1.6, size=64)
    found = run(rank_job(photons, {k: METHODS[k] for k in ("raw", "box 3")}, folds=3))
    apart = found.difference("raw", "box 3")
    back = found.difference("box 3", "raw")
    assert apart.mse == pytest.approx(found.scores["raw"].mse - found.scores["box 3"].mse, rel=1e-5)
    assert back.mse == -apart.mse
    assert back.deviance_error == apart.deviance_error
    assert found.ranking("deviance") == ("box 3", "raw")
    assert found.ties() == ("box 3",)
    assert "box 3 comes nearest" in found.verdict()


def test_more_folds_are_surer():
    _, photons = photograph("nuclei", 5, 1.6, size=64)
    one, five = (run(rank_job(photons, {"box": npd.Box()}, folds=n)) for n in (1, 5))
    ratio = one.scores["box"].mse_error / five.scores["box"].mse_error
    assert ratio == pytest.approx(np.sqrt(5), rel=0.2)


@pytest.mark.parametrize("noise", [0.0, 1.6])
def test_errors_over_folds_are_those_of_many_images(noise):
    """Each fold is given what the others hold back: their errors could have been common."""
    blurs = {"narrow": 1.0, "wide": 2.0}
    z = {"narrow": [], "wide": [], "difference": []}
    for seed in range(100):
        truth, photons = photograph_smooth(noise, seed)
        true = dict.fromkeys(blurs, 0.0)

        def blurred(image, read_noise, name, truth=truth, true=true):
            clean = gaussian_filter(image, (0, blurs[name], blurs[name]))
            true[name] += mse(clean[0] / np.float32(SHARE), truth) / FOLDS
            return clean

        methods = {name: partial(blurred, name=name) for name in blurs}
        found = run(rank_job(photons, methods, folds=FOLDS, seed=seed))
        for name, score in found.scores.items():
            z[name].append((score.mse - true[name]) / score.mse_error)
        apart = found.difference("narrow", "wide")
        z["difference"].append((apart.mse - true["narrow"] + true["wide"]) / apart.mse_error)
    for values in z.values():
        assert np.mean(np.abs(values) < 2) >= 0.9
        assert 0.7 < np.std(values) < 1.25
        assert np.mean(values) == pytest.approx(0, abs=0.4)


def test_methods_that_an_image_cannot_tell_apart_are_called_equal():
    _, photons = photograph("nuclei", 5, 1.6, size=64)
    methods = {
        "first": lambda image, noise: gaussian_filter(image, (0, 1, 1)),
        "second": lambda image, noise: gaussian_filter(image, (0, 1, 1)),
    }
    found = run(rank_job(photons, methods))
    assert set(found.ties()) == {"first", "second"}
    assert "can't tell them apart" in found.verdict()


def test_a_denoiser_is_told_the_read_noise_of_the_photons_it_is_given():
    told = []

    def method(image, read_noise):
        told.append((image.shape, read_noise))
        return uniform_filter(image, (1, 3, 3))

    _, photons = photograph("nuclei", 5, 2.0, size=40)
    run(rank_job(photons, {"mine": method}, share=0.5))
    assert told[0][0] == (1, 40, 40)
    assert told[0][1] == pytest.approx(np.sqrt(0.5) * 2, rel=0.02)


def test_the_job_reports_progress_and_can_be_left():
    _, photons = photograph("nuclei", 5, 1.6, size=40)
    job = rank_job(photons, {"median": lambda image, noise: median_filter(image, (1, 3, 3))})
    first = next(job)
    assert isinstance(first, Progress)
    assert first.total == 1
    job.close()


def test_stacks_and_films_are_taken_frame_by_frame(rng):
    counts = rng.poisson(20, (2, 3, 40, 50)).astype(np.uint16) * 2 + 100
    photons = Photons(counts, npd.Calibration(0.5, 100), "TZYX")
    shapes = []

    def method(image, read_noise):
        shapes.append(image.shape)
        return image

    found = run(rank_job(photons, {"mine": method, "box": npd.Box(size_z=3)}))
    assert shapes == [(3, 40, 50)] * 2
    assert isinstance(found, Comparison)


def test_where_noise_is_shared_there_is_a_reason_instead():
    _, photons = photograph("nuclei", 5, 1.6, size=40)
    shared = npd.Calibration(0.5, 100, 1.6, length_x=0.8)
    found = run(rank_job(Photons(photons.data, shared, "YX"), METHODS))
    assert isinstance(found, NotApplicable)
    assert "share noise" in found.reason


def test_bad_methods_are_one_sentence():
    _, photons = photograph("nuclei", 5, 1.6, size=40)
    with pytest.raises(npd.PhotonDenoiseError, match="choose at least one"):
        run(rank_job(photons, {}))
    with pytest.raises(npd.PhotonDenoiseError, match="must be equal"):
        run(rank_job(photons, {"bad": lambda image, noise: image[0]}))
