import math

import pytest

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.resolution_ratio import omega, psf_volume

OPTICS = (0.52, 1.2, 1.33)


def test_the_ellipsoid():
    lateral = 2.354820 * 0.225 * 0.52 / 1.2
    axial = 2.354820 * 0.78 * 1.33 * 0.52 / 1.2**2
    assert psf_volume(*OPTICS) == pytest.approx(math.pi / 6 * lateral**2 * axial, rel=1e-6)


def test_halving_the_voxel_divides_by_eight():
    whole = omega((0.3, 0.1, 0.1), *OPTICS)
    assert omega((0.15, 0.05, 0.05), *OPTICS) == pytest.approx(whole / 8)
    assert whole == pytest.approx(0.003 / psf_volume(*OPTICS))


def test_a_field_is_as_many_voxels():
    assert omega((0.3, 0.1, 0.1), *OPTICS, shape=(4, 5, 6)) == pytest.approx(
        120 * omega((0.3, 0.1, 0.1), *OPTICS)
    )


def test_bad_input_is_refused():
    for wrong in ((0, 1.2, 1.33), (0.5, -1, 1.33), (0.5, 1.2, math.nan), (math.inf, 1.2, 1.33)):
        with pytest.raises(PhotonDenoiseError, match="must be above 0"):
            psf_volume(*wrong)
    with pytest.raises(PhotonDenoiseError, match="no lens does"):
        psf_volume(0.5, 1.4, 1.33)
    with pytest.raises(PhotonDenoiseError, match="three pixel sizes"):
        omega((0.1, 0.1), *OPTICS)
    with pytest.raises(PhotonDenoiseError, match="pixel size must be above 0"):
        omega((0.3, 0, 0.1), *OPTICS)
    with pytest.raises(PhotonDenoiseError, match="number of voxels"):
        omega((0.3, 0.1, 0.1), *OPTICS, shape=(0, 5, 5))
