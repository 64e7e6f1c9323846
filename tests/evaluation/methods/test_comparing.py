import csv
from dataclasses import replace
from io import StringIO
from itertools import combinations

import numpy as np
import pytest

import napari_photon_denoise as npd
from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.evaluation.figures import WITH_TRUTH
from napari_photon_denoise.evaluation.methods import (
    RAW,
    Candidate,
    RowProgress,
    compare_region_job,
    name_of,
)
from napari_photon_denoise.evaluation.methods.columns import best_names, columns, rows_as_csv
from napari_photon_denoise.evaluation.methods.job import NO_TRUTH, NOTHING_COMPUTED, UNKNOWN_METHOD
from napari_photon_denoise.evaluation.methods.verdict import find_verdict
from napari_photon_denoise.evaluation.ranking import Comparison, rank_job
from napari_photon_denoise.job import run
from napari_photon_denoise.metrics.distributions import ks_distance
from napari_photon_denoise.metrics.held_out import Difference, HeldOutScore
from napari_photon_denoise.metrics.squared_error import bias, mse, psnr
from napari_photon_denoise.metrics.structure import ssim
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.tiles import STEP

BLURS = {
    "narrow": npd.Gaussian(sigma=0.5),
    "right": npd.Gaussian(sigma=1.3),
    "wide": npd.Gaussian(sigma=6),
}
REGION = (slice(20, 60), slice(30, 95))


def everything(shape):
    return tuple(slice(0, size) for size in shape)


def candidates(methods):
    return [Candidate(name, method) for name, method in methods.items()]


@pytest.fixture
def truth():
    y, x = np.mgrid[:90, :120]
    return (30 + 20 * np.sin(x / 4) * np.cos(y / 5)).astype(np.float32)


@pytest.fixture
def photons(rng, camera, truth):
    counts = camera.offset + rng.normal(rng.poisson(truth), camera.read_noise) / camera.gain
    return Photons(counts.round().astype(np.uint16), camera, "YX")


class Watched:
    """Notes what is read of an array."""

    def __init__(self, data):
        self.data, self.shape, self.dtype = data, data.shape, data.dtype
        self.reads = []

    def __getitem__(self, index):
        self.reads.append(index)
        return self.data[index]


def test_rows_come_one_by_one_and_the_best_is_first(photons, truth):
    job = compare_region_job(photons, REGION, candidates(BLURS), truth=truth[REGION])
    arrived, steps = [], []
    while True:
        try:
            step = next(job)
        except StopIteration as end:
            result = end.value
            break
        steps.append((step.done, step.total))
        if isinstance(step, RowProgress):
            arrived.append(step.row.name)
    assert arrived == [RAW, *BLURS]
    assert steps == sorted(steps)
    assert steps[-1] == (4, 4)
    assert result.rows[0].name == "right"
    by_truth = sorted(result.rows, key=lambda row: row["mse"].value)
    assert [row.name for row in result.rows] == [row.name for row in by_truth]
    assert result.comparison.ties() == ("right",)
    assert result.verdict == (
        "right comes nearest to photons that no method has seen. Against the truth, right has "
        "the smallest error."
    )
    assert result.notes == ()
    for row in result.rows:
        score, true = row["held-out-mse"], row["mse"].value
        if row.name != RAW:  # at 80 % of the photons noise counts more, and raw is all noise
            assert abs(score.value - true) < 3 * score.error + 0.25 * true


def test_whole_image_in_one_fold_is_judged_as_in_the_metrics(photons):
    known = run(rank_job(photons, BLURS, folds=1))
    found = run(compare_region_job(photons, everything(photons.shape), candidates(BLURS), folds=1))
    for name in BLURS:
        assert found.comparison.scores[name] == known.scores[name]
    difference = found.comparison.difference("narrow", "wide")
    assert difference == known.difference("narrow", "wide")


def test_more_folds_are_means_with_smaller_errors(photons):
    whole = everything(photons.shape)
    folded = run(rank_job(photons, BLURS, folds=4))
    known = folded.scores["right"]
    found = run(compare_region_job(photons, whole, candidates(BLURS), folds=4))
    score = found.comparison.scores["right"]
    assert found.comparison.folds == 4
    assert score.mse == pytest.approx(known.mse)
    assert score.mse_error == pytest.approx(known.mse_error)
    assert score.deviance == pytest.approx(known.deviance)
    here, there = (one.difference("right", "wide") for one in (found.comparison, folded))
    assert here.mse_error == pytest.approx(there.mse_error)


