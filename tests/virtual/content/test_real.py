import numpy as np
import pytest

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.virtual.content import read_content
from napari_photon_denoise.virtual.content.clean import fault, halved, noise_share
from napari_photon_denoise.virtual.content.crops import cut, cut_film


@pytest.fixture(scope="module")
def read(content):
    return read_content(content)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("mask", "few grey levels"),
        ("labels", "label"),
        ("brightfield", "brightfield"),
        ("saturated", "saturated"),
        ("small", "too small"),
        ("noisy", "noisy"),
        ("few", "few grey levels"),
        ("broken", "damaged"),
    ],
)
def test_what_is_no_clean_fluorescence_image_is_left_out_and_named(name, reason, read):
    (refusal,) = [refusal for refusal in read[1] if f"/{name}." in refusal.name]
    assert reason in refusal.reason


def test_clean_images_are_kept_as_densities(read):
    kept = read[0]
    assert {image.source for image in kept} == {"good"}
    for image in kept:
        assert image.density.dtype == np.float32
        assert image.density.ndim == len(image.axes)
        assert image.density.min() >= 0
        assert image.density.mean() == pytest.approx(1, abs=1e-3)
        # The camera's offset is gone: dark places are dark.
        assert np.percentile(image.density, 1) < 0.05


def test_channels_are_split_and_stacks_are_kept_whole_too(read):
    names = [image.name for image in read[0]]
    assert [name for name in names if "colour" in name] == [
        f"good/colour.tif:{i}" for i in range(3)
    ]
    axes = {image.name: image.axes for image in read[0] if image.density.ndim == 3}
    assert axes == {"good/stack_zyx.tif": "ZYX", "good/stack_xyt.tif": "TYX"}
    assert sum("stack_zyx.tif:" in name for name in names) > 1


@pytest.mark.parametrize("share", [0.05, 0.1, 0.2])
def test_noise_is_told_from_structure(share, rng):
    y, x = np.indices((200, 200), dtype=np.float32)
    disc = 1000 / (1 + np.exp((np.hypot(y - 100, x - 100) - 70) / 2))
    texture = 1 + 0.2 * np.sin(x / 2) * np.sin(y / 2)
    image = (disc * texture).astype(np.float32)
    assert noise_share(image, 0) < 0.01
    noisy = image * (1 + share * rng.standard_normal(image.shape, dtype=np.float32))
    assert noise_share(noisy, 0) == pytest.approx(share, rel=0.4)
    assert noise_share(halved(noisy), 0) < 0.8 * share


def test_noise_that_can_be_averaged_away_makes_the_image_smaller(content, tmp_path, rng):
    import tifffile

    clean = tifffile.imread(content / "good" / "plane.tif").astype(float) - 100
    (tmp_path / "lab").mkdir()
    noisy = rng.poisson(clean / 5) * 5 + 100
    tifffile.imwrite(tmp_path / "lab" / "a.tif", noisy.astype(np.uint16))
    (image,), _ = read_content(tmp_path)
    assert image.density.shape == (80, 100)


def test_a_folder_that_is_missing_or_without_images_is_one_clear_sentence(tmp_path):
    with pytest.raises(PhotonDenoiseError, match=r"There is no folder .*nowhere"):
        read_content(tmp_path / "nowhere")
    with pytest.raises(PhotonDenoiseError, match="holds no clean fluorescence image"):
        read_content(tmp_path)


def test_nan_and_odd_shapes_are_faults(rng):
    image = rng.random((80, 80))
    image[3, 3] = np.nan
    assert fault(image) == "not finite"
    assert fault(rng.random(80)) == "too small"
    assert fault(np.full((80, 80), 7)) == "few grey levels"


@pytest.mark.parametrize("shape", [(96, 96), (96, 128), (300, 300)])
def test_pieces_are_of_the_shape_asked_for_even_from_smaller_images(shape, read, rng):
    planes = [image for image in read[0] if image.axes == "YX"]
    for _ in range(5):
        scene, image = cut(shape, planes, rng)
        assert scene.shape == shape
        assert scene.min() >= 0
        assert scene.mean() == pytest.approx(1, abs=1e-3)
        assert image in planes


def test_stacks_are_cut_and_planes_are_moved(read, rng):
    stacks = [image for image in read[0] if image.axes == "ZYX"]
    assert cut((12, 64, 64), stacks, rng)[0].shape == (12, 64, 64)
    planes = [image for image in read[0] if image.axes == "YX"]
    films = [cut_film((6, 64, 64), planes, rng)[0] for _ in range(4)]
    for film in films:
        assert film.shape == (6, 64, 64)
        assert np.abs(film[0] - film[-1]).max() > 0.01
