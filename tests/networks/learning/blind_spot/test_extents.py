from dataclasses import replace

import pytest

pytest.importorskip("torch")

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.networks.learning.blind_spot.extents import (
    EXTENTS,
    LONGEST,
    find_extent,
    has_direction,
)


def test_lines_have_nine_pixels_with_their_own(camera):
    assert find_extent("pixel", camera) == ()
    for axis, name in enumerate(("line-z", "line-y", "line-x")):
        extent = find_extent(name, camera)
        assert [step[axis] for step in extent] == [-4, -3, -2, -1, 1, 2, 3, 4]
        assert {step[other] for step in extent for other in range(3) if other != axis} == {0}
    both = set(find_extent("line-y", camera)) | set(find_extent("line-x", camera))
    assert set(find_extent("cross", camera)) == both


def test_a_disc_is_round(camera):
    disc = set(find_extent("disc", camera))
    assert len(disc) == 20  # of the 5 × 5, all but the corners and the pixel itself
    assert (0, 2, 2) not in disc
    assert (0, 2, 1) in disc


def test_shapes_that_know_a_direction(camera):
    known = {name for name in EXTENTS if has_direction(find_extent(name, camera))}
    assert known == {"line-x", "line-y"}
    assert has_direction(find_extent("measured", replace(camera, length_x=1.0)))
    assert not has_direction(find_extent("measured", replace(camera, length_x=1.0, length_y=1.0)))


def test_the_measured_extent_follows_the_camera(camera):
    assert find_extent("measured", camera) == ()
    line = find_extent("measured", replace(camera, length_x=0.6))
    assert {y for _, y, _ in line} == {0}
    assert max(x for *_, x in line) == 2
    wide = find_extent("measured", replace(camera, length_y=0.4, length_x=5.0))
    assert max(y for _, y, _ in wide) == 2
    assert max(x for *_, x in wide) == LONGEST


def test_an_unknown_shape_is_refused(camera):
    with pytest.raises(PhotonDenoiseError, match=r"no blind spot 'ring': choose one of pixel,"):
        find_extent("ring", camera)
