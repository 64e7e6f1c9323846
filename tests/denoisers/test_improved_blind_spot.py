import numpy as np
import pytest

import napari_photon_denoise as npd


def photons(**pixel_size):
    camera = npd.Calibration(gain=1, offset=0)
    return npd.Photons(np.ones((32, 32), np.uint16), camera, "YX", pixel_size)


def test_sigma_in_micrometres_becomes_pixels():
    method = npd.ImprovedBlindSpot(psf_sigma_um=0.13).resolved(photons(Y=0.1, X=0.1))
    assert method.psf_sigma == pytest.approx(1.3)
    assert method.psf_sigma_um == 0


@pytest.mark.parametrize("sigma", [0.001, 5.0])
def test_sigma_that_no_image_has_is_refused(sigma):
    with pytest.raises(npd.PhotonDenoiseError, match="check it and the pixel size"):
        npd.ImprovedBlindSpot(psf_sigma_um=sigma).resolved(photons(Y=0.1, X=0.1))


def test_micrometres_need_a_pixel_size():
    with pytest.raises(npd.PhotonDenoiseError, match="does not know its pixel size"):
        npd.ImprovedBlindSpot(psf_sigma_um=0.1).resolved(photons())
