import csv
import json
import os
import subprocess
import sys
from dataclasses import replace
from html import escape

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

import napari_photon_denoise as npd
from napari_photon_denoise.errors import DenoisedAlready, OutputExists, PhotonDenoiseError
from napari_photon_denoise.evaluation.methods import RAW
from napari_photon_denoise.evaluation.methods.columns import columns
from napari_photon_denoise.evaluation.plane import Plane
from napari_photon_denoise.io import write_image
from napari_photon_denoise.metrics.flags import OVER_SMOOTHED, Flags, find_flags
from napari_photon_denoise.recipe import parse_recipe
from napari_photon_denoise.reports.denoised import panels
from napari_photon_denoise.reports.denoised.pictures import draw_consistency
from napari_photon_denoise.reports.denoised.profiles import find_line
from napari_photon_denoise.virtual import scenes
from napari_photon_denoise.virtual.simulate import VirtualCamera
from pages import check_page

CAMERA = npd.Calibration(0.5, 100, 1.6)
BLURS = [npd.Gaussian(sigma=1.3), npd.Gaussian(sigma=6.0)]
RIGHT, WIDE = "Gaussian, sigma 1.3 px", "Gaussian, sigma 6 px"
SIZE = {"Y": 0.1, "X": 0.1}


@pytest.fixture(scope="module")
def truth():
    return scenes.nuclei((96, 120), np.random.default_rng(3)) * np.float32(8)


@pytest.fixture(scope="module")
def raw(truth):
    return VirtualCamera(CAMERA).expose(truth, np.random.default_rng(4))


@pytest.fixture(scope="module")
def report(raw, truth):
    return npd.compare(raw, CAMERA, BLURS, truth)


@pytest.fixture(scope="module")
def page(report):
    return report.as_html()


def test_it_is_looped_over_and_printed(report):
    assert [row.name for row in report] == [row.name for row in report.rows]
    assert len(report) == 3
    assert report[RIGHT] is report.rows[0]
    with pytest.raises(KeyError):
        report["Median"]
    head, *lines, verdict = str(report).splitlines()
    assert "PSNR (dB)" in head
    assert [line.split("  ")[0] for line in lines] == [row.name for row in report]
    psnrs = [line[: head.index("(dB)") + 4].split()[-1] for line in lines]
    assert psnrs == [row["psnr"].text for row in report]
    assert verdict == report.verdict
    assert repr(report) == str(report)


def test_a_constant_truth_leaves_out_what_needs_a_range(raw, truth, tmp_path):
    even = np.full_like(truth, 20)
    report = npd.compare(raw, CAMERA, BLURS, even)
    for row in report:
        assert (row["psnr"].text, row["ssim"].text) == ("n/a", "n/a")
        assert "constant truth" in row["psnr"].reason
        assert row["mse"].applies
    page = report.save_report(tmp_path / "it.html").read_text(encoding="utf-8")
    assert "range of the truth in the region" not in page


def test_relative_photons_are_compared_up_to_their_scale(raw, truth):
    camera = replace(CAMERA, source="estimated", relative=True)
    report = npd.compare(raw, camera, BLURS, truth)
    assert report.rows[0].name == RIGHT
    assert "not how many photons" in report[RIGHT]["mse"].reason
    assert report[RIGHT]["nrmse"].value < report[RAW]["nrmse"].value
    assert report.verdict == (
        f"Against the truth, {RIGHT} has the smallest error after the best scale and offset."
    )


def test_a_constant_region_has_no_ranking_but_errors(raw, truth):
    even = np.full_like(raw, 140)
    report = npd.compare(even, CAMERA, BLURS, truth)
    assert all(row["mse"].applies for row in report)
    assert "constant" in report[RAW]["held-out-mse"].reason
    assert "smallest error" in report.verdict


def test_without_a_camera_a_refusal_says_so(raw):
    with pytest.raises(PhotonDenoiseError, match=r"^The camera is not known\. "):
        npd.compare(np.full_like(raw, 140), None, BLURS)


