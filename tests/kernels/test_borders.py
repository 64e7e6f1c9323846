import numpy as np
import pytest

from napari_photon_denoise.kernels.borders import reflected


@pytest.mark.parametrize("length", [1, 2, 3, 10])
def test_positions_are_those_of_symmetric_padding(length):
    padded = np.pad(np.arange(length), (7, 9), mode="symmetric")
    np.testing.assert_array_equal(reflected(length, -7, length + 9), padded)
    np.testing.assert_array_equal(reflected(length, -2, length), padded[5:-9])
