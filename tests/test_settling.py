"""The last check: an estimated camera is corrected where denoising contradicts it, once."""

from dataclasses import replace

import numpy as np
import pytest
from imagecodecs import jpeg8_decode, jpeg8_encode
from scipy.ndimage import gaussian_filter1d

pytest.importorskip("torch")

import napari_photon_denoise as npd
from napari_photon_denoise.camera import estimate
from napari_photon_denoise.denoisers import Gaussian, Resunet
from napari_photon_denoise.files import FilesWork, denoise_files_job
from napari_photon_denoise.job import run
from napari_photon_denoise.named_camera import NamedCamera
from napari_photon_denoise.settling import choose_piece, scaled, settle_by_job, settle_job
from napari_photon_denoise.virtual.scenes import nuclei

TRUE = npd.Calibration(gain=0.5, offset=100, source="estimated")
CORRECTED = "the estimate was corrected"


@pytest.fixture(scope="module")
def counts():
    rng = np.random.default_rng(3)
    light = 30 * nuclei((256, 256), rng)
    return np.rint(100 + rng.poisson(light) / 0.5).astype(np.uint16)


@pytest.fixture
def wrong_estimate(monkeypatch):
    """Each estimate says four times the variance."""
    right = estimate.estimate_job

    def wrong(*given, **named):
        found = yield from right(*given, **named)
        return replace(found, gain=found.gain / 4, gain_interval=(0.1, 0.15))

    monkeypatch.setattr(estimate, "estimate_job", wrong)


def settled(data, camera, denoiser=None, axes="YX", own=True):
    return run(settle_job(npd.Photons(data, camera, axes), denoiser or Resunet(), own=own))


@pytest.mark.parametrize("times", [0.3, 4])
def test_an_estimate_that_is_far_off_is_corrected(counts, times):
    found = settled(counts, scaled(TRUE, times))
    assert float(found.photons.calibration.gain) == pytest.approx(0.5, rel=0.45)
    assert CORRECTED in found.notes[0]
    assert found.photons.calibration.source == "estimated"
    # Once: what is right now stays.
    again = settled(counts, found.photons.calibration)
    assert again.notes == ()
    assert again.photons.calibration == found.photons.calibration


def test_what_jpeg_left_is_not_corrected(counts):
    """Its blocks are no noise: what the network takes out of them says nothing of the estimate."""
    scale = 250 / counts.max()
    shown = np.rint(counts * scale).astype(np.uint8)
    saved = jpeg8_decode(jpeg8_encode(shown, level=75))
    camera = scaled(replace(TRUE, gain=0.5 / scale, offset=100 * scale), 4)
    assert settled(saved, camera).notes == ()
    assert settled(shown, camera).notes != ()


@pytest.mark.parametrize("times", [0.85, 1, 1.2])
def test_an_estimate_that_fits_stays(counts, times):
    camera = scaled(TRUE, times)
    found = settled(counts, camera)
    assert found.photons.calibration == camera
    assert found.notes == ()


@pytest.mark.parametrize("times", [0.5, 1])
def test_noise_that_neighbours_share_is_found_and_said(times):
    rng = np.random.default_rng(5)
    light = 30 * nuclei((256, 256), rng)
    noise = gaussian_filter1d(rng.poisson(light) - light, 0.6, axis=1, mode="wrap")
    noise *= np.sqrt(light.mean()) / noise.std()
    found = settled((100 + (light + noise) / 0.5).astype(np.float32), scaled(TRUE, times))
    camera = found.photons.calibration
    assert camera.length_y == 0
    assert camera.length_x == pytest.approx(0.6, abs=0.2)
    assert float(camera.gain) == pytest.approx(0.5, rel=0.35)
    assert "shared by neighbours over y 0.00 px" in found.notes[0]


def test_lengths_that_were_typed_in_stay(counts):
    camera = NamedCamera(lengths=(0.0, 0.7))
    known = run(camera.find_job(counts, "YX"))
    assert not known.own
    assert run(NamedCamera().find_job(counts, "YX")).own


