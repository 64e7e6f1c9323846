"""What the frames must give back of a camera of known truth (rounded counts)."""

import numpy as np
import pytest
from known_cameras import SHAPE, calibrate, true_gain, unsteady

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.transfer import Defect
from napari_photon_denoise.camera.transfer.frames import frames_needed, gain_precision
from napari_photon_denoise.virtual.simulate import VirtualCamera, scmos


def rms(values):
    return float(np.sqrt(np.mean(np.square(values))))


def test_pooled_gain(sensor, report):
    error = report.gain / true_gain(sensor, report) - 1
    assert abs(error) < max(0.002, 3 * report.gain_precision)
    assert report.gain_precision < 0.001
    assert report.calibration.gain == pytest.approx(report.gain)
    assert report.calibration.gain_sd == pytest.approx(report.gain * report.gain_precision)
    assert report.status == "PASS"


def test_each_pixel_errs_as_predicted(sensor, report):
    good, truth = report.mask == 0, sensor.calibration
    share = (truth.gain / report.pixels.raw)[good] - 1
    assert rms(share) == pytest.approx(report.pixels.precision, rel=0.1)
    assert 0.9 < np.std(share / (report.pixels.sd[good] * 1 / report.gain)) < 1.1
    offset = (report.calibration.offset - truth.offset) / report.offset_sd
    assert 0.9 < np.std(offset) < 1.1
    variance = (truth.read_noise / truth.gain) ** 2 + 1 / 12
    z = (report.dark_variance / variance - 1) / np.sqrt(2 / (report.dark.frames - 1))
    assert 0.9 < np.std(z) < 1.1


def test_the_shrunk_map_is_never_worse(sensor, report):
    good, truth = report.mask == 0, sensor.calibration.gain
    errors = {
        name: rms((gain / truth)[good] - 1)
        for name, gain in (
            ("raw", report.pixels.raw),
            ("global", report.gain * np.ones(SHAPE)),
            ("shrunk", report.pixels.shrunk),
        )
    }
    assert errors["shrunk"] < 1.1 * min(errors["raw"], errors["global"])
    assert not report.pixels.offered


def test_a_map_of_the_gain_is_used_only_if_the_frames_bear_it(rng):
    gain = np.where(np.arange(32) % 2, 0.4, 0.6) * np.ones((32, 32))
    camera = VirtualCamera(Calibration(gain=gain, offset=100, read_noise=1.0))
    few, many = (
        calibrate(
            camera.dark(count, (32, 32), rng),
            [camera.flat(level, count, (32, 32), rng) for level in (200, 400, 600, 800)],
            per_pixel_gain=True,
        )
        for count in (50, 2500)
    )
    assert np.ndim(few.calibration.gain) == 0
    assert "gain-map" in [verdict.key for verdict in few.verdicts if verdict.status == "WARN"]
    assert many.pixels.offered
    assert rms(many.calibration.gain / gain - 1) < 0.02


def test_zero_light_is_zero_photons(sensor, report, rng):
    photons = report.calibration.to_photons(sensor.dark(200, SHAPE, rng))
    assert abs(photons.mean()) < 0.02
    assert photons.min() < -2


@pytest.mark.parametrize("uneven", [False, True])
def test_flicker_does_no_harm(uneven):
    """Of 1 % at 1000 e-: 10 % of bias without normalisation. Mean of several cameras."""
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]] / 127 - 0.5
    light = 1 + 0.7 * np.cos(2 * np.pi * x) * np.cos(2 * np.pi * y) if uneven else 1.0
    errors = []
    for seed in range(3):
        rng, camera = np.random.default_rng(seed), scmos(SHAPE, seed)
        flats = [unsteady(camera, 1000, 100, rng, 0.01, light)]
        report = calibrate(camera.dark(100, SHAPE, rng), flats)
        errors.append(report.gain / true_gain(camera, report) - 1)
        assert report.raw_line.slope / report.transfer.line.slope > 1.05
        verdicts = {verdict.key: verdict for verdict in report.verdicts}
        assert verdicts["flicker"].status == "WARN"
        assert verdicts["neighbours"].status == "PASS"
        assert report.one_level
        assert verdicts["levels"].status == "WARN"
    assert abs(np.mean(errors)) < 0.003


def test_uneven_light_makes_several_points_of_one_level(sensor, frames, rng):
    light = np.linspace(0.3, 1.7, SHAPE[1])
    report = calibrate(frames[0], [unsteady(sensor, 1000, 50, rng, 0, light)])
    assert len(report.points) == 8
    assert report.gain == pytest.approx(true_gain(sensor, report), rel=0.005)


def test_drift_and_a_closed_shutter_do_no_harm(sensor, frames, rng):
    levels = 1000 * np.linspace(1, 1.05, 60)
    levels[30] = 0
    flat = np.stack([sensor.flat(level, 1, SHAPE, rng)[0] for level in levels])
    report = calibrate(frames[0], [flat], drop_first=False)
    assert report.gain == pytest.approx(true_gain(sensor, report), rel=0.006)
    assert report.levels[0].trace.left_out == (30,)
    assert 30 in report.levels[0].trace.odd


@pytest.mark.parametrize("bright", [1990, 6000])
def test_a_saturated_level_is_dropped(bright, rng):
    camera = VirtualCamera(Calibration(gain=0.5, offset=100, read_noise=2), bits=12)
    flats = [camera.flat(level, 60, SHAPE, rng) for level in (100, 300, 500, 800, bright)]
    report = calibrate(camera.dark(60, SHAPE, rng), flats)
    assert not report.levels[-1].used
    assert report.gain == pytest.approx(0.5, rel=0.005)
    assert report.calibration.saturation == 4095
    assert report.emva.saturation == pytest.approx(3995 * 0.5, rel=0.25)


