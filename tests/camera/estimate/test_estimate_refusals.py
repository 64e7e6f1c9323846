"""Images that can't tell: one sentence, and never a number that looks right."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_photon_denoise.camera.estimate import NoEstimate, estimate_job
from napari_photon_denoise.camera.estimate.refusals import check_sampling
from napari_photon_denoise.errors import PhotonDenoiseError


@pytest.mark.parametrize("peak", [200, 2000])
def test_undersampled_beads(camera, estimate, peak):
    with pytest.raises(NoEstimate, match="undersampled") as caught:
        estimate(camera.shoot("beads", peak, seed=1))
    assert "\n" not in str(caught.value)
    assert "calibrate the camera" in str(caught.value)


@pytest.mark.parametrize(("ratio", "said"), [(1.0, False), (1.14, False), (1.16, True)])
def test_guard_warns(ratio, said):
    assert (check_sampling(ratio) is not None) == said


def test_guard_refuses():
    assert "may be undersampled" in check_sampling(1.49)
    with pytest.raises(NoEstimate):
        check_sampling(1.51)


def test_evenly_bright(estimate):
    even = np.random.default_rng(0).poisson(500, (256, 256)).astype(np.uint16)
    with pytest.raises(NoEstimate, match=r"evenly bright|brightest part"):
        estimate(even)


def test_twofold_span_is_needed(estimate):
    """Brightness from 100 to 150 photons: a slope, but no reliable zero."""
    rng = np.random.default_rng(0)
    ramp = np.linspace(300, 450, 512)[None, :] * np.ones((512, 1))
    with pytest.raises(NoEstimate, match="brightest part is only"):
        estimate(rng.poisson(ramp).astype(np.uint16))
    wide = np.linspace(100, 450, 512)[None, :] * np.ones((512, 1))
    assert estimate(rng.poisson(wide).astype(np.uint16)).gain == pytest.approx(1, rel=0.1)


@pytest.mark.parametrize("value", [0, 100])
@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_constant(estimate, value, dtype):
    with pytest.raises(NoEstimate):
        estimate(np.full((128, 128), value, dtype))


def test_dark_parts_cut_off(estimate, camera):
    """As of thresholded 8-bit pictures: noise in the cells, none around them."""
    image = camera.shoot("nuclei", 200, seed=1).astype(int)
    with pytest.raises(NoEstimate, match="has no noise"):
        estimate(np.clip(image - 200, 0, 255).astype(np.uint8))


def test_saturated(estimate, camera):
    full = np.minimum(camera.shoot("shaded", 2000, seed=1) * 60.0, 65535).astype(np.uint16)
    full[::7, ::7] = 65535
    with pytest.raises(NoEstimate, match="saturated"):
        estimate(full)


@pytest.mark.parametrize(
    "process",
    [
        lambda image: gaussian_filter(image.astype(np.float32), 3),
        lambda image: np.sqrt(image - image.min()),
        lambda image: 255 - image / image.max() * 255.0,
    ],
    ids=["smoothed", "gamma", "inverted"],
)
def test_processed(camera, estimate, process):
    with pytest.raises(NoEstimate):
        estimate(process(camera.shoot("shaded", 200, seed=1)))


def test_bad_input(estimate, camera):
    image = camera.shoot("shaded", 200, seed=1, size=128).astype(np.float32)
    image[3, 3] = np.nan
    with pytest.raises(PhotonDenoiseError, match="NaN"):
        estimate(image)
    with pytest.raises(PhotonDenoiseError, match="at least 64×64"):
        estimate(np.zeros((40, 500), np.uint16))
    with pytest.raises(PhotonDenoiseError, match="boolean"):
        estimate(np.zeros((100, 100), bool))
    with pytest.raises(PhotonDenoiseError, match="axes"):
        estimate(np.zeros((2, 100, 100), np.uint16), "YX")


def test_zeros_cut_off_are_said(estimate):
    rng = np.random.default_rng(0)
    light = np.linspace(0, 60, 256)[None, :] * np.ones((256, 1))
    image = np.maximum(np.rint(rng.poisson(light) + 3 * rng.standard_normal(light.shape)), 0)
    found = estimate(image.astype(np.uint16))
    assert any("0 or below" in sentence for sentence in found.sentences)


def test_cancelling_stops_reading(camera):
    job = estimate_job(camera.shoot("shaded", 200, seed=1), "YX")
    step = next(job)
    assert (step.done, step.total) == (0, 1)
    job.close()
