import csv
from io import StringIO

import numpy as np
import pytest
from skimage.measure import profile_line

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.profile import (
    line_profile,
    profile_noise,
    profiles_as_csv,
    sample_line,
)

LINES = {
    "along x": ((20, 5), (20, 60)),
    "along x, between rows": ((20.5, 5), (20.5, 60.25)),
    "along y, backwards": ((50, 30), (8, 30)),
    "oblique": ((10, 12), (44, 55)),
    "oblique, upwards": ((40.3, 8.1), (9.7, 57.9)),
    "steep": ((9.2, 30.4), (52.8, 37.7)),
    "one pixel": ((20, 20), (20, 21)),
}


@pytest.fixture
def image(rng):
    return rng.poisson(20, (64, 70)).astype(np.float32)


@pytest.mark.parametrize("width", [1, 2, 5, 8])
@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_it_equals_scikit_image(image, line, width):
    profile = line_profile(image, line, width)
    expected = profile_line(image, *line, linewidth=width, order=1)
    np.testing.assert_allclose(profile.values, expected, rtol=1e-5)


def test_distance_is_in_um_of_anisotropic_pixels(image):
    profile = line_profile(image, ((10, 10), (40, 50)), pixel_size=(0.3, 0.1))
    assert profile.distance[0] == 0
    assert profile.distance[-1] == pytest.approx(np.hypot(30 * 0.3, 40 * 0.1))
    np.testing.assert_allclose(np.diff(profile.distance, n=2), 0, atol=1e-12)
    assert len(profile.distance) == 51


def test_across_is_a_right_angle_in_um():
    """Stripes that are upright to the line in µm are not blurred by its width."""
    size = np.array([0.3, 0.1])
    y, x = np.mgrid[:60, :200] * size[:, np.newaxis, np.newaxis]
    stripes = (y + 2 * x).astype(np.float32)  # changes along (1, 2) µm only
    ends = np.array([(3.0, 3.0), (8.0, 13.0)]) / size
    narrow, wide = (line_profile(stripes, ends, width, size) for width in (1, 9))
    np.testing.assert_allclose(wide.values, narrow.values, rtol=1e-5)
    np.testing.assert_allclose(np.diff(narrow.values), np.sqrt(5) * narrow.distance[1], rtol=1e-3)


def test_a_sheared_image_is_measured_as_it_lies(image):
    """A matrix says where pixels lead; turning them changes nothing."""
    line, turn = ((10, 12), (44, 55)), np.deg2rad(30)
    turned = 0.1 * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    plain, rotated = (line_profile(image, line, 5, size) for size in ((0.1, 0.1), turned))
    np.testing.assert_allclose(rotated.values, plain.values, rtol=1e-6)
    np.testing.assert_allclose(rotated.distance, plain.distance)
    sheared = line_profile(image, ((10, 10), (20, 10)), 1, ((0.1, 0), (0.1, 0.1)))
    assert sheared.distance[-1] == pytest.approx(np.sqrt(2))


def test_a_path_is_its_segments_one_after_the_other(image):
    corners = [(10, 10), (10, 30), (10, 30), (35, 30)]
    path = line_profile(image, corners, 3)
    parts = [line_profile(image, corners[:2], 3), line_profile(image, corners[2:], 3)]
    np.testing.assert_allclose(path.values[:20], parts[0].values[:20], rtol=1e-6)
    np.testing.assert_allclose(path.values[20:], parts[1].values, rtol=1e-6)
    assert path.distance[-1] == 45


