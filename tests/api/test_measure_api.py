import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

import napari_photon_denoise as npd
from napari_photon_denoise.evaluation.figures import HELD_OUT, OF_EVIDENCE, RESOLUTION
from napari_photon_denoise.evaluation.image.job import MeasurementTask, measure_job
from napari_photon_denoise.io import write_image
from napari_photon_denoise.job import Progress
from napari_photon_denoise.metrics.applicable import NotApplicable
from napari_photon_denoise.metrics.squared_error import mse, psnr
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.recipe import CalibrationRecord, Recipe
from napari_photon_denoise.virtual import scenes
from napari_photon_denoise.virtual.simulate import VirtualCamera

CAMERA = npd.Calibration(0.5, 100, 1.6)
METHOD = npd.NonlocalMeans()
METRICS = (
    "mse", "psnr", "si-psnr", "nrmse", "ssim", "snr", "kl", "kl-backward", "kl-symmetric", "ks",
    "held-out-mse", "held-out-deviance", "resolution",
)  # fmt: skip


@pytest.fixture
def truth(rng):
    return scenes.nuclei((128, 128), rng) * np.float32(8)


@pytest.fixture
def raw(truth, rng):
    return VirtualCamera(CAMERA).expose(truth, rng)


@pytest.fixture
def clean(raw):
    return npd.denoise(raw, CAMERA, METHOD)


def test_a_report_says_all_that_was_measured(clean, raw, truth):
    report = npd.measure(clean, raw, CAMERA, truth)
    for name in ("figures", "evidence", "held_out", "resolution", "camera", "plane", "image"):
        assert getattr(report, name) is getattr(report.measured, name)
    assert (report.recipe, report.method, report.notes) == ({}, "", ())


def test_a_finished_image_alone(clean, raw):
    report = npd.measure(clean, raw, CAMERA)
    assert "psnr" not in report
    assert report["residual-variance"].value == pytest.approx(0.9, abs=0.15)
    assert report["over-smoothed"].value == 0
    assert report["invented"].value == 0
    assert report["inconsistent-regions"].value == 0
    assert abs(report["photons-gained"].value) < 4 * report["photons-gained"].error
    for key in ("held-out-mse", "resolution"):
        assert not report[key].applies
        assert report[key].value is None
        assert "give the method" in report[key].reason
    assert report["resolution"].before > 2
    assert report.verdict.startswith("What was removed is noise")


def test_with_truth_and_method(clean, raw, truth):
    report = npd.measure(clean, raw, CAMERA, truth, method="non-local-means")
    photons = CAMERA.to_photons(raw)
    extent = float(np.ptp(truth))
    assert report["mse"].value == pytest.approx(mse(clean, truth))
    assert report["mse"].before == pytest.approx(mse(photons, truth))
    assert report["mse"].improvement == report["mse"].before / report["mse"].value > 1
    gain = psnr(clean, truth, extent) - psnr(photons, truth, extent)
    assert report["psnr"].improvement == pytest.approx(gain)
    assert report["bias"].improvement is None
    assert report["held-out-deviance"].value < report["held-out-deviance"].before
    assert report["resolution"].value < report["resolution"].before
    assert [one.key for one in report.figures if not one.applies] == ["signal-improvement"]
    assert "photon-denoise study" in report["signal-improvement"].reason
    assert f"{extent:.4g} e-" in report["psnr"].says
    for key in METRICS:
        assert report[key].improvement is not None
        assert report[key].gain
    assert report.method == "non-local-means"
    for words in ("the PSNR rose by", "photons held back"):
        assert words in report.verdict


def test_a_longer_noisy_exposure_is_scaled_and_its_noise_taken_off(clean, raw, truth, rng):
    longer = rng.poisson(truth * 4).astype(np.float32)
    report = npd.measure(clean, raw, CAMERA, longer, truth_exposure=4)
    exact = npd.measure(clean, raw, CAMERA, truth)
    behind, error = report["mse-behind-noise"], exact["mse"]
    assert report["mse"].value > 1.2 * error.value
    assert behind.value == pytest.approx(error.value, abs=0.15 * float(truth.mean()) / 4)
    assert behind.improvement == pytest.approx(error.improvement, rel=0.5)
    assert "mse-behind-noise" not in exact


