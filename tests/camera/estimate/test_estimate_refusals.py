"""Only what has no noise is refused: one sentence, and what to do."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, label

from napari_photon_denoise.camera.estimate import NoEstimate, estimate_job
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import run
from napari_photon_denoise.named_camera import name_camera


@pytest.mark.parametrize("value", [0, 100])
@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_constant(estimate, value, dtype):
    with pytest.raises(NoEstimate, match="no noise"):
        estimate(np.full((128, 128), value, dtype))


def test_saturated(estimate, camera):
    full = np.minimum(camera.shoot("shaded", 2000, seed=1) * 60.0, 65535).astype(np.uint16)
    full[::7, ::7] = 65535
    found = estimate(full)  # between the full pixels, the finest detail tells of one level
    assert found.rung == "level"
    assert "saturated" in found.sentences[0]
    with pytest.raises(NoEstimate, match="saturated"):
        estimate(np.where(np.arange(128) < 126, 65535, np.arange(128))[None].astype(np.uint16))


def test_masks_and_labels(estimate, camera):
    cells = gaussian_filter(camera.shoot("nuclei", 200, seed=1).astype(float), 2) > 150
    with pytest.raises(NoEstimate, match="masks and labels"):
        estimate(cells.astype(np.uint8))
    with pytest.raises(NoEstimate, match="masks and labels"):
        estimate(label(cells)[0].astype(np.int32))


@pytest.mark.parametrize("sigma", [2, 3])
def test_denoised_already(camera, estimate, sigma):
    smooth = gaussian_filter(camera.shoot("shaded", 200, seed=1).astype(np.float32), sigma)
    with pytest.raises(NoEstimate, match="denoised already") as caught:
        estimate(smooth)
    assert "\n" not in str(caught.value)
    assert "take the raw image" in str(caught.value)


def test_all_the_same_is_one_level_of_noise(camera, estimate):
    """Who wants a denoised image denoised again gets the plainest model; a constant has none."""
    smooth = gaussian_filter(camera.shoot("shaded", 200, seed=1).astype(np.float32), 3)
    with pytest.raises(NoEstimate, match="all the same") as caught:
        estimate(smooth)
    assert caught.value.plainest.rung == "level"
    known = run(name_camera("one-level").find_job(smooth, "YX"))
    assert known.calibration.relative
    assert known.calibration == caught.value.plainest.calibration()
    with pytest.raises(NoEstimate) as caught:
        run(name_camera("one-level").find_job(np.full((128, 128), 7, np.uint8), "YX"))
    assert caught.value.plainest is None


def test_bad_input(estimate, camera):
    image = camera.shoot("shaded", 200, seed=1, size=128).astype(np.float32)
    image[3, 3] = np.nan
    with pytest.raises(PhotonDenoiseError, match="NaN"):
        estimate(image)
    with pytest.raises(PhotonDenoiseError, match="boolean"):
        estimate(np.zeros((100, 100), bool))
    with pytest.raises(PhotonDenoiseError, match="axes"):
        estimate(np.zeros((2, 100, 100), np.uint16), "YX")


def test_cancelling_stops_reading(camera):
    job = estimate_job(camera.shoot("shaded", 200, seed=1), "YX")
    step = next(job)
    assert (step.done, step.total) == (0, 1)
    job.close()