@pytest.mark.parametrize(
    "method",
    [
        npd.Gaussian(sigma=1, sigma_z=1),
        npd.Median(size=5, size_z=3),
        npd.NonlocalMeans(patch=3, distance=3, patch_z=1, distance_z=1),
    ],
)
def test_region_comes_out_as_in_the_whole(rng, method):
    shape = (2, 7, 50, 60)
    camera = Calibration(
        gain=rng.uniform(0.4, 0.6, shape[-2:]),
        offset=rng.uniform(95, 105, shape[-2:]),
        read_noise=rng.uniform(1, 3, shape[-2:]),
    )
    counts = Watched(rng.poisson(20, shape).astype(np.uint16) + 100)
    region = (slice(1, 2), slice(3, 4), slice(12, 40), slice(0, 33))
    photons = Photons(counts, camera, "TZYX")
    result = run(compare_region_job(photons, region, [Candidate("it", method)], folds=1))
    whole = npd.denoise(counts.data, camera, method, axes="TZYX")
    row = next(row for row in result.rows if row.name == "it")
    # Running sums round otherwise where they begin elsewhere.
    np.testing.assert_allclose(row.clean, whole[region], rtol=1e-4)
    (read,) = counts.reads  # once, and no more than the method sees
    assert all(a.start >= max(0, b.start - 32) for a, b in zip(read, region, strict=True))
    assert read[0] == slice(1, 2)


class Pooling(npd.Gaussian):
    """A method whose blocks must begin at multiples of the step."""

    @property
    def halo(self):
        return (0, 2 * STEP[1], 2 * STEP[2])


def test_blocks_of_a_method_that_pools_begin_in_step(photons):
    counts = Watched(photons.data)
    watched = replace(photons, data=counts)
    run(compare_region_job(watched, REGION, [Candidate("it", Pooling())], folds=1))
    (read,) = counts.reads
    assert read == (slice(0, 90), slice(0, 120))
    assert read[0].start % STEP[1] == read[1].start % STEP[2] == 0


def test_truth_figures_are_those_of_the_metrics(photons, truth):
    here = truth[REGION]
    result = run(compare_region_job(photons, REGION, candidates(BLURS), truth=here))
    extent = float(here.max()) - float(here.min())
    assert result.truth_range == extent
    for row in result.rows:
        assert row["mse"].value == mse(row.clean, here)
        assert row["psnr"].value == psnr(row.clean, here, extent)
        assert row["ssim"].value == ssim(row.clean, here, extent)
        assert row["ks"].value == ks_distance(row.clean, here)
        assert row["bias"].value == bias(row.clean, here)


def test_small_regions_have_no_ssim_and_say_so(photons, truth):
    region = (slice(0, 8), slice(0, 40))
    result = run(compare_region_job(photons, region, candidates(BLURS), truth=truth[region]))
    assert "11×11 px" in result.rows[0]["ssim"].reason
    assert isinstance(result.rows[0]["mse"].value, float)


def test_correlated_noise_has_no_held_out_score(photons, truth):
    photons = replace(photons, calibration=replace(photons.calibration, length_y=0.8))
    result = run(compare_region_job(photons, REGION, candidates(BLURS)))
    for row in result.rows:
        assert row["held-out-mse"].value is None
        assert "share noise" in row["held-out-mse"].reason
        assert {row[figure.key].reason for figure in WITH_TRUTH} == {NO_TRUTH}
        assert row.clean is not None
    assert result.verdict.startswith("No ranking: Neighbouring pixels share noise")
    result = run(compare_region_job(photons, REGION, candidates(BLURS), truth=truth[REGION]))
    assert result.verdict == "Against the truth, right has the smallest error."
    assert result.rows[0].name == "right"


def test_camera_that_is_too_loud_is_in_the_verdict(rng):
    counts = 100 + 2 * (rng.poisson(4, (128, 128)) + 1.6 * rng.standard_normal((128, 128)))
    for noise, loud in ((1.6, False), (2.2, True)):
        photons = Photons(counts.astype(np.float32), Calibration(0.5, 100, noise), "YX")
        job = compare_region_job(photons, everything((128, 128)), candidates(BLURS))
        assert ("read noise seems too high" in run(job).verdict) == loud


