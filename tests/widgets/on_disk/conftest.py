import numpy as np
import pytest

from napari_photon_denoise.io.image import About
from napari_photon_denoise.io.ome_zarr.container import plan_container


@pytest.fixture
def container(tmp_path):
    """A stack whose shards end within pixels of the smaller resolution."""
    sizes = {"pixel_size": {"Z": 1.0, "Y": 0.1, "X": 0.1}}
    return plan_container(
        tmp_path / "clean.ome.zarr", "ZYX", (5, 600, 530), np.dtype(np.float32),
        About("ZYX", **sizes), {"Z": 1, "Y": 48, "X": 48}, chunk=(1, 16, 16),
        shard_bytes=3 * 240 * 240 * 4,
    )  # fmt: skip
