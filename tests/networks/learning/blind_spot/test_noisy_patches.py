import numpy as np
import pytest

torch = pytest.importorskip("torch")
da = pytest.importorskip("dask.array")

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import run
from napari_photon_denoise.networks.learning.blind_spot.patches import (
    NoisyPatches,
    check_size,
    read_small_job,
)
from napari_photon_denoise.photons import Photons

UNIT = Calibration(gain=1, offset=0, read_noise=1)


def numbered(shape, axes, camera=UNIT):
    """Every pixel holds its own number."""
    return Photons(np.arange(np.prod(shape), dtype=np.float32).reshape(shape), camera, axes)


def draw(source, seed=0):
    return source(np.random.default_rng(seed))


class Counted:
    """An array that counts the pixels which are read from it."""

    def __init__(self, data):
        self.data, self.shape, self.dtype, self.pixels = data, data.shape, data.dtype, 0

    def __getitem__(self, index):
        block = self.data[index]
        self.pixels += block.size
        return block


def test_a_batch_depends_on_its_seed_alone():
    source = NoisyPatches([numbered((3, 40, 40), "TYX")], "Z", 5, 16)
    one, again, other = draw(source), draw(source), draw(source, 1)
    for name in vars(one):
        assert torch.equal(getattr(one, name), getattr(again, name))
    assert not torch.equal(one.photons, other.photons)