def test_a_result_is_no_raw_image(raw, tmp_path):
    done = write_image(tmp_path / "done.ome.tif", raw, "YX", recipe={"denoiser": {}})
    with pytest.raises(DenoisedAlready, match="is a result of this program"):
        npd.compare(done, CAMERA, BLURS)
    assert len(npd.compare(done, CAMERA, BLURS, allow_results=True)) == 3


def test_rows_are_ranked_and_named(report):
    assert {row.name for row in report.rows} == {RAW, RIGHT, WIDE}
    assert report.rows[0].name == RIGHT
    assert RIGHT in report.verdict
    assert report.place == "the whole image"


def test_pixels_are_those_of_the_verb_that_denoises(report, raw):
    np.testing.assert_allclose(
        report.plane.denoised[WIDE], npd.denoise(raw, CAMERA, BLURS[1]), rtol=1e-5
    )


def test_page_needs_nothing_else_and_holds_every_figure(report, page):
    text = check_page(page)
    for figure in columns(with_truth=True):
        assert figure.header in text
        for row in report.rows:
            assert f">{escape(row[figure.key].text)}</td>" in page
            assert row[figure.key].reason in text
    for row in report.rows:
        assert row.name in text
    assert report.verdict in text
    for title in ("Images", "Line profile", "Histograms", "only noise", "Recipe"):
        assert title in page


def test_page_shows_pictures_and_places(report, page, raw):
    # Raw, two methods, truth; the z-maps of the two; and a colour bar beside either.
    assert page.count("data:image/png") >= 6
    # Words of a picture are outlines, and stand beside them as comments.
    for words in ("detected photons (e-)", "noise (SD)", "Raw ± its noise (1 SD)", "KS 0."):
        assert words in page
    assert "distance (px)" in page  # of an array nobody knows the pixel size
    flags = find_flags(report.plane.raw, report.plane.denoised[WIDE], 1.6)
    assert flags.verdict in page
    assert flags.over_smoothed > 0


def test_csv_and_json_hold_the_figures_of_the_table(report, tmp_path):
    table, figures = report.save_csv(tmp_path / "t.csv"), report.save_json(tmp_path / "t.json")
    lines = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    found = json.loads(figures.read_text(encoding="utf-8"))
    assert found == json.loads(json.dumps(report.as_dict()))
    for row, line, plain in zip(report.rows, lines, found["rows"], strict=True):
        assert line["Method"] == plain["name"] == row.name
        held_out = row["held-out-mse"]
        assert float(line["Held-out MSE (e-²)"]) == pytest.approx(held_out.value)
        values = {figure["figure"]: figure for figure in plain["figures"]}
        assert values["Held-out MSE"]["value"] == pytest.approx(held_out.value)
        assert values["Held-out MSE"]["error"] == pytest.approx(held_out.error)
        assert values["PSNR"]["value"] == pytest.approx(row["psnr"].value)
        assert values["Time"]["reason"] == row["seconds"].reason


def test_every_metric_and_its_improvement_is_in_page_csv_and_json(report, raw, truth):
    lines = list(csv.DictReader(report.as_csv().splitlines()))
    rows = {row.name: (row, line) for row, line in zip(report.rows, lines, strict=True)}
    page = report.as_html()
    row, line = rows[RIGHT]
    single = npd.measure(row.clean, raw, CAMERA, truth)
    pairs = {
        "MSE": "mse", "PSNR": "psnr", "SI-PSNR": "si-psnr", "NRMSE": "nrmse", "SSIM": "ssim",
        "SNR": "snr", "KL": "kl", "KL backward": "kl-backward", "KL both": "kl-symmetric",
        "KS": "ks",
    }  # fmt: skip
    plain = next(one for one in report.as_dict()["rows"] if one["name"] == RIGHT)
    figures = {one["figure"]: one for one in plain["figures"]}
    for title, key in pairs.items():
        figure = single[key]
        unit = "dB" if figure.unit == "dB" else "times"
        assert figures[title]["value"] == pytest.approx(figure.value)
        assert figures[title]["improvement"] == pytest.approx(figure.improvement)
        assert float(line[f"{title} improvement ({unit})"]) == pytest.approx(figure.improvement)
        assert (f"{title} + (dB)" if unit == "dB" else f"{title} ×") in page
    best, before = (one["held-out-mse"].value for one in (row, rows[RAW][0]))
    assert figures["Held-out MSE"]["improvement"] == pytest.approx(before / best)
    assert figures["Bias"]["improvement"] is None
    assert float(rows[RAW][1]["MSE improvement (times)"]) == 1


