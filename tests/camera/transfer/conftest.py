import numpy as np
import pytest
from known_cameras import LEVELS, SHAPE, calibrate

from napari_photon_denoise.virtual.simulate import scmos


@pytest.fixture(scope="session")
def sensor():
    return scmos(SHAPE, seed=3)


@pytest.fixture(scope="session")
def frames(sensor):
    """A dark and four flat levels of 100 frames."""
    rng = np.random.default_rng(0)
    flats = [sensor.flat(level, 100, SHAPE, rng) for level in LEVELS]
    return sensor.dark(100, SHAPE, rng), flats


@pytest.fixture(scope="session")
def report(frames):
    return calibrate(*frames)