def test_an_exposure_that_cannot_be_is_refused(clean, raw, truth):
    with pytest.raises(npd.PhotonDenoiseError, match="Exposures must be above 0"):
        npd.measure(clean, raw, CAMERA, truth, truth_exposure=0)


def test_what_is_wrong_is_said(raw, truth):
    blurred = gaussian_filter(truth, 4)
    verdict = npd.measure(blurred, raw, CAMERA, truth).verdict
    assert "smoothed away" in verdict
    assert "the variance of noise: structure was removed" in verdict
    noisy = npd.measure(CAMERA.to_photons(raw), raw, CAMERA).verdict
    assert "much of the noise is still in the image" in noisy


def test_a_camera_that_is_too_loud_is_said_instead_of_praise(rng):
    truth = np.full((128, 128), 4, np.float32)
    raw, method = VirtualCamera(CAMERA).expose(truth, rng), npd.Gaussian(sigma=6)
    loud = npd.Calibration(0.5, 100, 2.0)
    report = npd.measure(npd.denoise(raw, loud, method), raw, loud, method=method)
    assert report["held-out-mse"].value < 0
    assert "read noise seems too high" in report.verdict
    assert "read noise seems too high" in report["held-out-psnr"].reason
    report = npd.measure(npd.denoise(raw, CAMERA, method), raw, CAMERA, method=method)
    assert "read noise seems" not in report.verdict


def test_the_table_is_plain_values(clean, raw, truth):
    report = npd.measure(truth, raw, CAMERA, truth)
    plain = json.loads(json.dumps(report.as_dict(), allow_nan=False))
    figures = {line["metric"]: line for line in plain["figures"]}
    assert figures["psnr"]["value"] is None  # infinite, which JSON does not know
    assert figures["mse"]["value"] == 0
    assert figures["mse"]["unit"] == "e-²"
    assert figures["held-out-mse"]["reason"]
    lines = list(csv.DictReader(report.as_csv().splitlines()))
    assert [line["metric"] for line in lines] == [figure.key for figure in report.figures]
    with pytest.raises(KeyError):
        report["no such figure"]


@pytest.mark.parametrize(
    "camera", [npd.Calibration(0.5, 100, 1.6, length_x=0.8), npd.Calibration(0.1, 100, 0.3)]
)
def test_where_noise_is_not_what_the_camera_says_there_is_a_reason(clean, raw, truth, camera):
    report = npd.measure(clean, raw, camera, truth, method=METHOD)
    assert report["psnr"].applies
    for figure in report.figures:
        if figure.before is None:
            assert not figure.applies
            assert figure.reason
    assert isinstance(report.evidence, NotApplicable)
    assert report.verdict.startswith("Without a truth nothing can be said.")


def obstructed(what, raw):
    """A raw image, or a camera, of which no figure without a truth may be given."""
    if what == "correlated":
        return raw, npd.Calibration(0.5, 100, 1.6, length_y=0.8)
    if what == "uncalibrated":
        return raw, npd.Calibration(0.5, 100, 1.6, gain_sd=0.2, source="estimated")
    return gaussian_filter(raw.astype(np.float32), 0.8), CAMERA


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("correlated", "Neighbouring pixels share noise"),
        ("uncalibrated", "The gain was only estimated"),
        ("processed", "smoothed, averaged, compressed or denoised"),
    ],
)
def test_every_figure_without_a_truth_says_so_instead(clean, raw, what, sentence):
    counts, camera = obstructed(what, raw)
    report = npd.measure(clean, counts, camera, method=METHOD)
    wanted = [figure.key for figure in (*OF_EVIDENCE, *HELD_OUT, *RESOLUTION)]
    assert [figure.key for figure in report.figures] == wanted
    for figure in report.figures:
        assert figure.value is None
        assert figure.before is None
        assert sentence in figure.reason
    assert report.regions() == []
    assert sentence in report.verdict


