import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_photon_denoise.metrics.axis_evidence import NOTHING, find_axis


def cells(rng, sigma=6.0, size=160):
    """Smooth structure from 0 to 1."""
    field = gaussian_filter(rng.standard_normal((size, size)), sigma)
    field = np.clip(field / field.std(), 0, None)
    return field / field.max()


def shot(rng, signal):
    return (rng.poisson(np.asarray(signal)) * 2 + 100).astype(np.uint16)


def film(rng, frames=8):
    still, moving = cells(rng), cells(rng)
    return shot(rng, [80 * still + 40 * np.roll(moving, 3 * t, 1) for t in range(frames)])


def focal_planes(rng, planes=12):
    scene = cells(rng, 3)
    blur = [abs(z - planes / 2) * 2 for z in range(planes)]
    return shot(rng, [5 + 150 * gaussian_filter(scene, s) / (1 + 0.3 * s) for s in blur])


def colours(rng):
    return shot(rng, [20 + level * cells(rng) for level in (60, 200, 400)])


@pytest.mark.parametrize(
    ("make", "axis", "words"),
    [
        (film, "T", "looks like frames of a film"),
        (focal_planes, "Z", "looks like focal planes"),
        (colours, "C", "looks like channels"),
    ],
)
def test_pixels_tell_what_planes_are(rng, make, axis, words):
    found = find_axis(make(rng))
    assert found.axis == axis
    assert words in found.reason


def test_a_film_that_bleaches_is_no_stack_of_focal_planes(rng):
    scene = cells(rng)
    bleached = shot(rng, [5 + 200 * scene * np.exp(-t / 5) for t in range(8)])
    assert find_axis(bleached).axis != "Z"


def test_few_thin_planes_are_not_taken_for_a_film(rng):
    assert find_axis(film(rng)[:3]) == NOTHING


@pytest.mark.parametrize(
    "stack",
    [
        np.full((5, 80, 80), 7, np.uint16),
        np.random.default_rng(0).poisson(50, (8, 80, 80)).astype(np.uint16),
        np.full((5, 80, 80), np.nan, np.float32),
        np.zeros((5, 1, 1), np.uint8),
        np.zeros((1, 80, 80), np.uint8),
    ],
    ids=["constant", "noise alone", "NaN", "one pixel", "one plane"],
)
def test_what_tells_nothing_is_not_guessed(stack):
    assert find_axis(stack) == NOTHING


@pytest.mark.parametrize(
    ("name", "axis"),
    [
        ("brain_two_photon_zyx", "Z"),
        ("xyt_calibrated_16bit", "T"),
        ("embryo CYX", "C"),
        ("Z-stack 3", "Z"),
        ("timelapse_01", "T"),
        ("cells_merged", "C"),
        ("img_t001_ch2", "Z"),
        ("plate1_z003_w1", "T"),
        ("pos1_t4_z12", "C"),
        ("cells_t001", None),
        ("matrix", None),
        ("", None),
    ],
)
def test_names_tell_what_planes_are(name, axis):
    assert find_axis(np.zeros((5, 40, 40), np.uint16), name).axis == axis


def test_little_of_a_large_stack_is_read(rng):
    class Watched:
        shape, dtype, read = (500, 2048, 2048), np.dtype(np.uint16), 0

        def __getitem__(self, index):
            z, y, x = index
            block = np.zeros((z.stop - z.start, y.stop - y.start, x.stop - x.start), np.uint16)
            self.read += block.size
            return block

    stack = Watched()
    find_axis(stack)
    assert 0 < stack.read < 4e6
