"""A block in memory is read by the places that it has in the whole image."""

import numpy as np
import pytest

import napari_photon_denoise as npd
from napari_photon_denoise.held import Held, read_around

WHOLE = np.arange(4 * 10 * 12, dtype=np.uint16).reshape(4, 10, 12)
REGION = (slice(1, 3), slice(4, 8), slice(0, 5))


def test_a_block_is_read_as_the_whole_would_be():
    held = read_around(WHOLE, REGION, (1, 2, 3), WHOLE.shape)
    assert held.shape == WHOLE.shape
    assert held.dtype == WHOLE.dtype
    assert held.start == (0, 2, 0)  # cut where the image ends
    assert held.block.shape == (4, 8, 8)
    for place in (REGION, (slice(0, 4), slice(2, 10), slice(0, 8)), (slice(2, 3),) * 3):
        np.testing.assert_array_equal(held[place], WHOLE[place])
    assert np.shares_memory(held[REGION], held.block)


def test_it_stands_for_the_whole_of_an_image_with_maps(rng):
    camera = npd.Calibration(gain=rng.uniform(0.4, 0.6, (10, 12)), offset=100)
    held = read_around(WHOLE, REGION, (0, 2, 2), WHOLE.shape)
    seen = npd.Photons(held, camera, "ZYX").read(REGION)
    np.testing.assert_array_equal(seen, npd.Photons(WHOLE, camera, "ZYX").read(REGION))


@pytest.mark.parametrize(
    "place",
    [
        (slice(0, 3), slice(4, 8), slice(0, 5)),
        (slice(1, 3), slice(4, 9), slice(0, 5)),
        (slice(1, 3), slice(4, 8), slice(None)),
        (slice(1, 3), slice(4, 8), slice(0, 5, 2)),
    ],
)
def test_what_is_not_in_memory_is_refused(place):
    held = read_around(WHOLE, REGION, (0, 0, 0), WHOLE.shape)
    with pytest.raises(npd.PhotonDenoiseError, match="read more around it"):
        held[place]


@pytest.mark.parametrize(("start", "shape"), [((0, 0), (3, 9)), ((-1, 0), (9, 9)), ((0,), (9, 9))])
def test_a_block_that_has_no_place_is_refused(start, shape):
    with pytest.raises(npd.PhotonDenoiseError, match="is no part of an image"):
        Held(np.zeros((4, 5)), start, shape)


def test_wrong_values_are_refused_when_read():
    image = np.full((8, 8), np.nan)
    with pytest.raises(npd.PhotonDenoiseError, match="NaN or infinite"):
        read_around(image, (slice(0, 2), slice(0, 2)), (1, 1), image.shape)