def test_the_noise_is_scaled_at_every_brightness():
    camera = replace(TRUE, read_noise=2.0, gain_sd=0.1, relative=True, length_x=0.6)
    other = scaled(camera, 3)
    for counts in (100, 150, 1000):
        before, after = (
            ((counts - 100) * each.gain + each.read_noise**2) / each.gain**2
            for each in (camera, other)
        )
        assert after == pytest.approx(3 * before)
    assert (other.relative, other.length_x, other.offset) == (True, 0.6, 100)


def test_only_the_images_own_estimate_is_corrected(counts):
    wrong = scaled(TRUE, 4)
    maps = replace(wrong, gain=np.full(counts.shape, 0.125, np.float32))
    assert settled(counts, wrong, own=False).notes == ()
    assert settled(counts, wrong, Gaussian()).notes == ()
    assert settled(counts, maps).notes == ()
    assert settled(counts[:40, :40], wrong).notes == ()


def test_the_piece_is_brighter_than_most_and_typical():
    data = np.zeros((3, 700, 1100), np.uint16)
    # Eight pieces around the middle: one is brighter than five others, two are brighter still.
    for number, light in enumerate([3, 900, 5, 1, 2, 4, 400, 6]):
        y, x = 94 + 256 * (number // 4), 38 + 256 * (number % 4)
        data[1, y : y + 256, x : x + 256] = light
    piece = choose_piece(npd.Photons(data, TRUE, "ZYX"))
    assert piece == (slice(1, 2), slice(350, 606), slice(806, 1062))


def test_python_denoises_through_the_corrected_camera(counts, wrong_estimate):
    with pytest.warns(npd.PhotonDenoiseWarning, match=CORRECTED):
        clean = npd.denoise(counts, None, "resunet", axes="YX")
    assert clean.mean() == pytest.approx(30, rel=0.3)


def test_methods_are_compared_by_the_camera_that_a_run_would_take(counts, wrong_estimate):
    with pytest.warns(npd.PhotonDenoiseWarning, match=CORRECTED):
        report = npd.compare(counts, None, ["gaussian", "resunet"], region="whole", axes="YX")
    raw = next(row for row in report.compared.rows if row.name == "Raw")
    assert raw.clean.mean() == pytest.approx(30, rel=0.3)


def test_a_result_is_measured_by_the_camera_that_a_run_would_take(counts, wrong_estimate):
    clean = np.full(counts.shape, 30, np.float32)
    with pytest.warns(npd.PhotonDenoiseWarning, match=CORRECTED):
        npd.measure(clean, counts, None, method="resunet", axes="YX")


def test_where_no_method_tells_noise_the_estimate_stays(counts):
    wrong = scaled(TRUE, 4)
    photons = npd.Photons(counts, wrong, "YX")
    nowhere = Resunet(model="nowhere.safetensors")
    for methods in ([Gaussian()], [None], [lambda photons, _: photons], [nowhere]):
        assert run(settle_by_job(photons, methods, own=True)).photons is photons
    assert run(settle_by_job(photons, [Gaussian(), Resunet()], own=True)).notes


def test_the_recipe_of_a_file_holds_the_correction(tmp_path, counts, wrong_estimate):
    np.save(tmp_path / "cells.npy", counts)
    work = FilesWork(
        denoiser=Resunet(), output=tmp_path / "clean.ome.tif", label="r", camera=NamedCamera()
    )
    (file,) = run(denoise_files_job(work, [tmp_path / "cells.npy"]))
    assert file.error is None
    assert sum(CORRECTED in note for note in file.notes) == 1
    with npd.inputs.opened(file.target, None) as result:
        recipe, first = result.recipe, np.asarray(result.data[:])
    camera = recipe.calibration.restore()
    assert float(camera.gain) == pytest.approx(0.5, rel=0.3)
    # The recipe is not checked again: the same recipe, the same result.
    again = replace(work, output=tmp_path / "again.ome.tif", camera=NamedCamera(camera))
    (file,) = run(denoise_files_job(again, [tmp_path / "cells.npy"]))
    assert not any(CORRECTED in note for note in file.notes)
    with npd.inputs.opened(file.target, None) as result:
        np.testing.assert_array_equal(np.asarray(result.data[:]), first)