def test_a_longer_noisy_truth_is_scaled_and_its_noise_taken_off(report, raw, truth):
    longer = np.random.default_rng(5).poisson(4 * truth).astype(np.float32)
    found = npd.compare(raw, CAMERA, BLURS, longer, truth_exposure=4)
    exact = {row.name: row["mse"].value for row in report.rows}
    for row in found.rows:
        assert row["mse"].value > 1.05 * exact[row.name]
        assert row["mse-behind-noise"].value == pytest.approx(exact[row.name], rel=0.1)
    assert not found.compared.notes
    assert "taken as exact" in report.rows[0]["mse-behind-noise"].reason
    with pytest.raises(PhotonDenoiseError, match="Exposures must be above 0"):
        npd.compare(raw, CAMERA, BLURS, longer, truth_exposure=0)


@pytest.mark.parametrize("what", ["correlated", "uncalibrated", "processed"])
def test_where_noise_is_another_no_column_without_a_truth_has_a_number(raw, what):
    counts, camera = raw, CAMERA
    if what == "correlated":
        camera = replace(CAMERA, length_y=0.8)
    elif what == "uncalibrated":
        camera = replace(CAMERA, gain_sd=0.2, source="estimated")
    else:
        counts = gaussian_filter(raw.astype(np.float32), 0.8)
    found = npd.compare(counts, camera, BLURS[:1])
    assert found.verdict.startswith("No ranking: ")
    for row in found.rows:
        for figure in columns(with_truth=False):
            if figure.title != "Time":
                assert row[figure.key].value is None
                assert row[figure.key].reason
                assert row[figure.key].reason in found.verdict


def test_recipes_repeat_the_methods(report):
    made = parse_recipe(report.as_dict()["recipes"][WIDE], "it")
    assert made.denoiser == BLURS[1]
    assert made.calibration.restore().digest == CAMERA.digest


def test_shared_noise_is_said_in_words_and_pictures_are_still_there(raw):
    camera = npd.Calibration(0.5, 100, 1.6, length_y=0.8, length_x=0.8)
    report = npd.compare(raw, camera, ["median"])
    text = check_page(report.as_html())
    reason = report.rows[0]["held-out-mse"].reason
    assert "share noise" in reason
    assert text.count(reason) >= 2
    assert "This can't be said here." in text
    assert "Not ranked." in text
    assert "n/a" in text
    assert "MSE (e-²)" not in text.replace("Held-out MSE (e-²)", "")


def test_names_are_escaped(raw, tmp_path):
    path = tmp_path / "a&b <i>1.ome.tif"
    write_image(path, raw, "YX", pixel_size=SIZE)

    def blur(photons, read_noise):
        return photons * 0 + photons.mean()

    report = npd.compare(path, CAMERA, {"mean <b>& all": blur, "box": "box"})
    page = report.as_html()
    text = check_page(page)
    assert "distance (µm)" in page
    assert "a&b <i>1.ome.tif" in text
    assert "mean <b>& all" in text
    assert "<i>" not in page
    assert set(report.recipes) == {"box"}


