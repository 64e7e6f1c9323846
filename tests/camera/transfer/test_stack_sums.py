import dask.array as da
import numpy as np
import pytest

from napari_photon_denoise.camera.transfer.stacks import open_stack
from napari_photon_denoise.camera.transfer.sums import StackSums
from napari_photon_denoise.errors import PhotonDenoiseError


@pytest.fixture
def counts(rng):
    """Counts that any rounding would show: bright, with little noise, the extremes included."""
    counts = rng.integers(64990, 65000, (37, 19, 23)).astype(np.uint16)
    counts[5, 3, 4], counts[6, 3, 4] = 0, 65535
    return counts


def summed(parts):
    sums = StackSums.empty(parts[0].shape[1:])
    for part in parts:
        sums.add(part)
    return sums


def same(a, b):
    assert a.frame_totals == b.frame_totals
    for name in ("total", "square", "step", "lowest", "highest", "first", "last", "codes"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


def test_sums_are_exact(counts):
    sums = summed([counts])
    wide = counts.astype(np.uint64)
    steps = np.diff(counts.astype(np.int64), axis=0)
    np.testing.assert_array_equal(sums.total, wide.sum(0))
    np.testing.assert_array_equal(sums.square, (wide * wide).sum(0))
    np.testing.assert_array_equal(sums.step, (steps * steps).sum(0))
    np.testing.assert_array_equal(sums.codes, np.bincount(counts.ravel(), minlength=65536))
    np.testing.assert_array_equal(sums.lowest, counts.min(0))
    np.testing.assert_array_equal(sums.highest, counts.max(0))
    np.testing.assert_array_equal(sums.frame_means, wide.sum((1, 2)) / counts[0].size)


def test_statistics_are_those_of_the_whole_stack(counts):
    sums = summed([counts])
    np.testing.assert_allclose(sums.mean(), counts.mean(0), rtol=1e-7)
    np.testing.assert_allclose(sums.variance(), counts.var(0, ddof=1), rtol=1e-6)
    steps = np.diff(counts.astype(float), axis=0)
    np.testing.assert_allclose(sums.step_variance(), (steps**2).mean(0) / 2, rtol=1e-6)
    shifts = steps.mean((1, 2))
    expected = ((steps**2).mean((1, 2)) - shifts**2).mean() / 2
    assert sums.pair_variance() == pytest.approx(expected, rel=1e-9)
    some = counts[0] % 2 == 0
    about, by_steps = sums.mean_variances(some)
    assert about == pytest.approx(counts.var(0, ddof=1)[some].mean(), rel=1e-9)
    assert by_steps == pytest.approx(((steps**2).mean(0) / 2)[some].mean(), rel=1e-9)


@pytest.mark.parametrize("cuts", [(1,), (10, 11), (5, 20, 36)])
def test_chunks_and_merging_give_the_same_bits_as_all_at_once(counts, cuts):
    whole = summed([counts])
    parts = np.split(counts, cuts)
    same(summed(parts), whole)
    sums = [summed([part]) for part in parts]
    left, right = sums[0], sums[-1]
    for one in sums[1:]:
        left = left.merge(one)
    for one in reversed(sums[:-1]):
        right = one.merge(right)
    same(left, whole)
    same(right, whole)
    same(StackSums.empty(whole.shape).merge(whole), whole)


def test_a_sum_that_outgrows_32_bits():
    full = np.full((40000, 2, 3), 65535, np.uint16)
    one = summed([full])
    assert one.total.dtype == np.uint32
    for two in (summed([full, full]), one.merge(one)):
        assert two.total.dtype == np.uint64
        assert (two.total == 80000 * 65535).all()
        assert (two.mean() == 65535).all()
        assert not two.variance().any()


def test_other_shapes_do_not_merge(counts):
    with pytest.raises(PhotonDenoiseError, match="can't be summed"):
        summed([counts]).merge(summed([counts[:, 1:]]))


@pytest.mark.parametrize(
    "hold",
    [
        pytest.param(lambda c: da.from_array(c, chunks=(5, 10, 23)), id="dask"),
        pytest.param(lambda c: iter(c), id="iterator"),
        pytest.param(lambda c: list(c), id="list"),
        pytest.param(lambda c: c.astype(np.float64), id="whole floats"),
        pytest.param(lambda c: c[:, np.newaxis], id="4-D"),
    ],
)
@pytest.mark.parametrize("drop_first", [True, False])
def test_every_holder_gives_the_same_frames(counts, hold, drop_first):
    blocks = [block.copy() for block in open_stack(hold(counts), "dark").blocks(drop_first)]
    np.testing.assert_array_equal(np.concatenate(blocks), counts[int(drop_first) :])


@pytest.mark.parametrize("frames", [2, 3])
def test_a_short_stack_keeps_its_first_frame(counts, frames):
    for source in (counts[:frames], iter(counts[:frames])):
        blocks = [block.copy() for block in open_stack(source, "dark").blocks(True)]
        assert sum(map(len, blocks)) == frames