def test_regions_are_in_the_figures_as_json(truth, raw):
    wrong = truth.copy()
    wrong[:64, 64:] *= 1.5
    report = npd.measure(wrong, raw, CAMERA)
    regions = json.loads(json.dumps(report.as_dict(), allow_nan=False))["regions"]
    assert [(one["y"], one["x"]) for one in regions] == [
        ([0, 64], [0, 64]), ([0, 64], [64, 128]), ([64, 128], [0, 64]), ([64, 128], [64, 128]),
    ]  # fmt: skip
    assert [one["inconsistent"] for one in regions] == [False, True, False, False]
    assert [one["unbalanced"] for one in regions] == [False, True, False, False]
    assert report["unbalanced-regions"].value == 1
    bad, good = regions[1], regions[0]
    assert bad["photons_gained"] > 10 * bad["photons_error"]
    assert bad["photons_denoised"] == pytest.approx(wrong[:64, 64:].sum(), rel=1e-5)
    assert good["residual_variance"] == pytest.approx(1, abs=4 * good["residual_variance_error"])
    assert abs(good["correlation_x"]) < 4 * good["correlation_x_error"]
    page = report.as_html()
    assert "Region by region" in page
    assert page.count("photons are not conserved") == 1


def test_a_truth_of_another_exposure_is_noticed(clean, raw, truth):
    (note,) = npd.measure(clean, raw, CAMERA, 4 * truth).notes
    assert "times the photons of the raw image" in note
    assert npd.measure(clean, raw, CAMERA, truth).notes == ()


def test_without_a_camera_it_is_estimated_and_said(truth, rng):
    large = scenes.filaments((256, 256), rng) * np.float32(20)
    raw = VirtualCamera(CAMERA).expose(large, rng)
    with pytest.warns(npd.PhotonDenoiseWarning, match="No camera was given"):
        report = npd.measure(CAMERA.to_photons(raw), raw)
    assert any("estimated" in note for note in report.notes)


def test_an_image_that_hides_its_noise_has_no_figures_of_noise(raw):
    clean = np.full((128, 128), 4, np.float32)
    report = npd.measure(clean, np.full((128, 128), 130, np.uint16), truth=CAMERA.to_photons(raw))
    assert report["mse"].applies
    assert report["mse"].before is None
    assert "The camera is not known" in report["residual-variance"].reason


def test_whole_numbers_are_counts_unless_told(clean, raw):
    counts = np.rint(CAMERA.to_counts(clean)).astype(np.uint16)
    in_counts = npd.measure(counts, raw, CAMERA)
    in_photons = npd.measure(clean, raw, CAMERA)
    key = "residual-variance"
    assert in_counts[key].value == pytest.approx(in_photons[key].value, abs=0.02)
    as_counts = npd.measure(counts.astype(np.float32), raw, CAMERA, units="counts")
    assert as_counts[key].value == in_counts[key].value


def test_files_bring_their_recipe(tmp_path, clean, raw):
    source, target = tmp_path / "raw.ome.tif", tmp_path / "clean.ome.tif"
    write_image(source, raw, "YX", pixel_size={"Y": 0.1, "X": 0.1})
    recipe = Recipe(calibration=CalibrationRecord.of(CAMERA), denoiser=METHOD, axes="YX")
    write_image(target, clean, "YX", recipe=recipe.as_dict())
    report = npd.measure(target, source)
    assert report["held-out-mse"].applies
    assert report["resolution-um"].value == pytest.approx(0.1 * report["resolution"].value)
    assert "0.5 e-/ADU" in report.camera


def test_stacks_are_measured_plane_by_plane(truth, raw, clean, rng):
    truths = np.stack([truth, truth[::-1]])
    raws = np.stack([raw, VirtualCamera(CAMERA).expose(truths[1], rng)])
    cleans = npd.denoise(raws, CAMERA, METHOD, axes="TYX")
    report = npd.measure(cleans, raws, CAMERA, truths, method=METHOD, axes="TYX")
    assert report.evidence.flags.kind.shape == raws.shape
    assert report["ssim"].applies
    signal = report["signal-improvement"]
    assert signal.value > 1
    assert "95 % confidence interval" in signal.says
    assert report.regions()[-1]["plane"] == [1]
    assert ">1</td>" in report.as_html()


def test_small_images_say_what_they_are_too_small_for(raw, clean, truth):
    peak = np.unravel_index(np.argmax(truth[10:-10, 10:-10]), (108, 108))
    part = tuple(slice(at + 5, at + 15) for at in peak)
    report = npd.measure(clean[part], raw[part], CAMERA, truth[part], method=METHOD)
    assert "11×11" in report["ssim"].reason
    assert "32×32" in report["resolution"].reason
    assert report["psnr"].applies


