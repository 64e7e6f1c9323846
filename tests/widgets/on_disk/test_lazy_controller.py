import numpy as np
import pytest

from napari_photon_denoise.widgets.on_disk.lazy import Lazy


@pytest.fixture
def whole(rng):
    return rng.random((4, 5, 6)).astype(np.float32)


@pytest.fixture
def read(whole):
    """A lazy array, and the boxes that were read of it."""
    boxes = []

    def reads(box):
        boxes.append(box)
        return whole[box]

    return Lazy(reads, whole.shape, whole.dtype), boxes


@pytest.mark.parametrize(
    "index",
    [
        (slice(None), slice(1, 3), slice(2, 5)),
        (2,),
        (-1, slice(-3, None)),
        (..., 3),
        (1, ..., slice(0, 2)),
        (slice(3, 1),),
        np.int64(2),
    ],
)
def test_a_part_is_what_numpy_would_give_and_nothing_is_read_before(whole, read, index):
    lazy, boxes = read
    part = lazy[index]
    assert boxes == []
    assert part.shape == whole[index].shape
    np.testing.assert_array_equal(part, whole[index])


def test_a_plane_of_what_is_on_the_screen_is_all_that_is_read(whole, read):
    lazy, boxes = read
    found = np.asarray(lazy[:, 1:3, 2:5][2, :, :])
    np.testing.assert_array_equal(found, whole[2, 1:3, 2:5])
    assert boxes == [(slice(2, 3), slice(1, 3), slice(2, 5))]


def test_other_indices_are_those_of_numpy(whole, read):
    lazy, _ = read
    np.testing.assert_array_equal(lazy[::2, 1], whole[::2, 1])
    np.testing.assert_array_equal(lazy[[0, 3]], whole[[0, 3]])
    with pytest.raises(IndexError):
        lazy[9]