@pytest.mark.parametrize(
    ("shape", "axes", "depth_axis", "planes", "depth", "photons"),
    [
        ((40, 48), "YX", "Z", 1, 0, (6, 1, 16, 16)),
        ((3, 40, 48), "CYX", "Z", 1, 0, (6, 1, 16, 16)),
        ((2, 7, 40, 48), "TZYX", "Z", 5, 0, (6, 5, 16, 16)),
        ((2, 7, 40, 48), "TZYX", "T", 3, 0, (6, 3, 16, 16)),
        ((7, 2, 40, 48), "TCYX", "T", 3, 0, (6, 3, 16, 16)),
        ((2, 7, 40, 48), "TZYX", "Z", 1, 4, (6, 1, 4, 16, 16)),
        ((7, 2, 40, 48), "TCYX", "T", 1, 4, (6, 1, 4, 16, 16)),
    ],
)
def test_shapes(shape, axes, depth_axis, planes, depth, photons):
    batch = draw(NoisyPatches([numbered(shape, axes)], depth_axis, 6, 16, planes, depth))
    assert batch.photons.shape == photons
    assert batch.photons.dtype == torch.float32
    assert batch.held_out.shape == (6, 1, *photons[2:])
    assert batch.read_noise.shape == (6, 1, *((1,) if depth else ()), 16, 16)
    assert batch.present.shape == (6, planes)
    assert batch.present[:, planes // 2].all()


@pytest.mark.parametrize(("shape", "axes"), [((4, 3, 20, 20), "TZYX"), ((5, 20, 20), "CYX")])
def test_every_plane_is_a_sample(shape, axes):
    planes = np.arange(np.prod(shape[:-2]), dtype=np.float32).reshape(*shape[:-2], 1, 1)
    image = Photons(np.broadcast_to(planes, shape).copy(), UNIT, axes)
    batch = draw(NoisyPatches([image], "Z", 300, 16))
    assert set(batch.photons.unique().tolist()) == set(planes.flatten().tolist())


def test_larger_images_are_drawn_more_often():
    small, large = (
        Photons(np.full((edge, edge), edge, np.float32), UNIT, "YX") for edge in (20, 60)
    )
    batch = draw(NoisyPatches([small, large], "Z", 800, 16))
    assert float((batch.photons[:, 0, 0, 0] == 20).float().mean()) == pytest.approx(0.1, abs=0.04)


def test_neighbours_follow_each_other_and_end_with_the_stack():
    image = numbered((5, 20, 20), "ZYX")
    batch = draw(NoisyPatches([image], "Z", 200, 16, planes=3))
    planes = (batch.photons[:, :, 8, 8] // 400).int()
    middle = planes[:, 1]
    assert set(middle.tolist()) == set(range(5))
    wanted = middle[:, None] + torch.tensor([-1, 0, 1])
    assert torch.equal(planes, wanted.clamp(0, 4))
    assert torch.equal(batch.present, (wanted >= 0) & (wanted < 5))


def test_an_image_without_planes_has_no_neighbours():
    batch = draw(NoisyPatches([numbered((20, 20), "YX")], "Z", 4, 16, planes=3))
    assert batch.present.tolist() == [[False, True, False]] * 4


def test_planes_of_a_volume_follow_each_other_up_or_down():
    batch = draw(NoisyPatches([numbered((2, 9, 20, 20), "TZYX")], "Z", 100, 16, depth=4))
    steps = (batch.photons.diff(dim=2) / 400).unique()
    assert set(steps.tolist()) == {-1.0, 1.0}


def test_neighbours_of_a_plane_keep_their_order():
    batch = draw(NoisyPatches([numbered((9, 20, 20), "ZYX")], "Z", 100, 16, planes=3))
    inner = batch.present.all(1)
    assert (batch.photons.diff(dim=1)[inner] == 400).all()


@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize(("planes", "depth"), [(1, 0), (3, 0), (1, 3)])
def test_maps_are_cut_where_the_photons_are(lazy, planes, depth):
    place = np.arange(40 * 48, dtype=np.float32).reshape(40, 48)
    data = np.broadcast_to(place, (5, 40, 48)).copy()
    camera = Calibration(gain=1, offset=0, read_noise=place + 1)
    image = Photons(da.from_array(data) if lazy else data, camera, "ZYX")
    batch = draw(NoisyPatches([image], "Z", 12, 16, planes, depth))
    expected = batch.photons[:, planes // 2 : planes // 2 + 1] + 1
    assert torch.equal(batch.read_noise.expand_as(expected), expected)


def test_photons_are_calibrated(camera):
    batch = draw(
        NoisyPatches([Photons(np.full((20, 20), 120, np.uint16), camera, "YX")], "Z", 2, 16)
    )
    assert (batch.photons == 10).all()
    assert (batch.read_noise == 1.5).all()


@pytest.mark.parametrize(("planes", "depth"), [(1, 0), (3, 0), (1, 3)])
@pytest.mark.parametrize("lazy", [False, True])
def test_a_held_out_pixel_is_held_out_in_every_patch(planes, depth, lazy):
    image = numbered((2, 4, 30, 32), "TZYX")
    if lazy:
        image = Photons(da.from_array(image.data), UNIT, "TZYX")
    batch = draw(NoisyPatches([image], "Z", 120, 16, planes, depth))
    middle = batch.photons[:, planes // 2 : planes // 2 + 1]
    flags = {}
    for pixel, held in zip(
        middle.flatten().tolist(), batch.held_out.flatten().tolist(), strict=True
    ):
        assert flags.setdefault(pixel, held) == held
    assert len(flags) > 0.7 * 2 * 4 * 30 * 32
    assert np.mean(list(flags.values())) == pytest.approx(0.05, abs=0.01)


def test_held_out_pixels_lie_everywhere_and_differ_from_image_to_image():
    images = [numbered((160, 160), "YX") for _ in range(2)]
    source = NoisyPatches(images, "Z", 1, 160)
    batches = [NoisyPatches([one], "Z", 1, 160) for one in images]
    assert torch.equal(draw(batches[0]).held_out, draw(batches[1]).held_out)  # same number
    many = [draw(source, seed) for seed in range(40)]
    # Back to where they were, by the number that each pixel holds.
    maps = {
        tuple(one.held_out.flatten()[one.photons.flatten().argsort()].nonzero().flatten().tolist())
        for one in many
    }
    assert len(maps) == 2
    for places in maps:
        y, x = np.divmod(np.array(places), 160)
        for line in (np.bincount(y, minlength=160), np.bincount(x, minlength=160)):
            assert abs(line.mean() - 8) < 0.5
            assert 0.7 < line.var() / 7.6 < 1.4  # as of pixels that are drawn one by one
        neighbours = np.isin(np.array(places) + 1, places).mean()
        assert neighbours == pytest.approx(0.05, abs=0.02)


@pytest.mark.parametrize(("turned", "kinds"), [(True, 8), (False, 4)])
def test_patches_are_turned_only_where_that_is_allowed(turned, kinds):
    image = numbered((16, 16), "YX")
    found = {
        draw(NoisyPatches([image], "Z", 1, 16, turned=turned), seed).photons.numpy().tobytes()
        for seed in range(120)
    }
    assert len(found) == kinds
    if not turned:
        steps = {
            abs(np.frombuffer(one, np.float32)[1] - np.frombuffer(one, np.float32)[0])
            for one in found
        }
        assert steps == {1.0}  # neighbours along x stay neighbours along x


def test_only_what_is_needed_is_read():
    data = Counted(np.zeros((50, 8, 300, 300), np.uint16))
    source = NoisyPatches([Photons(data, UNIT, "TZYX")], "Z", 16, 32, planes=3)
    assert data.pixels == 0
    draw(source)
    patches = 16 * 3 * 32 * 32
    assert 0 < data.pixels <= 4 * patches  # four patches from one read of 16 patches' area
    assert data.pixels < data.data.size / 100


def test_a_file_is_read_in_few_regions():
    read = []
    blocks = da.zeros((40, 512, 512), chunks=(1, 256, 256), dtype=np.uint16)
    blocks = blocks.map_blocks(lambda block: read.append(block.shape) or block, dtype=np.uint16)
    read.clear()  # dask may try the function on an empty block
    draw(NoisyPatches([Photons(blocks, UNIT, "ZYX")], "Z", 16, 32))
    assert 0 < len(read) <= 4 * 4  # of 160


def test_small_images_are_read_once_and_large_ones_not_at_all(monkeypatch):
    data = Counted(np.ones((3, 20, 20), np.uint16))
    (held,) = run(read_small_job([Photons(data, UNIT, "TYX")]))
    assert isinstance(held.data, np.ndarray)
    assert data.pixels == 3 * 400
    assert np.array_equal(held.data, data.data)
    monkeypatch.setattr(
        "napari_photon_denoise.networks.learning.blind_spot.patches.KEPT_BYTES", 100
    )
    (left,) = run(read_small_job([Photons(data, UNIT, "TYX")]))
    assert left.data is data
    assert data.pixels == 3 * 400


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_is_refused(bad, monkeypatch):
    data = np.ones((20, 20), np.float32)
    data[8:12, 8:12] = bad
    image = Photons(data, UNIT, "YX")
    with pytest.raises(PhotonDenoiseError, match="NaN or infinite values"):
        run(read_small_job([image]))
    with pytest.raises(PhotonDenoiseError, match="NaN or infinite values"):
        draw(NoisyPatches([Photons(da.from_array(data), UNIT, "YX")], "Z", 4, 16))


@pytest.mark.parametrize("shape", [(15, 40), (40, 1), (8, 8)])
def test_a_thin_image_is_refused(shape):
    with pytest.raises(PhotonDenoiseError, match=rf"{shape[0]} × {shape[1]} px.*larger region"):
        check_size([numbered((20, 20), "YX"), numbered(shape, "YX")], "Z", 1)


@pytest.mark.parametrize(("shape", "axes"), [((20, 20), "YX"), ((5, 1, 20, 20), "TZYX")])
def test_a_single_plane_is_refused_where_planes_are_wanted(shape, axes):
    check_size([numbered(shape, axes)], "Z", 1)
    with pytest.raises(PhotonDenoiseError, match="a single plane"):
        check_size([numbered(shape, axes)], "Z", 3)


def test_the_smallest_image_will_do():
    check_size([numbered((16, 16), "YX")], "Z", 1)
    assert draw(NoisyPatches([numbered((16, 16), "YX")], "Z", 2, 16)).photons.shape == (
        2,
        1,
        16,
        16,
    )