NONE_BETTER = "No method is clearly better than the raw image here."


def test_it_is_said_when_no_method_is_better_than_the_raw_image(rng, camera):
    # Every pixel is bright and unlike its neighbours: there is nothing to be had from them.
    texture = rng.uniform(200, 2000, (90, 120))
    counts = camera.offset + rng.normal(rng.poisson(texture), camera.read_noise) / camera.gain
    photons = Photons(counts.round().astype(np.uint16), camera, "YX")
    one = {"right": BLURS["right"]}
    worse = run(compare_region_job(photons, REGION, candidates(one)))
    assert worse.verdict == f"Raw comes nearest to photons that no method has seen. {NONE_BETTER}"
    equal = [Candidate("same", lambda block, read_noise: block)]
    verdict = run(compare_region_job(photons, REGION, equal)).verdict
    assert "Raw and same come nearest" in verdict
    assert verdict.endswith(NONE_BETTER)


@pytest.mark.parametrize(("errors", "said"), [(1.9, True), (2.1, False)])
def test_better_than_the_raw_image_is_what_is_two_standard_errors_ahead(errors, said):
    scores = {
        name: HeldOutScore(mse, 0.1, 1.0, 0.1, 1.0, 0.1, 50.0)
        for name, mse in {RAW: 10.0, "good": 9.0, "as good": 9.0, "bad": 12.0}.items()
    }
    differences = {
        (one, other): Difference(scores[one].mse - scores[other].mse, 1 / errors, 0.0, 0.1)
        for one, other in combinations(scores, 2)
    }
    verdict = find_verdict((), Comparison(scores, differences, share=0.8, folds=1))
    equal = "good, as good and Raw" if said else "good and as good"
    assert verdict.startswith(f"{equal} come nearest")
    assert (NONE_BETTER in verdict) == said


def test_finished_images_are_judged_where_their_method_is_known(photons):
    image = npd.denoise(photons.data, photons.calibration, BLURS["right"])[REGION]
    both = [
        Candidate("strange", finished=image),
        Candidate("known", BLURS["right"], image),
        Candidate("run", BLURS["right"]),
    ]
    result = run(compare_region_job(photons, REGION, both))
    rows = {row.name: row for row in result.rows}
    assert rows["strange"]["held-out-mse"].reason == UNKNOWN_METHOD
    for key in ("held-out-mse", "held-out-deviance", "held-out-support"):
        assert rows["known"][key] == rows["run"][key]
    assert rows["known"]["seconds"].reason == NOTHING_COMPUTED
    assert rows["run"]["seconds"].value > 0
    assert rows["strange"].clean is image
    np.testing.assert_allclose(rows["run"].clean, image, rtol=1e-5)
    assert result.rows[-1].name == "strange"
    alone = run(compare_region_job(photons, REGION, both[:1]))
    assert alone.verdict == (
        "No ranking: none of the finished images can be run again on fewer photons."
    )


def test_methods_that_fail_say_why_and_the_others_go_on(photons):
    def broken(block, read_noise):
        raise PhotonDenoiseError("This needs a larger image.")

    several = [Candidate("broken", broken), *candidates(BLURS)]
    several.append(Candidate("no model", npd.Resunet(model="nowhere.safetensors")))
    result = run(compare_region_job(photons, REGION, several))
    rows = {row.name: row for row in result.rows}
    assert rows["broken"].clean is None
    assert rows["broken"]["held-out-mse"].reason == "This needs a larger image."
    assert rows["no model"].clean is None
    assert {row.name for row in result.rows[-2:]} == {"broken", "no model"}
    assert result.rows[0].name == "right"


def test_exposure_of_the_truth_is_noticed(photons, truth):
    job = compare_region_job(photons, REGION, candidates(BLURS), truth=4 * truth[REGION])
    (note,) = run(job).notes
    assert "times the photons of the raw image" in note
    assert "4.0" in note or "4 " in note or "3.9" in note


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"candidates": []}, "nothing to compare"),
        ({"candidates": [Candidate("a", BLURS["right"])] * 2}, "are named 'a'"),
        ({"candidates": [Candidate(RAW, BLURS["right"])]}, "are named 'Raw'"),
        ({"candidates": [Candidate("a")]}, "needs a method"),
        ({"candidates": [Candidate("a", finished=np.ones((3, 4)))]}, "'a' has the shape"),
        ({"truth": np.ones((3, 4), np.float32)}, "'truth' has the shape"),
        ({"truth": np.full((40, 65), np.nan, np.float32)}, "NaN"),
        ({"region": (slice(60, 100), slice(0, 10))}, "does not lie within"),
        ({"region": (slice(0, 10),)}, "does not lie within"),
    ],
)
def test_bad_input_is_one_sentence(photons, change, sentence):
    wanted = {"region": REGION, "candidates": candidates(BLURS), "truth": None} | change
    with pytest.raises(PhotonDenoiseError, match=sentence):
        run(
            compare_region_job(
                photons, wanted["region"], wanted["candidates"], truth=wanted["truth"]
            )
        )