def test_regions_of_stacks_are_read_alone(rng):
    stack = rng.poisson(20, (5, 40, 50)).astype(np.uint16) * 2 + 100
    truth = np.full((5, 40, 50), 20, np.float32)
    truth[2, 10] = 30
    region = {"z": 2, "y": (8, 40)}
    report = npd.compare(stack, CAMERA, ["box"], truth, region=region)
    assert report.place == "region z = 2, y 8:40, x 0:50 px"
    assert report.plane.raw.shape == (32, 50)
    assert report.plane.where == "z = 2"
    np.testing.assert_array_equal(report.plane.truth, truth[2, 8:])
    whole = npd.denoise(stack, CAMERA, "box")
    np.testing.assert_allclose(report.plane.denoised["Box"], whole[2, 8:], rtol=1e-5)
    page = report.as_html(line=((9, 1), (30, 40)))
    assert "row 9, column 1" in page


def test_methods_that_fail_are_in_the_page_with_their_reason(raw):
    report = npd.compare(raw, CAMERA, [npd.Resunet(model="nowhere.safetensors"), "box"])
    (failed,) = [row for row in report.rows if row.clean is None]
    text = check_page(report.as_html())
    assert failed["held-out-mse"].reason in text
    alone = npd.compare(raw, CAMERA, [npd.Resunet(model="nowhere.safetensors")])
    assert failed["held-out-mse"].reason in check_page(alone.as_html())


@pytest.mark.parametrize(
    ("line", "sentence"), [(((5, 5), (5, 5)), "no length"), (((-50, -9), (-9, -9)), "outside")]
)
def test_lines_that_show_nothing_are_refused(report, line, sentence):
    with pytest.raises(PhotonDenoiseError, match=sentence):
        report.as_html(line)


def test_large_images_are_compared_in_the_middle(rng):
    stack = rng.poisson(20, (3, 1100, 1040)).astype(np.uint16) * 2 + 100
    from napari_photon_denoise.evaluation.methods.places import find_region

    photons = npd.Photons(stack, CAMERA, "ZYX")
    region, notes = find_region(photons)
    assert region == (slice(1, 2), slice(38, 1062), slice(8, 1032))
    assert "middle" in notes[0]
    assert find_region(photons, "whole") == (tuple(slice(0, n) for n in stack.shape), ())


def test_pictures_of_large_images_are_reduced_and_places_kept(monkeypatch):
    plane = Plane(np.full((100, 120), 5, np.float32), 1.0, pixel_size=(0.1, 0.1))
    flags = {"it": Flags(np.zeros((100, 120), np.uint8), 1, 0, 5.0, 0)}
    flags["it"].kind[60:90, 70:110] = OVER_SMOOTHED
    plane = replace(plane, denoised={"it": plane.raw})

    def drawn():
        seen = []
        monkeypatch.setattr(panels, "to_svg", lambda figure, *more, **how: seen.append(figure))
        draw_consistency(plane, flags)
        (axis,) = [one for one in seen[0].axes if one.images]
        (border,) = axis.collections
        return axis, border.get_paths()[0].vertices

    whole, places = drawn()
    monkeypatch.setattr(panels, "MOST_POINTS", 50)
    axis, same = drawn()
    assert whole.images[0].get_array().shape == (100, 120)
    assert axis.images[0].get_array().shape == (33, 40)
    assert axis.get_xlim() == (-0.5, 119.5)
    np.testing.assert_allclose(places, same)
    assert places.min(axis=0) == pytest.approx((69.5, 59.5))
    (bar,) = axis.patches
    (label,) = axis.texts
    assert label.get_text() == "2 µm"
    assert bar.get_width() == pytest.approx(20)


def test_line_goes_across_the_brightest_structure():
    y, x = np.mgrid[:90, :80]
    ridge = (50 * np.exp(-((y - x - 5.0) ** 2) / 20)).astype(np.float32)
    (y0, x0), (y1, x1) = find_line(Plane(ridge, 1.0, denoised={"it": ridge}))
    assert abs((y1 - y0) + (x1 - x0)) < 0.1 * abs(x1 - x0)  # at right angles to it
    assert x0 < x1
    assert (y0 - x0 - 5) * (y1 - x1 - 5) < 0  # its ends lie on either side
    assert min(y0, x0, y1, x1) >= 0


