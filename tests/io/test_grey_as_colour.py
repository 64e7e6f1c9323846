"""Grey images that another program saved as RGB, and files that change while they are read."""

import os

import numpy as np
import pytest
import tifffile
from PIL import Image as Picture

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io import read, write_image
from napari_photon_denoise.io.stamp import stamp_of


@pytest.fixture
def grey(rng):
    return rng.poisson(60, (24, 30)).astype(np.uint8)


def as_tiff(path, colour):
    tifffile.imwrite(path, colour, photometric="rgb")


def as_planes(path, colour):
    tifffile.imwrite(path, np.moveaxis(colour, -1, 0), photometric="rgb", planarconfig="separate")


def as_png(path, colour):
    Picture.fromarray(colour).save(path)


WRITERS = {"a.tif": as_tiff, "b.tif": as_planes, "c.png": as_png, "d.npy": np.save}


@pytest.mark.parametrize("name", WRITERS)
def test_one_of_equal_channels_is_read_and_said(tmp_path, grey, name):
    path = tmp_path / name
    WRITERS[name](path, np.stack([grey] * 3, -1))
    with read(path) as image:
        np.testing.assert_array_equal(np.asarray(image.data), grey)
        assert image.axes == "YX"
        assert image.notes == (
            f"{name} is grey, saved as colour: its red, green and blue are equal, and one of "
            "them is taken.",
        )


@pytest.mark.parametrize("name", WRITERS)
def test_colours_that_differ_are_refused(tmp_path, grey, name):
    colour = np.stack([grey] * 3, -1)
    colour[5, 6, 2] += 1
    WRITERS[name](tmp_path / name, colour)
    with pytest.raises(UnreadableFile, match="RGB colour"):
        read(tmp_path / name)


def test_a_stack_whose_other_planes_have_colour_is_refused_where_it_is_read(tmp_path, grey):
    colour = np.stack([np.stack([grey] * 3, -1)] * 5)
    colour[4, 0, 0, 1] += 1
    tifffile.imwrite(tmp_path / "a.tif", colour, photometric="rgb")
    with read(tmp_path / "a.tif") as image:
        np.testing.assert_array_equal(np.asarray(image.data[:4]), [grey] * 4)
        with pytest.raises(UnreadableFile, match="RGB colour"):
            np.asarray(image.data)


def test_opacity_that_varies_is_refused(tmp_path, grey):
    as_png(tmp_path / "a.png", np.stack([grey] * 4, -1))
    with pytest.raises(UnreadableFile, match="RGB colour"):
        read(tmp_path / "a.png")


@pytest.mark.parametrize("name", ["cells.ome.tif", "cells.npy", "cells.ome.zarr"])
def test_a_file_that_was_written_to_meanwhile_is_told(tmp_path, grey, name):
    path = tmp_path / name
    if name.endswith("zarr"):
        zarr = pytest.importorskip("zarr")
        group = zarr.create_group(path, zarr_format=2)
        group.create_array("0", data=grey, chunks=(8, 8))
        group.attrs["multiscales"] = [
            {
                "version": "0.4",
                "axes": [{"name": "y", "type": "space"}, {"name": "x", "type": "space"}],
                "datasets": [{"path": "0"}],
            }
        ]
        inside = next(file for file in (path / "0").rglob("*") if file.is_file())
    else:
        np.save(path, grey) if name.endswith("npy") else write_image(path, grey, "YX")
        inside = path
    with read(path) as image:
        image.check_unchanged()
        now = inside.stat()
        os.utime(inside, ns=(now.st_atime_ns, now.st_mtime_ns + 10**9))
        with pytest.raises(UnreadableFile, match="changed while it was being read"):
            image.check_unchanged()


def test_a_file_that_is_gone_was_read_to_its_end(tmp_path, grey):
    np.save(tmp_path / "cells.npy", grey)
    with read(tmp_path / "cells.npy") as image:
        (tmp_path / "cells.npy").unlink()
        image.check_unchanged()
    assert stamp_of([tmp_path / "cells.npy"]) is None
