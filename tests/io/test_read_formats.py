"""PNG, NPY and OME-Zarr in; what the import of the package costs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from math import prod

import numpy as np
import pytest
import zarr
from imagecodecs import png_encode

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io import read
from napari_photon_denoise.io.image import Source, make_image


def stack(*shape, dtype="uint16"):
    return np.random.default_rng(0).integers(0, 200, shape).astype(dtype)


def write_ome_zarr(path, data, *, version, axes, scale, units, whole=None, chunks=None):
    """Write by hand what the specification asks for, independently of any library for it."""
    fmt = 2 if version == "0.4" else 3
    group = zarr.open_group(path, mode="w", zarr_format=fmt)
    for level, step in (("0", 1), ("1", 2)):
        part = data[..., ::step, ::step]
        array = group.create_array(
            level, shape=part.shape, dtype=part.dtype, chunks=chunks or part.shape
        )
        array[...] = part
    kinds = {"t": "time", "c": "channel"}
    described = []
    for name, unit in zip(axes, units, strict=True):
        axis = {"name": name, "type": kinds.get(name, "space")}
        described.append(axis | ({"unit": unit} if unit else {}))
    multiscales = {
        "axes": described,
        "datasets": [
            {
                "path": level,
                "coordinateTransformations": [
                    {"type": "scale", "scale": [s * f for s in scale]},
                    {"type": "translation", "translation": [0.0] * len(axes)},
                ],
            }
            for level, f in (("0", 1), ("1", 2))
        ],
    }
    if whole:
        multiscales["coordinateTransformations"] = [{"type": "scale", "scale": whole}]
    attributes = {
        "multiscales": [multiscales],
        "omero": {"channels": [{"label": "DAPI"}, {"label": "GFP"}]},
    }
    if version == "0.4":
        group.attrs.update(attributes)
    else:
        group.attrs["ome"] = attributes | {"version": version}


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_ome_zarr(tmp_path, version):
    data = stack(2, 3, 32, 40)
    write_ome_zarr(
        tmp_path / "cells.ome.zarr",
        data,
        version=version,
        axes="czyx",
        scale=[1.0, 500.0, 0.1, 0.1],
        units=[None, "nanometer", "micrometer", "micrometer"],
        whole=[1.0, 1.0, 2.0, 2.0],
        chunks=(1, 1, 16, 16),
    )
    with read(tmp_path / "cells.ome.zarr") as image:
        assert image.axes == "CZYX"
        np.testing.assert_array_equal(image.data.compute(), data)
        assert image.pixel_size == pytest.approx({"Z": 0.5, "Y": 0.2, "X": 0.2})
        assert image.channel_names == ("DAPI", "GFP")
        assert image.name == "cells"
        assert image.data.chunksize == (1, 1, 32, 40)


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_ome_zarr_of_its_own_library(tmp_path, version):
    from ome_zarr.format import FormatV04, FormatV05
    from ome_zarr.writer import write_image

    data = stack(3, 64, 64)
    fmt = FormatV04() if version == "0.4" else FormatV05()
    group = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=fmt.zarr_format)
    write_image(data, group, axes="zyx", fmt=fmt)
    with read(tmp_path / "a.zarr") as image:
        assert image.axes == "ZYX"
        np.testing.assert_array_equal(image.data.compute(), data)
        assert image.pixel_size == {}


def test_time_and_singletons_of_ome_zarr_stay(tmp_path):
    data = stack(4, 1, 32, 40)
    write_ome_zarr(
        tmp_path / "a.zarr",
        data,
        version="0.4",
        axes="tzyx",
        scale=[50.0, 1.0, 1.0, 1.0],
        units=["millisecond", None, None, None],
    )
    with read(tmp_path / "a.zarr") as image:
        assert image.axes == "TZYX"
        assert image.data.shape == data.shape
        assert image.pixel_size == pytest.approx({"T": 0.05})
        assert image.channel_names == ()


def test_a_zarr_that_vanishes_is_not_black(tmp_path):
    write_ome_zarr(
        tmp_path / "a.zarr",
        stack(32, 40),
        version="0.5",
        axes="yx",
        scale=[1.0, 1.0],
        units=[None, None],
    )
    image = read(tmp_path / "a.zarr")
    shutil.rmtree(tmp_path / "a.zarr")
    with pytest.raises(UnreadableFile, match=r"a\.zarr"):
        image.data.compute()


def test_a_damaged_chunk_names_the_file(tmp_path):
    write_ome_zarr(
        tmp_path / "a.zarr",
        stack(32, 40),
        version="0.5",
        axes="yx",
        scale=[1.0, 1.0],
        units=[None, None],
    )
    (tmp_path / "a.zarr/0/c/0/0").write_bytes(b"nonsense")
    with pytest.raises(UnreadableFile, match=r"a\.zarr"):
        read(tmp_path / "a.zarr").data.compute()


def test_bioformats_puts_the_image_one_level_down(tmp_path):
    group = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=2)
    group.attrs["bioformats2raw.layout"] = 3
    options = {"version": "0.4", "axes": "yx", "scale": [1.0, 1.0], "units": [None, None]}
    write_ome_zarr(tmp_path / "a.zarr/0", stack(32, 40), **options)
    assert read(tmp_path / "a.zarr").data.shape == (32, 40)
    write_ome_zarr(tmp_path / "a.zarr/1", stack(32, 40), **options)
    with pytest.raises(UnreadableFile, match="several images"):
        read(tmp_path / "a.zarr")


@pytest.mark.parametrize(
    ("attributes", "sentence"),
    [({"plate": {}}, "plate"), ({"well": {}}, "plate or well"), ({}, "without OME-Zarr metadata")],
)
def test_zarr_that_is_no_image(tmp_path, attributes, sentence):
    group = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=2)
    group.attrs.update(attributes)
    with pytest.raises(UnreadableFile, match=sentence):
        read(tmp_path / "a.zarr")


def test_broken_zarr_metadata(tmp_path):
    (tmp_path / "a.zarr").mkdir()
    (tmp_path / "a.zarr/zarr.json").write_text("{")
    with pytest.raises(UnreadableFile, match=r"a\.zarr is damaged"):
        read(tmp_path / "a.zarr")


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_png(tmp_path, dtype):
    data = stack(30, 40, dtype=dtype) * np.array(250 if dtype == "uint16" else 1, dtype)
    (tmp_path / "a.PNG").write_bytes(png_encode(data))
    with read(tmp_path / "a.PNG") as image:
        assert image.axes == "YX"
        assert image.data.dtype == dtype
        np.testing.assert_array_equal(image.data.compute(), data)


def test_png_is_decoded_when_needed(tmp_path):
    (tmp_path / "a.png").write_bytes(png_encode(stack(30, 40)))
    image = read(tmp_path / "a.png")
    (tmp_path / "a.png").unlink()
    with pytest.raises(UnreadableFile, match=r"a\.png"):
        image.data.compute()


@pytest.mark.parametrize(
    ("shape", "axes", "guessed"), [((30, 40), "YX", False), ((5, 30, 40), "TYX", True)]
)
def test_npy(tmp_path, shape, axes, guessed):
    data = stack(*shape, dtype="float32")
    np.save(tmp_path / "a.npy", data)
    with read(tmp_path / "a.npy") as image:
        assert (image.axes, image.axes_guessed) == (axes, guessed)
        np.testing.assert_array_equal(image.data.compute(), data)


def test_importing_the_package_imports_no_format():
    code = (
        "import sys, napari_photon_denoise.io; "
        "print([m for m in ('tifffile', 'zarr', 'dask', 'skimage', 'imagecodecs', 'ome_zarr') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_plane_of_many_is_read_alone_and_a_graph_stays_small(tmp_path):
    """However its file orders the axes."""
    shape, asked = (3, 9000, 6, 5), []

    def pixels(index):
        asked.append(tuple(part.stop - part.start for part in index))
        return np.zeros(asked[-1], np.uint8)

    (tmp_path / "a.npy").write_bytes(bytes(2**20))
    source = Source(shape, np.dtype(np.uint8), (1, 1, 6, 5), "ZTYX", pixels)
    image = make_image(tmp_path / "a.npy", "a", source, None)
    assert (image.axes, image.data.shape) == ("TZYX", (9000, 3, 6, 5))
    assert prod(image.data.numblocks) < 5000
    assert image.data[7, 1, 2:4].compute().shape == (2, 5)
    assert asked == [(1, 1, 2, 5)]