@pytest.mark.parametrize(
    ("line", "width"),
    [(((40, 20), (40, 80)), 1), (((40, 20), (40, 80)), 6), (((20, 15), (70, 83)), 4)],
)
@pytest.mark.parametrize("read_noise", [0.0, 1.6])
def test_noise_is_what_many_images_show(rng, line, width, read_noise):
    """What is said of one image is the spread of 1500 of them."""
    light, exposures = 6.0, 1500
    sampling = sample_line(line, (90, 100), width)
    profiles = []
    for _ in range(exposures):
        image = rng.poisson(light, (90, 100)) + rng.normal(0, read_noise, (90, 100))
        profiles.append(sampling.average(image[sampling.rows, sampling.columns]))
    spread = np.std(profiles, axis=0)
    expected = profile_noise(np.full(len(sampling.distance), light), read_noise, sampling.pixels)
    np.testing.assert_allclose(spread, expected, rtol=0.1)
    assert spread.mean() == pytest.approx(expected.mean(), rel=0.01)


def test_pixels_of_a_straight_line_are_its_width():
    for width in (1, 4, 9):
        sampling = sample_line(((20, 5), (20, 30)), (41, 40), width)
        expected = width if width % 2 else pytest.approx(width * width / (width - 0.5))
        assert sampling.pixels[7] == expected


def test_outside_there_is_nothing(image):
    profile = line_profile(image, ((20, -10), (20, 30)))
    assert np.isnan(profile.values[:9]).all()
    assert np.isfinite(profile.values[10:]).all()
    assert (profile.pixels[:9] == 0).all()
    assert np.isnan(profile_noise(profile.values, 1, profile.pixels)[:9]).all()
    # A pixel reaches half a pixel beyond its centre.
    edge = line_profile(image, ((-0.5, 10), (-0.5, 20)))
    np.testing.assert_allclose(edge.values, image[0, 10:21])
    assert np.isnan(line_profile(image, ((-0.6, 10), (-0.6, 20))).values).all()


def test_nan_is_a_gap_where_it_counts_and_nowhere_else(image):
    image[20, 30] = np.nan
    at_it = line_profile(image, ((20, 10), (20, 50))).values
    assert np.isnan(at_it[20])
    assert np.isfinite(np.delete(at_it, 20)).all()
    assert np.isfinite(line_profile(image, ((21, 10), (21, 50))).values).all()


def test_negative_photons_have_the_read_noise_only():
    np.testing.assert_allclose(profile_noise([-3.0, 5.0], 2, [1, 1]), [2, 3])


@pytest.mark.parametrize(
    ("line", "width", "word"),
    [
        (((5, 5), (5, 5)), 1, "no length"),
        (((5, 5),), 1, "no length"),
        (((5, 5), (5, np.nan)), 1, "no length"),
        (((5, 5), (5, 2e6)), 1, "shorter"),
        (((5, 5), (5, 9)), 0, "width"),
    ],
)
def test_bad_lines_are_a_sentence(image, line, width, word):
    with pytest.raises(PhotonDenoiseError, match=word):
        line_profile(image, line, width)


def test_a_stack_is_refused(image):
    with pytest.raises(PhotonDenoiseError, match="one plane"):
        line_profile(image[np.newaxis], LINES["oblique"])


def test_table_has_units_and_shares_distances(image):
    from dataclasses import replace

    raw = line_profile(image, LINES["oblique"], pixel_size=(0.1, 0.1), name='cells, "1"')
    raw = replace(raw, sd=profile_noise(raw.values, 1.6, raw.pixels))
    clean = line_profile(image, LINES["oblique"], pixel_size=(0.1, 0.1), name="clean")
    short = line_profile(image, LINES["along x"], pixel_size=(0.1, 0.1), name="short")
    rows = list(csv.reader(StringIO(profiles_as_csv([raw, clean, short]))))
    assert rows[0] == [
        "distance (µm)",
        'cells, "1" (photons)',
        'cells, "1" noise SD (photons)',
        "clean (photons)",
        "distance (µm)",
        "short (photons)",
    ]
    table = rows[1:]
    np.testing.assert_allclose([float(row[0]) for row in table], raw.distance, rtol=1e-6)
    np.testing.assert_allclose([float(row[3]) for row in table], raw.values, rtol=1e-6)
    lengths = [sum(bool(row[column]) for row in table) for column in (0, 4)]
    assert lengths == [len(raw.distance), len(short.distance)]
