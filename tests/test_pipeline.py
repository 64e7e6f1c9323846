import numpy as np
import pytest

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.denoisers import Gaussian
from napari_photon_denoise.errors import OutOfMemory, PhotonDenoiseError, TooLarge
from napari_photon_denoise.job import run
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.pipeline import denoise_job, denoise_region_job
from napari_photon_denoise.tiles import (
    STEP,
    TileQueue,
    frame_index,
    split,
    split_region,
    tile_size,
)
from pooler import Pooler


class Doubler:
    """A denoiser that doubles photons, and can be told to run out of memory."""

    method, depth_axis = "doubler", "Z"

    def resolved(self, photons):
        return self

    def __init__(self, halo=(0, 0, 0), largest=None):
        self.halo = halo
        self.largest = largest
        self.seen = []

    def prepare(self, photons, device):
        yield from ()

        def double(block, read_noise):
            if self.largest is not None and block.size > self.largest:
                raise OutOfMemory("full")
            self.seen.append(block.shape)
            return 2 * block

        return double


ONE = Calibration(gain=1, offset=0)


@pytest.mark.parametrize("shape", [(1, 7, 9), (5, 33, 64), (4, 100, 31)])
@pytest.mark.parametrize("tile", [(1, 32, 32), (2, 40, 50)])
@pytest.mark.parametrize("halo", [(0, 0, 0), (1, 3, 5)])
def test_tiles_cover_every_pixel_once_and_read_their_halo(shape, tile, halo):
    whole = tuple(slice(0, size) for size in shape)
    written = np.zeros(shape, int)
    for part in split(whole, shape, tile, halo):
        written[part.core] += 1
        for core, read, reach, size in zip(part.core, part.read, halo, shape, strict=True):
            assert read.start == max(0, core.start - reach)
            assert read.stop == min(size, core.stop + reach)
        np.testing.assert_array_equal(
            np.indices(shape)[2][part.read][part.inner], np.indices(shape)[2][part.core]
        )
    assert (written == 1).all()


@pytest.mark.parametrize("edge", [None, 32, 33, 40, 100, 4096])
@pytest.mark.parametrize("halo", [(0, 3, 5), (2, 16, 16)])
def test_tiles_begin_at_steps_and_are_no_smaller_than_asked(edge, halo):
    size = tile_size(halo, edge)
    assert all(side % step == 0 for side, step in zip(size[1:], STEP[1:], strict=True))
    assert size[0] == (1 if halo[0] == 0 else 32)
    if edge is not None:
        assert edge <= size[1] < edge + 16


@pytest.mark.parametrize("shape", [(1, 200, 130), (70, 33, 50), (5, 300, 20), (100, 100, 100)])
@pytest.mark.parametrize("halo", [(0, 3, 5), (8, 16, 16)])
@pytest.mark.parametrize("passed", [0, 3])
def test_halved_tiles_begin_at_steps_too(shape, halo, passed):
    """Whichever tile did not fit first."""
    queue, done = TileQueue([{}], shape, halo, 64), np.zeros(shape, int)
    largest = 32**2 if halo[0] == 0 else 32**3
    for turn in range(10**4):
        if not queue:
            break
        frame, part = queue.take()
        assert all(side.start % 16 == 0 for side in part.core[1:])
        assert halo[0] == 0 or part.core[0].start % 8 == 0
        if turn >= passed and done[part.core].size > largest:
            queue.halve(frame, part)
        else:
            done[part.core] += 1
    assert (done == 1).all()


@pytest.mark.parametrize("halo", [(0, 3, 5), (1, 7, 7), (0, 32, 32), (8, 16, 16), (0, 0, 0)])
@pytest.mark.parametrize(
    "region",
    [
        (slice(4, 5), slice(20, 61), slice(0, 33)),
        (slice(0, 9), slice(77, 78), slice(50, 90)),
        (slice(8, 9), slice(15, 80), slice(89, 90)),
    ],
)
def test_regions_are_covered_once_and_begin_where_tiles_do(halo, region):
    shape, size = (9, 80, 90), tile_size(halo, 32)
    seen = np.zeros(shape, int)
    for part in split_region(region, shape, size, halo):
        seen[part.core] += 1
        for read, core, reach, step, end in zip(
            part.read, part.core, halo, STEP, shape, strict=True
        ):
            assert read.start <= max(0, core.start - reach)
            assert read.stop >= min(end, core.stop + reach)
            if reach and reach % step == 0:
                assert read.start % step == 0
                assert read.stop % step == 0 or read.stop == end
    assert (seen[region] == 1).all()
    assert seen.sum() == seen[region].size


