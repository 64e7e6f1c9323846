import numpy as np
import pytest

torch = pytest.importorskip("torch")

from napari_photon_denoise.networks.learning.blind_spot.extents import EXTENTS, find_extent
from napari_photon_denoise.networks.learning.blind_spot.masks import BlindSpot

CROSS = ((0, 0, -1), (0, 0, 1), (0, -1, 0), (0, 1, 0))
THIN = [(1, 2, 9), (1, 9, 2), (1, 1, 5), (2, 4, 4), (3, 5, 1), (2, 2, 2)]


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def numbered(*shape):
    """Pixels that all differ: each is its own place."""
    return torch.arange(float(np.prod(shape))).reshape(shape)


def lone(shape, place):
    mask = torch.zeros(shape, dtype=torch.bool)
    mask[place] = True
    return mask


def drawn_values(spot, image, place, count=4000):
    """What replaces one pixel, drawn many times."""
    many = image.expand(count, *image.shape[1:])
    mask = lone(image.shape, (0, *place)).expand(many.shape)
    return spot.hide(many, mask, seeded())[(slice(None), *place)]


@pytest.mark.parametrize(
    ("spacing", "shape"), [((1, 4, 4), (5, 1, 16, 24)), ((2, 3, 3), (4, 6, 9, 12))]
)
def test_every_box_has_one_pixel(spacing, shape):
    z, y, x = spacing
    mask = BlindSpot(spacing).draw(shape, seeded())
    boxes = mask.reshape(shape[0], shape[1] // z, z, shape[2] // y, y, shape[3] // x, x)
    assert (boxes.sum((2, 4, 6)) == 1).all()


@pytest.mark.parametrize(
    ("spacing", "shape"),
    [((1, 4, 4), (4000, 1, 6, 9)), ((2, 3, 3), (4000, 3, 4, 5)), ((1, 3, 2), (4000, 1, 1, 7))],
)
def test_every_pixel_is_drawn_equally_often(spacing, shape):
    share = BlindSpot(spacing).draw(shape, seeded()).float().mean(0)
    expected = 1 / np.prod(spacing)
    spread = (expected * (1 - expected) / shape[0]) ** 0.5
    assert (share - expected).abs().max() < 4.5 * spread


@pytest.mark.parametrize(
    ("spacing", "shape"), [((1, 4, 4), (40, 1, 61, 67)), ((2, 3, 3), (10, 15, 31, 32))]
)
def test_the_share_of_hidden_pixels_is_one_in_a_box(spacing, shape):
    # A root of the wrong order makes the share in 3-D twenty times too small.
    share = float(BlindSpot(spacing).draw(shape, seeded()).float().mean())
    assert share == pytest.approx(1 / np.prod(spacing), rel=0.03)


@pytest.mark.parametrize("replacement", ["uniform", "median"])
@pytest.mark.parametrize("mean", [0.05, 0.2])
def test_pixels_that_keep_their_value_stay_in_the_mask(mean, replacement):
    spot = BlindSpot(replacement=replacement)
    photons = torch.poisson(torch.full((40, 1, 64, 64), mean), generator=seeded(1))
    source = seeded(2)
    mask = spot.draw(photons.shape, source)
    hidden = spot.hide(photons, mask, source)
    count = int(mask.sum())
    assert count == 40 * 64 * 64 // 16
    counted = float(photons[mask].mean())
    assert counted == pytest.approx(mean, abs=4 * (mean / count) ** 0.5)
    # What a mask of changed pixels would have learnt: far too bright.
    assert float(photons[hidden != photons].mean()) > 1.5 * counted


@pytest.mark.parametrize("replacement", ["uniform", "median"])
@pytest.mark.parametrize("extent", [(), CROSS])
def test_only_the_blind_spot_changes(replacement, extent):
    spot = BlindSpot((1, 8, 8), (0, 3, 3), extent, replacement)
    photons = torch.rand(3, 1, 32, 32, generator=seeded(1))
    source = seeded(2)
    mask = spot.draw(photons.shape, source)
    hidden = spot.hide(photons, mask, source)
    allowed = torch.zeros_like(mask)
    for batch, _, y, x in mask.nonzero().tolist():
        for _, down, right in ((0, 0, 0), *extent):
            if 0 <= y + down < 32 and 0 <= x + right < 32:
                allowed[batch, 0, y + down, x + right] = True
    assert torch.equal(hidden != photons, allowed)
    assert int(mask.sum()) == 3 * 16


@pytest.mark.parametrize("replacement", ["uniform", "median"])
@pytest.mark.parametrize("shape", [*THIN, (1, 7, 7), (3, 6, 6)])
@pytest.mark.parametrize("extent", [(), ((0, 0, -1), (0, 0, 1))])
def test_a_replacement_never_is_of_the_blind_spot(shape, extent, replacement):
    spot = BlindSpot(reach=(1, 2, 2), extent=extent, replacement=replacement)
    if extent and shape[:2] == (1, 1):
        pytest.skip("a line that is hidden as a whole has nothing to replace it")
    for place in np.ndindex(*shape):
        image = torch.zeros(1, *shape)
        for step in ((0, 0, 0), *extent):
            at = tuple(np.add(place, step))
            if all(0 <= one < size for one, size in zip(at, shape, strict=True)):
                image[(0, *at)] = 1
        values = drawn_values(spot, image, place, count=50)
        assert (values == 0).all(), place


def test_a_replacement_is_any_pixel_of_the_window_equally_often():
    image = numbered(1, 1, 9, 9)
    values = drawn_values(BlindSpot(), image, (0, 4, 4), count=24_000)
    found, counts = values.unique(return_counts=True)
    window = image[0, 0, 2:7, 2:7].flatten()
    assert set(found.tolist()) == set(window.tolist()) - {float(image[0, 0, 4, 4])}
    assert ((counts - 1000).abs() < 4.5 * 1000**0.5).all()


def test_a_replacement_comes_from_other_planes_too():
    image = numbered(1, 3, 5, 5)
    found = drawn_values(BlindSpot(reach=(1, 1, 1)), image, (1, 2, 2)).unique()
    window = image[0, :, 1:4, 1:4].flatten()
    assert set(found.tolist()) == set(window.tolist()) - {float(image[0, 1, 2, 2])}


def test_a_replacement_at_a_corner_comes_from_within_the_reach():
    image = numbered(1, 1, 9, 9)
    found = drawn_values(BlindSpot(), image, (0, 0, 0)).unique()
    assert set(found.tolist()) == set(image[0, 0, :3, :3].flatten().tolist()) - {0.0}


def test_the_median_leaves_out_the_pixel_itself():
    image = torch.zeros(1, 1, 5, 5)
    image[0, 0, :2] = 4.0
    image[0, 0, 2, :2] = 4.0  # 12 of the 24 around are 4, 12 are 0
    spot = BlindSpot(replacement="median")
    for own in (0.0, 100.0):
        image[0, 0, 2, 2] = own
        hidden = spot.hide(image, lone(image.shape, (0, 0, 2, 2)), seeded())
        assert hidden[0, 0, 2, 2] == 2.0


def test_all_of_the_extent_gets_the_median_of_what_lies_around():
    image = numbered(1, 1, 7, 7)
    spot = BlindSpot(reach=(0, 1, 1), extent=CROSS, replacement="median")
    hidden = spot.hide(image, lone(image.shape, (0, 0, 3, 3)), seeded())
    for y, x in ((3, 3), (2, 3), (4, 3), (3, 2), (3, 4)):
        assert hidden[0, 0, y, x] == (18 + 30) / 2  # of the four corners


def test_the_extent_is_hidden_and_not_learnt_from():
    spot = BlindSpot((1, 9, 9), (0, 3, 3), CROSS)
    photons = numbered(1, 1, 9, 9)
    source = seeded()
    mask = spot.draw(photons.shape, source)
    assert int(mask.sum()) == 1
    hidden = spot.hide(photons, lone(photons.shape, (0, 0, 4, 4)), source)
    changed = (hidden != photons).nonzero()[:, 1:].tolist()
    assert sorted(changed) == sorted([[0, 4, 4], [0, 3, 4], [0, 5, 4], [0, 4, 3], [0, 4, 5]])
    # Their values come from outside of the cross.
    cross = {float(photons[0, 0, y, x]) for _, y, x in changed}
    assert not cross & {float(hidden[0, 0, y, x]) for _, y, x in changed}


@pytest.mark.parametrize("replacement", ["uniform", "median"])
def test_the_same_seed_gives_the_same_blind_spots(replacement):
    spot = BlindSpot(replacement=replacement)
    photons = torch.rand(2, 1, 16, 16, generator=seeded(1))

    def made(seed):
        source = seeded(seed)
        mask = spot.draw(photons.shape, source)
        return mask, spot.hide(photons, mask, source)

    (mask, hidden), (again, hidden_again), (other, _) = made(0), made(0), made(1)
    assert torch.equal(mask, again)
    assert torch.equal(hidden, hidden_again)
    assert not torch.equal(mask, other)


@pytest.mark.parametrize("replacement", ["uniform", "median"])
def test_nothing_hidden_leaves_the_photons(replacement):
    photons = torch.rand(1, 1, 8, 8)
    spot = BlindSpot(replacement=replacement)
    hidden = spot.hide(photons, torch.zeros(photons.shape, dtype=torch.bool), seeded())
    assert torch.equal(hidden, photons)


def test_a_blind_spot_that_differs_to_the_other_side_is_refused():
    with pytest.raises(ValueError, match="both sides"):
        BlindSpot(extent=((0, 0, 1),))


@pytest.mark.parametrize("name", EXTENTS)
def test_every_extent_is_a_blind_spot(name, camera):
    assert (0, 0, 0) not in find_extent(name, camera)
    BlindSpot(extent=find_extent(name, camera))
