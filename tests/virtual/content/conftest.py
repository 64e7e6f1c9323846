import numpy as np
import pytest
import tifffile
from scipy.ndimage import gaussian_filter


def blobs(shape, rng, sigma=4.0):
    """Clean fluorescence: a few bright blobs on a dark background, in counts."""
    image = np.zeros(shape, dtype=np.float32)
    places = tuple(rng.integers(0, n, 60) for n in shape)
    image[places] = rng.uniform(0.5, 1, 60)
    image = gaussian_filter(image, (1.5,) * (len(shape) - 2) + (sigma, sigma))
    return (100 + 3000 * image / image.max()).astype(np.uint16)


@pytest.fixture(scope="session")
def content(tmp_path_factory):
    """A folder of two sources: what is clean, and one image of each kind that is not."""
    rng = np.random.default_rng(5)
    folder = tmp_path_factory.mktemp("content")
    clean = blobs((160, 200), rng)
    noisy = rng.poisson((clean - 100) / 60) * 60 + rng.normal(100, 3, clean.shape)
    bad = {
        "mask": (clean > 300).astype(np.uint8) * 255,
        "labels": np.repeat(
            np.repeat((rng.permutation(400).reshape(20, 20) ** 3 // 999), 8, 0), 8, 1
        ),
        "brightfield": 4000 - clean,
        "saturated": np.minimum(clean, 1200),
        "small": clean[:40, :40],
        "noisy": noisy,
        "few": clean // 100,
    }
    images = {
        "bad": {name: image.astype(np.uint16) for name, image in bad.items()},
        "good": {
            "plane": clean,
            "eight": (clean // 13).astype(np.uint8),
            "stack_zyx": blobs((10, 100, 110), rng),
            "stack_xyt": blobs((10, 100, 110), rng),
            "colour": np.stack([blobs((120, 130), rng) for _ in range(3)]),
        },
    }
    for source, files in images.items():
        (folder / source).mkdir()
        for name, image in files.items():
            tifffile.imwrite(folder / source / f"{name}.tif", image, photometric="minisblack")
    (folder / "bad" / "broken.png").write_bytes(b"\x89PNG no more")
    (folder / "bad" / "notes.txt").write_text("not an image")
    return folder