@pytest.mark.parametrize("edge", [33, 64])
def test_what_pools_gives_the_same_in_tiles(rng, edge):
    photons = Photons(rng.integers(0, 1000, (2, 150, 201), dtype=np.uint16), ONE, "ZYX")
    whole = run(denoise_job(photons, Pooler())).data
    tiled = run(denoise_job(photons, Pooler(), tile=edge)).data
    np.testing.assert_allclose(tiled, whole, rtol=1e-6)


@pytest.mark.parametrize(
    ("axes", "shape"),
    [
        ("YX", (40, 50)),
        ("ZYX", (3, 40, 50)),
        ("TYX", (3, 40, 50)),
        ("CYX", (2, 40, 50)),
        ("TCZYX", (2, 3, 4, 40, 50)),
        ("TZYX", (1, 4, 40, 50)),
        ("TCZYX", (1, 1, 1, 40, 50)),
        ("YX", (1, 1)),
        ("ZYX", (3, 1, 9)),
    ],
)
def test_every_axis_arrives_where_it_was(axes, shape, rng):
    counts = rng.integers(0, 1000, shape, dtype=np.uint16)
    for halo in ((0, 2, 2), (1, 2, 2)):
        job = denoise_job(Photons(counts, ONE, axes), Doubler(halo), tile=32)
        np.testing.assert_array_equal(run(job).data, 2.0 * counts)


def test_planes_of_a_stack_are_kept_apart_unless_the_method_looks_across(rng):
    counts = rng.integers(0, 9, (5, 16, 16), dtype=np.uint16)
    flat, deep = Doubler((0, 1, 1)), Doubler((2, 1, 1))
    for method in (flat, deep):
        run(denoise_job(Photons(counts, ONE, "ZYX"), method))
    assert {shape[0] for shape in flat.seen} == {1}
    assert {shape[0] for shape in deep.seen} == {5}
    times = Doubler((2, 1, 1))
    run(denoise_job(Photons(counts, ONE, "TYX"), times))
    assert {shape[0] for shape in times.seen} == {1}


def test_progress_counts_to_the_end():
    job = denoise_job(Photons(np.zeros((64, 96), np.uint8), ONE, "YX"), Doubler(), tile=32)
    steps = list(job)
    assert [step.done for step in steps] == [0, 1, 2, 3, 4, 5, 6]
    assert {step.total for step in steps} == {6}
    assert steps[0].text == "Denoising tile 1 of 6"


def test_a_cancelled_job_computes_no_further_tile():
    method = Doubler()
    job = denoise_job(Photons(np.zeros((64, 96), np.uint8), ONE, "YX"), method, tile=32)
    next(job)
    next(job)
    job.close()
    assert len(method.seen) == 1


def test_out_of_memory_halves_the_tile_and_goes_on(rng):
    counts = rng.integers(0, 1000, (200, 130), dtype=np.uint16)
    method = Doubler(largest=64 * 70)
    result = run(denoise_job(Photons(counts, ONE, "YX"), method))
    np.testing.assert_array_equal(result.data, 2.0 * counts)
    assert "ran out of memory" in result.notes[0]
    assert max(np.prod(shape) for shape in method.seen) <= 64 * 70


def test_hopeless_lack_of_memory_is_said():
    job = denoise_job(Photons(np.zeros((99, 99), np.uint8), ONE, "YX"), Doubler(largest=10))
    with pytest.raises(OutOfMemory, match="device 'cpu'"):
        run(job)


def test_result_too_large_for_memory_is_refused_before_work():
    class Endless:
        shape, dtype = (10**6, 10**5, 10**5), np.dtype(np.uint16)

    with pytest.raises(TooLarge, match="photon-denoise denoise"):
        run(denoise_job(Photons(Endless(), ONE, "ZYX"), Doubler()))


