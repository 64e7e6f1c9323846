"""Arrays whose axes nobody names: said, and no method looks across their planes."""

import numpy as np
import pytest

import napari_photon_denoise as npd
from napari_photon_denoise.errors import PhotonDenoiseWarning

ACROSS = npd.Box(size=1, size_z=3)


def test_planes_that_nobody_knows_stay_by_themselves(rng, camera):
    stack = rng.poisson(50, (5, 40, 40)).astype(np.uint16) + 100
    with pytest.warns(PhotonDenoiseWarning, match="nothing tells what its 5 planes are"):
        clean = npd.denoise(stack, camera, ACROSS)
    np.testing.assert_allclose(clean, camera.to_photons(stack), rtol=1e-6)
    named = npd.denoise(stack, camera, ACROSS, axes="ZYX")
    np.testing.assert_allclose(named[2], clean[1:4].mean(axis=0), rtol=1e-4)


def test_a_single_plane_asks_nothing(rng, camera, recwarn):
    npd.denoise(rng.poisson(50, (1, 40, 40)).astype(np.uint16) + 100, camera, ACROSS)
    assert not recwarn.list


def test_of_two_axes_that_nobody_named_none_is_looked_along(rng, camera):
    """Tiles of each plane by itself give the same as each plane alone."""
    images = rng.poisson(20, (2, 3, 40, 50)).astype(np.uint16)
    with pytest.warns(PhotonDenoiseWarning, match="nothing tells what its 2 × 3 planes are"):
        clean = npd.denoise(images, camera, "resunet")
    alone = npd.denoise(images[1, 2], camera, "resunet")
    np.testing.assert_allclose(clean[1, 2], alone, rtol=1e-3)
    with pytest.raises(npd.PhotonDenoiseError, match="name the axes first"):
        npd.denoise(images, camera, npd.Gaussian(sigma_z=1))
    npd.denoise(images, camera, npd.Gaussian(sigma_z=1), axes="TZYX")
