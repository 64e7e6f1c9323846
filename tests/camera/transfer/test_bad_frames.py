"""Frames that can't be calibrated with, or should not be: each with its sentence."""

import numpy as np
import pytest
import tifffile
from known_cameras import SHAPE, calibrate
from scipy.ndimage import gaussian_filter

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.transfer import CalibrationSettings, calibrate_job, stacks
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import run
from napari_photon_denoise.virtual.simulate import VirtualCamera, scmos


def averaged(stack, count):
    return np.rint(stack[:96].reshape(-1, count, *stack.shape[1:]).mean(1)).astype(np.uint16)


def with_nan(dark):
    spoilt = dark.astype(np.float32)
    spoilt[5, 3, 3] = np.nan
    return spoilt


REFUSED = {
    "swapped": (lambda d, f: (f[3], [d]), "swap them"),
    "one dark frame": (lambda d, f: (d[:1], f), "has 1 frame"),
    "one flat frame": (lambda d, f: (d, [f[0][:1]]), "flat 1 has 1 frame"),
    "no stack": (lambda d, f: (d[0], f), r"give a stack \(N, Y, X\)"),
    "nothing": (lambda d, f: (iter(()), f), "holds no frame"),
    "number": (lambda d, f: (5, f), "is a int"),
    "constant dark": (lambda d, f: (np.full_like(d, 100), f), "dark is constant"),
    "constant flat": (lambda d, f: (d, [np.full_like(d, 777)]), "flat 1 is constant"),
    "one frame repeated": (lambda d, f: (np.stack([d[0]] * 5), f), "repeats one frame"),
    "saturated": (lambda d, f: (d, [np.full_like(d, 65535)]), "saturated"),
    "shapes": (lambda d, f: (d[:, :64], f), "same region and binning"),
    "shapes within": (lambda d, f: ([d[0], d[1][:64]], f), "frames of one camera"),
    "shapes of darks": (lambda d, f: ([d, d[:, :9]], f[:2]), "The darks have frames"),
    "numbers of stacks": (lambda d, f: ([d, d, d], f), "3 darks for 4 flats"),
    "fractions": (lambda d, f: (d + 0.5, f), "averaged or processed"),
    "NaN": (lambda d, f: (with_nan(d), f), "NaN"),
    "negative": (lambda d, f: (d.astype(np.int16) - 200, f), "negative"),
    "beyond 16 bits": (lambda d, f: (d.astype(np.uint32) * 1000, f), "beyond 16 bits"),
    "boolean": (lambda d, f: (d > 100, f), "raw counts"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_in_one_sentence(name, frames):
    make, sentence = REFUSED[name]
    dark, flats = make(frames[0][:40], [flat[:40] for flat in frames[1]])
    with pytest.raises(PhotonDenoiseError, match=sentence) as caught:
        calibrate(dark, flats)
    assert "\n" not in str(caught.value)


def test_wrong_number_of_exposures(frames):
    with pytest.raises(PhotonDenoiseError, match="3 exposures for 4 flats"):
        calibrate(*frames, exposures=[1, 2, 3])


def judged(dark, flats, **options):
    report = calibrate(dark, flats, **options)
    return {verdict.key: verdict for verdict in report.verdicts}


def test_averaged_frames_are_found(frames):
    dark, flats = frames
    many = judged(averaged(dark, 12), [averaged(flat, 12) for flat in flats])
    assert many["averaged-frames"].status == "WARN"
    few = judged(averaged(dark, 4), [averaged(flat, 4) for flat in flats], expected_gain=0.46)
    assert few["expected-gain"].status == "FAIL"
    running = [((flat[1:].astype(int) + flat[:-1]) // 2).astype(np.uint16) for flat in flats]
    assert judged(dark, running)["averaged-frames"].status == "FAIL"


def test_clipped_dark(rng):
    camera = VirtualCamera(Calibration(gain=0.46, offset=3, read_noise=1.5))
    verdicts = judged(camera.dark(50, SHAPE, rng), [camera.flat(500, 50, SHAPE, rng)])
    assert verdicts["dark-at-zero"].status == "FAIL"
    assert "offset" in verdicts["dark-at-zero"].advice


def test_eight_coarse_bits(rng):
    camera = VirtualCamera(Calibration(gain=40, offset=3, read_noise=8), bits=8)
    flats = [camera.flat(level, 50, SHAPE, rng) for level in np.linspace(200, 11000, 12)]
    dark = camera.dark(50, SHAPE, rng)
    verdicts = judged(dark.astype(np.uint8), [flat.astype(np.uint8) for flat in flats])
    assert verdicts["dark-variance"].status == "FAIL"
    assert verdicts["range-of-fit"].status != "PASS"


def test_processed_frames(frames):
    dark, flats = frames
    smooth = [np.rint(gaussian_filter(f.astype(float), (0, 0.6, 0.6))).astype("u2") for f in flats]
    assert judged(dark, smooth)["neighbours"].status == "FAIL"
    doubled = judged(dark * 2, [flat * 2 for flat in flats])
    assert doubled["code-step"].status == "WARN"
    scaled = judged((dark * 1.37).astype("u2"), [(flat * 1.37).astype("u2") for flat in flats])
    assert scaled["missing-codes"].status == "FAIL"


def test_striped_and_drifting_dark(sensor, frames, rng):
    stripes = 3 * rng.standard_normal((100, SHAPE[0], 1)) + np.linspace(0, 4, 100)[:, None, None]
    dark = np.rint(frames[0] + stripes).astype(np.uint16)
    verdicts = judged(dark, frames[1])
    assert verdicts["row-noise"].status == "WARN"
    assert verdicts["dark-drift"].status == "WARN"


def test_every_verdict_is_whole(report):
    for verdict in report.verdicts:
        assert verdict.status in ("PASS", "WARN", "FAIL")
        assert verdict.figure
        assert verdict.threshold
        assert verdict.advice.endswith(".")
        assert verdict.key in verdict.describe()


@pytest.fixture
def folder(tmp_path, frames):
    """Darks one a file, flats one stack a file."""
    (tmp_path / "dark").mkdir()
    for number, frame in enumerate(frames[0][:30]):
        tifffile.imwrite(tmp_path / "dark" / f"dark_{number:03d}.tif", frame)
    for number, flat in enumerate(frames[1]):
        tifffile.imwrite(tmp_path / f"flat_{number}.tif", flat)
    return tmp_path


def test_files_give_what_arrays_give(folder, frames):
    flats = sorted(folder.glob("flat*.tif"))
    files = calibrate(folder / "dark", flats)
    arrays = calibrate(frames[0][:30], frames[1])
    assert files.calibration == arrays.calibration
    assert files.transfer.line == arrays.transfer.line
    np.testing.assert_array_equal(files.pixels.raw, arrays.pixels.raw)
    assert len(files.files) == 34
    assert all(len(sha) == 64 for sha in files.files.values())
    one = calibrate(folder / "dark", flats[2])
    assert one.one_level


def test_a_file_missing_in_the_middle(folder, frames):
    listed = sorted((folder / "dark").iterdir())
    listed[13].unlink()
    with pytest.raises(PhotonDenoiseError, match=r"dark_013.tif does not exist"):
        calibrate(listed, frames[1])
    gap = judged(folder / "dark", frames[1])["missing-files"]
    assert gap.status == "WARN"
    assert gap.figure == "dark 13"


def test_a_file_that_vanishes_meanwhile(folder, frames, monkeypatch):
    monkeypatch.setattr(stacks, "BLOCK_BYTES", 2**17)
    listed = sorted((folder / "dark").iterdir())
    job = calibrate_job(listed, frames[1])
    next(job)
    listed[29].unlink()
    with pytest.raises(PhotonDenoiseError, match="vanished"):
        for _ in job:
            pass


def test_impossible_facts_are_refused_before_a_frame_is_read():
    def never():
        raise AssertionError("a frame was read")
        yield

    for facts, sentence in (({"binning": 0}, "binning"), ({"em_gain": 0.5}, "at least 1")):
        with pytest.raises(PhotonDenoiseError, match=sentence):
            run(calibrate_job(never(), never(), CalibrationSettings(**facts)))


def test_flicker_of_few_frames_is_no_averaging():
    """Twelve independent frames under a lamp that flickers by 2 %, ten times over."""
    for seed in range(10):
        rng = np.random.default_rng(seed)
        camera = scmos((48, 48), seed)
        dark = camera.dark(40, (48, 48), rng)
        flats = [
            np.concatenate(
                [camera.flat(level * light, 1, (48, 48), rng) for light in rng.normal(1, 0.02, 12)]
            )
            for level in (100, 500, 2000)
        ]
        report = run(calibrate_job(dark, flats))
        found = next(one for one in report.verdicts if one.key == "averaged-frames")
        assert found.status == "PASS"
