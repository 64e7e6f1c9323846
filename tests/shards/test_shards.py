"""What comes out of shards is what comes out of the whole image, to the bit."""

from pathlib import Path

import numpy as np
import pytest

import napari_photon_denoise as npd
from napari_photon_denoise.denoisers import METHODS, make_denoiser
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io import read
from napari_photon_denoise.io.write import write_image
from napari_photon_denoise.shards.records import Records, StoreOptions
from quick_learning import LEARNING, QUICK, keep_float32, make_still
from shard_runs import SMALL, denoised, pixels, save_counts, watch
from tiny_models import save_tiny


def method_of(name: str, folder: Path):
    """Return a method, quick, that looks across planes if it can."""
    if name == "resunet":
        return make_denoiser(name, {"model": str(save_tiny(folder))})
    if name == "adapted-resunet":
        return make_denoiser(name, {"model": str(save_tiny(folder)), **QUICK})
    if name in LEARNING:
        return make_denoiser(name, QUICK)
    return make_denoiser(name, {})


def both_ways(folder, denoiser, *, source="cells.ome.tif", **more):
    """Denoise into both formats; return the two states and images."""
    options = more.pop("options", SMALL)
    shards = denoised(folder / source, folder / "clean.ome.zarr", denoiser, options=options, **more)
    file = denoised(folder / source, folder / "clean.ome.tif", denoiser, **more)
    with read(folder / "clean.ome.tif") as image:
        return shards, file, pixels(folder / "clean.ome.zarr"), np.asarray(image.data)


def number_of_shards(store):
    return len([*(Records(store).folder / "done").glob("*.json")])


@pytest.mark.parametrize("name", METHODS)
def test_every_method_gives_what_it_gives_in_an_ome_tiff(monkeypatch, tmp_path, name):
    if name in LEARNING:
        make_still(monkeypatch)
    keep_float32(monkeypatch)
    save_counts(tmp_path / "cells.ome.tif", (3, 70, 53))
    shards, file, ours, whole = both_ways(tmp_path, method_of(name, tmp_path))
    assert np.array_equal(ours, whole)
    assert ours.dtype == whole.dtype
    assert shards.notes == file.notes
    assert number_of_shards(tmp_path / "clean.ome.zarr") > 3
    for beside in shards.files[1:]:
        other = beside.with_name(beside.name.replace(".ome.zarr", ".ome.tif"))
        with read(other) as image:
            assert np.array_equal(pixels(beside), np.asarray(image.data))


@pytest.mark.parametrize(
    ("axes", "shape"),
    [
        ("YX", (77, 50)),
        ("TYX", (3, 33, 65)),
        ("CZYX", (2, 20, 40, 35)),
        ("TCZYX", (2, 2, 9, 36, 33)),
        ("ZYX", (1, 1, 40)),
        ("YX", (1, 1)),
    ],
)
@pytest.mark.parametrize("zarr_format", [2, 3])
def test_axes_of_all_kinds_in_both_formats(tmp_path, axes, shape, zarr_format):
    save_counts(tmp_path / "cells.ome.tif", shape, axes)
    options = StoreOptions(zarr_format=zarr_format, shard_bytes=1)
    _, _, ours, whole = both_ways(tmp_path, npd.Gaussian(sigma_z=1), options=options)
    assert np.array_equal(ours, whole)
    assert ours.shape == shape


@pytest.mark.parametrize("seed", range(4))
def test_however_it_is_cut(tmp_path, seed):
    """Shards of one tile, of many, and of chunks that fit no tile."""
    rng = np.random.default_rng(seed)
    shape = tuple(int(rng.integers(1, most)) for most in (50, 100, 100))
    save_counts(tmp_path / "cells.ome.tif", shape, seed=seed)
    chunk = tuple(int(rng.integers(1, most)) for most in (20, 40, 40))
    options = StoreOptions(chunk=chunk, shard_bytes=int(2 ** rng.uniform(0, 21)))
    tile = int(rng.integers(32, 64))
    _, _, ours, whole = both_ways(tmp_path, npd.Gaussian(sigma_z=1), options=options, tile=tile)
    assert np.array_equal(ours, whole)