def test_the_job_tells_its_progress(clean, raw):
    job = measure_job(MeasurementTask(clean, Photons(raw, CAMERA, "YX"), method=METHOD))
    steps = list(job)
    assert all(isinstance(step, Progress) for step in steps)
    assert {"Reading the photons", "Halving the photons"} <= {step.text for step in steps}


@pytest.mark.parametrize("level", [0, 20])
def test_a_constant_truth_leaves_out_what_needs_a_range(tmp_path, clean, raw, truth, level):
    report = npd.measure(clean, raw, CAMERA, np.full_like(truth, level))
    for key in ("psnr", "si-psnr", "nrmse", "ssim"):
        assert (report[key].value, report[key].text) == (None, "n/a")
        assert "no range" in report[key].reason
    assert report["mse"].value == pytest.approx(np.mean((clean - level) ** 2), rel=1e-5)
    assert report["snr"].applies == (level > 0)
    page = report.save_report(tmp_path / "it.html").read_text(encoding="utf-8")
    assert "no range to measure against" in page


def test_relative_photons_are_compared_up_to_their_scale(clean, raw, truth):
    camera = replace(CAMERA, source="estimated", relative=True)
    report = npd.measure(clean, raw, camera, truth)
    known = npd.measure(clean, raw, CAMERA, truth)
    for key in ("mse", "psnr", "bias", "ks", "residual-variance", "held-out-mse"):
        assert "not how many photons it holds" in report[key].reason
    for key in ("si-psnr", "nrmse"):
        assert report[key].value == pytest.approx(known[key].value)
    counts = np.rint(truth / CAMERA.gain + CAMERA.offset).astype(np.uint16)
    assert npd.measure(clean, raw, camera, counts)["mse"].applies  # of the same scale


def test_a_constant_raw_image_and_truth_are_measured(raw, truth):
    even = np.full_like(raw, 140)
    clean = npd.denoise(even, CAMERA, "gaussian")
    report = npd.measure(clean, even, CAMERA, np.full_like(truth, 20), method="gaussian")
    assert report["mse"].applies
    assert "constant" in report["held-out-mse"].reason


def test_bad_input_is_one_sentence(clean, raw, truth):
    with pytest.raises(npd.PhotonDenoiseError, match="crop them alike"):
        npd.measure(clean[:50], raw, CAMERA)
    with pytest.raises(npd.PhotonDenoiseError, match=r"truth \(50, 128\)"):
        npd.measure(clean, raw, CAMERA, truth[:50])
    with pytest.raises(npd.PhotonDenoiseError, match="denoised image holds NaN"):
        npd.measure(clean * np.nan, raw, CAMERA)
    with pytest.raises(npd.PhotonDenoiseError, match="no method 'magic'"):
        npd.measure(clean, raw, CAMERA, method="magic")
    with pytest.raises(npd.PhotonDenoiseError, match="does not exist"):
        npd.measure("nowhere.tif", raw, CAMERA)
    for colour in (np.zeros((128, 128, 3), np.uint8), np.ones((128, 128, 3), np.float32)):
        with pytest.raises(npd.PhotonDenoiseError, match="looks like RGB colour"):
            npd.measure(colour, raw, CAMERA)
        with pytest.raises(npd.PhotonDenoiseError, match="looks like RGB colour"):
            npd.measure(colour, colour, CAMERA)
        with pytest.raises(npd.PhotonDenoiseError, match="looks like RGB colour"):
            npd.compare(colour, CAMERA, ["gaussian"])
    with pytest.raises(npd.PhotonDenoiseError, match="NaN"):
        npd.measure(clean, np.full(raw.shape, np.nan, np.float32), CAMERA)
    with pytest.raises(npd.PhotonDenoiseError, match="truth holds NaN"):
        npd.measure(clean, raw, CAMERA, truth * np.nan)
    with pytest.raises(npd.PhotonDenoiseError, match="boolean"):
        npd.measure(clean > 3, raw, CAMERA)
    with pytest.raises(
        npd.PhotonDenoiseError,
        match=r"only its camera makes photons of them\. The camera is not known",
    ):
        npd.measure(raw, np.full(raw.shape, 130, np.uint16))