def test_electron_multiplication(rng):
    """Electrons through 536 stages, each of which doubles one now and then."""
    gain, stages, before = 100.0, 536, 10.0
    chance = gain ** (1 / stages) - 1

    def expose(photons):
        electrons = rng.poisson(photons, (40, 32, 32)).astype(np.int64)
        for _ in range(stages):
            electrons += rng.binomial(electrons, chance)
        noise = 50 * rng.standard_normal(electrons.shape)
        return np.rint(500 + (electrons + noise) / before).astype(np.uint16)

    report = calibrate(
        expose(0), [expose(level) for level in (10, 30, 100)], em_gain=gain, em_stages=stages
    )
    assert report.em.gain == pytest.approx(before / gain, rel=0.02)
    assert report.em.gain_before == pytest.approx(before, rel=0.02)
    # Effective photons, whose variance equals their mean.
    assert report.calibration.gain == pytest.approx(
        before / gain / report.em.excess_noise, rel=0.02
    )


def test_nonlinearity_is_flagged_and_kept_out_of_the_gain(rng):
    def expose(photons):
        electrons = rng.poisson(photons, (8, *SHAPE)) + 25 * rng.standard_normal((8, *SHAPE))
        signal = electrons * (1 - 0.02 * (electrons / 40650) ** 2) / 10
        return np.clip(np.rint(30 + signal), 0, 4095).astype(np.uint16)

    report = calibrate(expose(0), [expose(level) for level in np.linspace(800, 43000, 40)])
    assert report.gain == pytest.approx(10, rel=0.007)
    status = {verdict.key: verdict.status for verdict in report.verdicts}
    assert status["slope-by-range"] == "WARN"


def test_two_converters_are_told_from_one(rng):
    def expose(photons):
        electrons = rng.poisson(photons, (30, *SHAPE))
        bright = electrons > 1500
        noise = np.where(bright, 15, 1.2) * rng.standard_normal(electrons.shape)
        stretch = np.where(bright, 1.08, 1.0) * (electrons - photons) + photons
        return np.rint(100 + (stretch + noise) / 0.45).astype(np.uint16)

    levels = (100, 200, 400, 700, 1000, 2000, 3000, 4000, 6000, 8000)
    report = calibrate(expose(0), [expose(level) for level in levels])
    assert 1000 < report.legs.break_at * 0.45 < 2000
    assert report.legs.high_slope > 1.1 * report.legs.low_slope
    assert report.gain == pytest.approx(0.45, rel=0.005)


def test_defects_are_masked(sensor, frames, rng):
    dark, flats = frames[0].copy(), [flat.copy() for flat in frames[1][:2]]
    for stack in (dark, *flats):
        stack[:, 10, 10] += 300
    jumps = rng.random(100) < 0.5
    dark[:, 20, 20] = np.where(np.arange(100) // 10 % 2, 130, 100)
    dark[:, 30, 30] = np.where(jumps, 101, 100)
    for flat in flats:
        flat[:, 40, 40] = 100 + jumps
    report = calibrate(dark, flats)
    mask = report.mask
    assert mask.dtype == np.uint8
    assert mask[10, 10] & Defect.HOT
    assert mask[20, 20] & Defect.TELEGRAPH
    assert mask[40, 40] & Defect.DEAD
    assert np.mean(mask & Defect.HOT > 0) < 0.001
    assert np.mean(mask & Defect.TELEGRAPH > 0) < 0.001
    assert np.mean(mask & Defect.NOISY > 0) == pytest.approx(0.01, abs=0.002)


def test_response_comes_from_means(rng):
    shape = (96, 96)
    truth = 1 + 0.02 * rng.standard_normal(shape)
    camera = VirtualCamera(Calibration(gain=0.5, offset=100, read_noise=1.0))
    light = truth * np.linspace(0.5, 1.5, 96)
    flats = [unsteady_plain(camera, level * light, 100, rng) for level in (2000, 4000)]
    report = calibrate(camera.dark(100, shape, rng), flats)
    inner = (slice(20, -20),) * 2
    assert report.response.prnu == pytest.approx(0.02, rel=0.1)
    assert np.std((report.response.relative / truth)[inner]) < 0.003
    assert report.response.levels_agree > 0.9


def unsteady_plain(camera, field, frames, rng):
    return np.stack([camera.expose(field.astype(np.float32), rng) for _ in range(frames)])


def test_how_many_frames(sensor, report):
    assert gain_precision(101, [1e9]) == pytest.approx(np.sqrt(2 / 100))
    needed = frames_needed(0.02, [100, 1000], 1.5)
    assert gain_precision(needed, [100, 1000], 1.5) <= 0.02
    assert gain_precision(needed - 2, [100, 1000], 1.5) > 0.02
    assert gain_precision(99, [100, 300, 1000, 2000], 1.0) == pytest.approx(
        report.pixels.precision, rel=0.02
    )
    assert report.frames_needed(0.02) == pytest.approx(1250, rel=0.1)
    assert report.frames_needed(0.02, per_pixel=False) == 2


@pytest.mark.slow
def test_z_scores_of_the_pooled_gain():
    z = []
    for seed in range(30):
        rng, camera = np.random.default_rng(seed), scmos(SHAPE, seed)
        flats = [camera.flat(level, 100, SHAPE, rng) for level in (100, 300, 1000, 2000)]
        report = calibrate(camera.dark(100, SHAPE, rng), flats)
        line = report.transfer.line
        z.append((true_gain(camera, report) * line.slope - 1) * line.slope / line.slope_sd)
    assert 0.7 < np.std(z) < 1.3
    assert abs(np.mean(z)) < 0.6
