import numpy as np
import pytest


@pytest.fixture
def maps(rng):
    """Offset (ADU), variance (ADU²), gain (ADU/e-): not square, so that axes can't swap."""
    shape = (12, 15)
    return (
        rng.uniform(95, 105, shape),
        rng.uniform(2, 30, shape),
        rng.uniform(2.1, 2.3, shape),
    )


@pytest.fixture
def check(maps):
    """Compare what was imported with the maps, in this package's units."""

    def compare(imported):
        offset, variance, gain = maps
        found = imported.calibration
        np.testing.assert_allclose(found.offset, offset, rtol=1e-5)
        np.testing.assert_allclose(found.gain, 1 / gain, rtol=1e-5)
        np.testing.assert_allclose(found.read_noise, np.sqrt(variance) / gain, rtol=1e-5)
        assert found.source == "measured"

    return compare