def test_result_can_go_into_any_writable_array(tmp_path, rng):
    counts = rng.integers(0, 1000, (3, 20, 30), dtype=np.uint16)
    out = np.memmap(tmp_path / "out", np.float32, "w+", shape=counts.shape)
    assert run(denoise_job(Photons(counts, ONE, "ZYX"), Doubler(), out=out)).data is out
    np.testing.assert_array_equal(out, 2.0 * counts)


def test_counts_come_back_in_the_images_own_type():
    counts = np.array([[0, 100, 200]], np.uint8)
    result = run(denoise_job(Photons(counts, ONE, "YX"), Doubler(), units="counts"))
    assert result.data.dtype == np.uint8
    np.testing.assert_array_equal(result.data, [[0, 200, 255]])
    assert "1 pixels lay beyond the range" in result.notes[0]
    for dtype in (np.int64, np.uint64):
        top = np.full((1, 2), np.iinfo(dtype).max, dtype)
        clipped = run(denoise_job(Photons(top, ONE, "YX"), Doubler(), units="counts")).data
        assert (clipped > 0).all()


@pytest.mark.parametrize("dtype", [np.uint32, np.int64, np.float64])
def test_wide_counts_come_back_to_the_last_digit(dtype):
    camera = Calibration(gain=1, offset=2.0**31)
    counts = (np.arange(4096).reshape(64, 64) % 1000 + 2**31).astype(dtype)
    same = run(denoise_job(Photons(counts, camera, "YX"), Gaussian(sigma=0), units="counts"))
    np.testing.assert_array_equal(same.data, counts)
    assert same.data.dtype == dtype
    assert not same.notes


def test_counts_too_far_from_the_offset_to_come_back_are_said():
    counts = (np.arange(4096).reshape(64, 64) % 1000 + 2**31).astype(np.uint32)
    photons = Photons(counts, Calibration(gain=1, offset=0), "YX")
    far = run(denoise_job(photons, Gaussian(sigma=0), units="counts"))
    assert "right to 256 counts only: check the offset" in far.notes[-1]
    assert np.abs(far.data.astype(float) - counts).max() <= 256
    assert not run(denoise_job(photons, Gaussian(sigma=0))).notes


def test_negative_photons_are_kept(rng):
    camera = Calibration(gain=1, offset=100, read_noise=2)
    counts = np.rint(rng.normal(100, 2, (300, 300))).astype(np.int16)
    result = run(denoise_job(Photons(counts, camera, "YX"), Gaussian(sigma=1))).data
    assert result.min() < 0
    assert abs(result.mean()) < 0.05


def test_saturated_and_constant_images_are_said(rng):
    counts = rng.integers(0, 200, (50, 50), dtype=np.uint8)
    counts[:5] = 255
    saturated = run(denoise_job(Photons(counts, ONE, "YX"), Doubler())).notes
    assert saturated == (
        "10 % of the pixels are saturated (255 counts): their photons are only a lower limit.",
    )
    constant = run(denoise_job(Photons(np.full((9, 9), 7), ONE, "YX"), Doubler())).notes
    assert "constant (all pixels 7)" in constant[0]
    fine = run(denoise_job(Photons(counts[5:], ONE, "YX"), Doubler())).notes
    assert fine == ()


def test_tiles_may_be_run_by_others_in_any_order(rng):
    counts = rng.integers(0, 100, (3, 70, 90)).astype(np.uint16)
    photons = Photons(counts, ONE, "TYX")

    waiting = []

    def backwards(task, queue):
        waiting.extend(queue.take() for _ in range(len(queue)))
        for frame, part in reversed(waiting):
            yield task(frame, part)

    here = run(denoise_job(photons, Doubler((0, 3, 3)), tile=32)).data
    there = run(denoise_job(photons, Doubler((0, 3, 3)), tile=32, run_tiles=backwards)).data
    np.testing.assert_array_equal(here, there)
    assert len(waiting) == 3 * 3 * 3