@pytest.mark.parametrize("length", [0.3, 1, 1.9, 2, 4.99, 5, 77, 1024])
def test_scale_bars_are_round(length):
    found = panels.round_length(length)
    assert length / 2.5 <= found <= length
    assert f"{found:.0e}"[0] in "125"


@pytest.mark.parametrize(
    ("methods", "region", "sentence"),
    [
        (["magic"], None, "no method 'magic'"),
        ([], None, "nothing to compare"),
        (["box", "box"], None, "given twice"),
        (["box"], {"t": 1}, "the axes YX"),
        (["box"], {"y": (0, 200)}, "does not lie within"),
        (["box"], {"y": (9, 9)}, "does not lie within"),
    ],
)
def test_bad_input_is_one_sentence(raw, methods, region, sentence):
    with pytest.raises(PhotonDenoiseError, match=sentence):
        npd.compare(raw, CAMERA, methods, region=region)


def test_other_shapes_of_the_truth_are_refused(raw, truth):
    with pytest.raises(PhotonDenoiseError, match="crop them alike"):
        npd.compare(raw, CAMERA, ["box"], truth[1:])


def test_files_are_whole_or_not_there(report, page, tmp_path, monkeypatch):
    monkeypatch.setattr(type(report), "as_html", lambda report, line: page)  # drawn once is enough
    target = tmp_path / "it.html"
    target.write_text("mine")
    with pytest.raises(OutputExists):
        report.save_report(target)
    with pytest.raises(PhotonDenoiseError, match="no folder"):
        report.save_report(tmp_path / "no" / "it.html")
    with pytest.raises(PhotonDenoiseError, match=r"is a \.html file"):
        report.save_report(tmp_path / "it.pdf")
    monkeypatch.setattr(os, "replace", lambda *names: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(PhotonDenoiseError, match="full"):
        report.save_report(target, overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["it.html"]
    assert target.read_text() == "mine"


def test_measured_image_has_the_same_report(raw, truth, tmp_path):
    clean = npd.denoise(raw, CAMERA, BLURS[1])
    report = npd.measure(clean, raw, CAMERA, truth, method=BLURS[1])
    target = report.save_report(tmp_path / "it.html")
    page = target.read_text(encoding="utf-8")
    text = check_page(page)
    assert report.verdict in text
    for figure in report.figures:
        assert figure.name in text
        assert figure.reason in text
    assert "an image in memory" in text
    assert '"sigma": 6.0' in text
    assert json.loads(report.save_json(tmp_path / "it.json").read_text("utf-8"))["figures"]
    assert report.save_csv(tmp_path / "it.csv").read_text("utf-8") == report.as_csv()


def test_measured_image_without_photons_has_a_page_in_words(raw):
    camera = npd.Calibration(0.5, 100, 1.6, length_y=0.8, length_x=0.8)
    report = npd.measure(npd.denoise(raw, CAMERA, BLURS[0]), raw, camera)
    text = check_page(report.as_html())
    reasons = {figure.reason for figure in report.figures if not figure.applies}
    assert reasons
    assert all(reason in text for reason in reasons)


@pytest.mark.parametrize("shape", [(1, 1), (1, 30), (3, 7), (16, 16)])
def test_tiny_images_have_a_page(rng, shape):
    counts = rng.poisson(20, shape).astype(np.uint16) * 2 + 100
    check_page(npd.compare(counts, CAMERA, [npd.Gaussian(sigma=0.5)]).as_html())


def test_import_brings_no_heavy_modules():
    names = ("torch", "scipy", "matplotlib", "qtpy", "napari", "numba")
    code = (
        "import sys, napari_photon_denoise.api.compare, napari_photon_denoise.reports.denoised;"
        f"print([name for name in {names} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