def test_nan_in_the_raw_image_is_refused(photons):
    data = photons.data.astype(np.float32)
    data[30, 40] = np.nan
    with pytest.raises(PhotonDenoiseError, match="NaN"):
        run(compare_region_job(replace(photons, data=data), REGION, candidates(BLURS)))


def test_cancelled_jobs_let_go(photons):
    open_jobs = []

    class Slow(npd.Gaussian):
        def prepare(self, photons, device):
            open_jobs.append(self)
            try:
                yield from super().prepare(photons, device)
                yield from (npd.pipeline.Progress("Training", step, 9) for step in range(9))
            finally:
                open_jobs.remove(self)

    job = compare_region_job(photons, REGION, [Candidate("slow", Slow())])
    while not open_jobs:
        next(job)
    job.close()
    assert not open_jobs


def test_columns_as_text_and_csv(photons, truth):
    finished = Candidate("strange", finished=truth[REGION])
    job = compare_region_job(photons, REGION, [*candidates(BLURS), finished], truth=truth[REGION])
    result = run(job)
    figures = {figure.title: figure for figure in columns(with_truth=True)}
    rows = {row.name: row for row in result.rows}
    score = result.comparison.scores["right"]
    assert figures["Held-out MSE"].header == "Held-out MSE (e-²)"
    text, _, error = rows["wide"]["held-out-mse"].text.partition(" ± ")
    wide = result.comparison.scores["wide"]
    assert float(text) == pytest.approx(wide.mse, abs=0.06 * wide.mse_error)
    assert float(error) == pytest.approx(wide.mse_error, rel=0.06)
    assert score.mse < 0  # by chance, which no error can be
    less, _, highest = rows["right"]["held-out-mse"].text.partition(" ")
    assert (less, float(highest)) == ("<", pytest.approx(score.mse + 2 * score.mse_error, rel=0.05))
    assert rows["right"]["behind-best"].text == "0"
    behind = result.comparison.difference("wide", "right")
    assert rows["wide"]["behind-best"].value == behind.mse
    assert rows["wide"]["behind-best"].error == behind.mse_error
    assert rows["strange"]["behind-best"].reason == UNKNOWN_METHOD
    assert figures["SSIM"].header == "SSIM"
    assert rows["strange"]["seconds"].text == "n/a"
    assert rows["strange"]["psnr"].text == "n/a"  # infinite
    assert best_names(figures["Held-out MSE"], result.rows) == {"right"}
    assert best_names(figures["Bias"], result.rows) == {"strange"}
    assert best_names(figures["Time"], result.rows) == frozenset()
    read = list(csv.DictReader(StringIO(rows_as_csv(result.rows, with_truth=True))))
    assert [line["Method"] for line in read] == [row.name for row in result.rows]
    assert float(read[0]["Held-out MSE (e-²)"]) == score.mse
    assert float(read[0]["Held-out MSE standard error (e-²)"]) == score.mse_error
    strange = next(line for line in read if line["Method"] == "strange")
    assert strange["Held-out MSE (e-²)"] == ""
    assert UNKNOWN_METHOD in strange["Notes"]
    short = rows_as_csv(result.rows, with_truth=False)
    assert "PSNR" not in short
    assert "Supported (%)" in short


def test_names_tell_what_differs_from_the_defaults():
    assert name_of(npd.Gaussian()) == "Gaussian"
    assert name_of(npd.Gaussian(sigma=2.5, sigma_z=1)) == "Gaussian, sigma 2.5 px, sigma z 1 plane"
    assert name_of(npd.Resunet(model="mine/cells.safetensors")).startswith("RESUNET, model cells")
    assert name_of(npd.Resunet(flips=True)) == "RESUNET, flips on"