def test_a_region_halves_its_tiles_too(rng):
    counts = rng.integers(0, 100, (100, 120)).astype(np.uint16)
    photons, region = Photons(counts, ONE, "YX"), (slice(8, 95), slice(20, 118))
    method = Doubler((0, 3, 3), largest=64 * 70)
    function = run(method.prepare(photons, "cpu"))
    found = run(denoise_region_job(photons, method, region, function, tile=96)).data
    np.testing.assert_array_equal(found, 2.0 * counts[region])
    assert max(np.prod(shape) for shape in method.seen) <= 64 * 70


def test_impossible_tile_is_refused():
    photons = Photons(np.zeros((9, 9), np.uint8), ONE, "YX")
    with pytest.raises(PhotonDenoiseError, match="at least 32 px, not 5"):
        run(denoise_job(photons, Doubler(), tile=5))


def test_unknown_units_are_refused():
    photons = Photons(np.zeros((40, 40), np.uint8), ONE, "YX")
    with pytest.raises(PhotonDenoiseError, match="no units 'electrons'"):
        run(denoise_job(photons, Doubler(), units="electrons"))


def test_maps_follow_the_tiles(map_camera, rng):
    counts = rng.integers(90, 300, (2, 40, 50), dtype=np.uint16)
    result = run(denoise_job(Photons(counts, map_camera, "TYX"), Doubler((0, 3, 3)), tile=32))
    expected = 2 * (counts - map_camera.offset) * map_camera.gain
    np.testing.assert_allclose(result.data, expected, rtol=1e-5, atol=1e-3)


def test_frame_index_names_every_axis():
    box = (slice(1, 2), slice(3, 4), slice(5, 6))
    index = frame_index("TCZYX", {"T": 7, "C": 0}, box)
    assert index == (slice(7, 8), slice(0, 1), *box)


def test_maps_that_fit_only_turned_are_said(rng):
    """A dim film shows which pixels are noisy; the calibration says so elsewhere."""
    shape = (64, 64)
    read_noise = np.exp(rng.normal(0.5, 0.7, shape)).astype(np.float32)
    film = rng.normal(0, 1, (30, *shape)) * read_noise + rng.poisson(0.2, (30, *shape))
    counts = np.rint(film / 0.5 + 100).astype(np.int16)
    for turned, said in ((read_noise, False), (read_noise.T, True)):
        camera = Calibration(gain=0.5, offset=100, read_noise=turned)
        notes = run(denoise_job(Photons(counts, camera, "TYX"), Doubler())).notes
        assert any("fit the image only transposed" in note for note in notes) == said


def test_progress_counts_planes_as_well_as_tiles(rng):
    def texts(shape, axes, method, tile=32):
        counts = np.zeros(shape, np.uint8)
        return [step.text for step in denoise_job(Photons(counts, ONE, axes), method, tile=tile)]

    stack = texts((3, 64, 96), "ZYX", Doubler((0, 0, 0)))
    assert stack[7] == "Denoising plane 2 of 3, tile 2 of 6"
    assert len(stack) == 19
    # A plane that is one tile needs no count of its tiles.
    assert texts((3, 32, 32), "TYX", Doubler((0, 0, 0)))[1] == "Denoising frame 2 of 3"
    both = texts((2, 3, 32, 32), "TZYX", Doubler((0, 0, 0)))
    assert both[4] == "Denoising frame 2 of 2, plane 2 of 3"
    # A block of planes, of a method that looks across them.
    deep = texts((40, 32, 64), "ZYX", Doubler((1, 1, 1)))
    assert deep[:3] == [
        "Denoising planes 1 to 32 of 40, tile 1 of 2",
        "Denoising planes 1 to 32 of 40, tile 2 of 2",
        "Denoising planes 33 to 40 of 40, tile 1 of 2",
    ]


def test_progress_still_counts_when_tiles_are_made_smaller():
    counts = np.zeros((2, 64, 64), np.uint16)
    method = Doubler((0, 0, 0), largest=32 * 64)
    texts = [step.text for step in denoise_job(Photons(counts, ONE, "ZYX"), method)]
    assert texts[:2] == ["Denoising plane 1 of 2", "Denoising plane 1 of 2, tile 2 of 2"]
    assert texts[2] == "Denoising plane 2 of 2, tile 1 of 2"