def test_a_film_whose_times_are_looked_across(monkeypatch, tmp_path):
    keep_float32(monkeypatch)
    save_counts(tmp_path / "cells.ome.tif", (20, 40, 40), "TYX")
    model = save_tiny(tmp_path, planes=3)
    denoiser = make_denoiser("resunet", {"model": str(model), "neighbours": "t"})
    _, _, ours, whole = both_ways(tmp_path, denoiser)
    assert np.array_equal(ours, whole)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.float32])
def test_grey_values_come_back_in_the_dtype_of_the_image(tmp_path, dtype):
    save_counts(tmp_path / "cells.ome.tif", (3, 70, 53), dtype=dtype, light=8)
    _, _, ours, whole = both_ways(tmp_path, npd.Gaussian(), units="counts")
    assert np.array_equal(ours, whole)
    assert ours.dtype == dtype


def test_maps_of_a_camera_lie_where_they_belong(monkeypatch, tmp_path, rng):
    keep_float32(monkeypatch)
    save_counts(tmp_path / "cells.ome.tif", (3, 70, 53))
    maps = npd.Calibration(
        gain=rng.uniform(0.4, 0.6, (70, 53)),
        offset=rng.uniform(95, 105, (70, 53)),
        read_noise=rng.uniform(1, 3, (70, 53)),
    )
    for denoiser in (npd.Gaussian(), method_of("resunet", tmp_path)):
        _, _, ours, whole = both_ways(tmp_path, denoiser, camera=maps, overwrite=True)
        assert np.array_equal(ours, whole)


def test_hot_pixels_are_mended_at_the_edges_of_shards_too(tmp_path):
    path = tmp_path / "cells.ome.tif"
    counts = save_counts(path, (4, 96, 96))
    for at in (0, 30, 31, 32, 33, 63, 64, 95):
        counts[:, at, at] = counts[2, 31, 64] = 40_000
    write_image(path, counts, "ZYX", overwrite=True)
    shards, file, ours, whole = both_ways(tmp_path, npd.Gaussian(), camera=None)
    assert np.array_equal(ours, whole)
    assert any("hot pixels" in note for note in shards.notes)
    assert shards.notes == file.notes


def test_what_is_said_is_what_the_whole_image_would_be_told(monkeypatch, tmp_path):
    """Also of a run that went on: what was seen before is recorded."""
    path, store = tmp_path / "cells.ome.tif", tmp_path / "clean.ome.zarr"
    counts = save_counts(path, (3, 70, 53))
    counts[0, :40, :20] = 65535
    write_image(path, counts, "ZYX", overwrite=True)

    def stop():
        raise PhotonDenoiseError("Stopped.")

    with monkeypatch.context() as patch:
        watch(patch, 4, stop)
        with pytest.raises(PhotonDenoiseError, match="Stopped"):
            denoised(path, store)
    again = denoised(path, store)
    file = denoised(path, tmp_path / "clean.ome.tif")
    assert any("of the pixels are saturated" in note for note in file.notes)
    assert [note for note in again.notes if "done before" not in note] == [*file.notes]


def test_a_gpu_that_is_not_there_is_said_in_a_sentence(tmp_path):
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    save_counts(tmp_path / "cells.ome.tif")
    with pytest.raises(PhotonDenoiseError, match=r"cuda|GPU") as said:
        denoised(tmp_path / "cells.ome.tif", tmp_path / "clean.ome.zarr", device="cuda")
    assert "\n" not in str(said.value)


def test_zeros_are_written_too(tmp_path):
    """A chunk that is not there would be a missing one."""
    path = tmp_path / "cells.ome.tif"
    write_image(path, np.full((3, 70, 53), 100, np.uint16), "ZYX")
    denoised(path, tmp_path / "clean.ome.zarr")
    with read(tmp_path / "clean.ome.zarr") as image:
        assert not any("missing" in note for note in image.notes)
    assert not pixels(tmp_path / "clean.ome.zarr").any()
