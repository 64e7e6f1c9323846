"""OME-Zarr out: whole or not at all, in any blocks, and back in with all that was known."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time

import dask.array as da
import numpy as np
import pytest

import napari_photon_denoise as npd
from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.errors import OutputExists, PhotonDenoiseError, UnreadableFile
from napari_photon_denoise.files import FilesWork, denoise_files_job
from napari_photon_denoise.io import About, find_images, open_image, read, write_image
from napari_photon_denoise.io import parts as io_parts
from napari_photon_denoise.io.find import find_raw_images
from napari_photon_denoise.io.image import OmeText
from napari_photon_denoise.io.ome_zarr import writer
from napari_photon_denoise.io.ome_zarr.container import plan_container
from napari_photon_denoise.io.ome_zarr.metadata import channel_colours
from napari_photon_denoise.io.own import own_kind
from napari_photon_denoise.io.parts import sweep
from napari_photon_denoise.job import run
from napari_photon_denoise.named_camera import NamedCamera

SIZES = {"T": 2.5, "Z": 0.3, "Y": 0.1, "X": 0.1}
RECIPE = {"recipe_version": 1, "calibration": {"sha256": "abc"}}


@pytest.fixture
def data(rng):
    return rng.poisson(20, (2, 3, 4, 30, 41)).astype(np.float32)


@pytest.mark.parametrize("zarr_format", [None, 2, 3])
def test_there_and_back(tmp_path, data, zarr_format):
    path = tmp_path / "cells.ome.zarr"
    said = {"pixel_size": SIZES, "channel_names": ("DAPI", "GFP", "tdTomato"), "recipe": RECIPE}
    assert write_image(path, data, "TCZYX", **said, zarr_format=zarr_format) == path
    assert os.listdir(tmp_path) == [path.name]
    with read(path) as image:
        assert (image.name, image.axes, image.notes) == ("cells", "TCZYX", ())
        assert image.pixel_size == pytest.approx(SIZES)
        assert image.channel_names == said["channel_names"]
        assert image.recipe == RECIPE
        assert image.data.dtype == np.float32
        np.testing.assert_array_equal(image.data.compute(), data)
    attributes = json.loads((path / (".zattrs" if zarr_format == 2 else "zarr.json")).read_bytes())
    if zarr_format == 2:
        assert attributes["multiscales"][0]["version"] == "0.4"
    else:
        assert attributes["attributes"]["ome"]["version"] == "0.5"


@pytest.mark.parametrize("name", ["a.ome.zarr", "a.tif"])
def test_what_is_not_known_comes_back_as_not_known(tmp_path, data, name):
    path = write_image(tmp_path / name, data[0, 0], "ZYX", pixel_size={"Y": 0.1, "X": 0.1})
    with read(path) as image:
        assert image.pixel_size == pytest.approx({"Y": 0.1, "X": 0.1})
        assert (image.channel_names, image.recipe) == ((), None)


@pytest.mark.parametrize("axes", ["YX", "CYX", "TZYX", "TCZYX"])
def test_axes_of_length_one_come_back(tmp_path, axes):
    path = write_image(tmp_path / "a.zarr", np.ones((1,) * (len(axes) - 2) + (6, 7)), axes)
    with read(path) as image:
        assert image.axes == axes
        assert image.data.shape[-2:] == (6, 7)


@pytest.mark.parametrize("kind", ["uint8", "int16", "uint16", "uint32", "float32", "float64"])
def test_values_of_every_kind(tmp_path, kind):
    values = np.arange(42, dtype=kind).reshape(6, 7)
    path = write_image(tmp_path / "a.zarr", values.astype(np.dtype(kind).newbyteorder(">")), "YX")
    with read(path) as image:
        assert image.data.dtype == kind
        np.testing.assert_array_equal(image.data.compute(), values)


def test_objective_and_date_are_carried(tmp_path, data):
    xml = (
        '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0" '
        'Name="embryo"><AcquisitionDate>2024-05-06T07:08:09</AcquisitionDate><Pixels ID="Pixels:0"'
        ' DimensionOrder="XYZCT" Type="uint16" SizeX="41" SizeY="30" SizeZ="4" SizeC="1" SizeT="1">'
        '<Channel ID="Channel:0:0" Name="GFP" Color="16711935" EmissionWavelength="509"/>'
        "<MetadataOnly/></Pixels></Image></OME>"
    )
    said = {"channel_names": ("GFP",), "ome": OmeText(xml), "recipe": RECIPE}
    first = write_image(tmp_path / "a.ome.zarr", data[0, :1], "CZYX", **said)
    with read(first) as image:
        again = write_image(
            tmp_path / "b.ome.tif", image.data, "CZYX", channel_names=("GFP",), ome=image.ome
        )
    with read(again) as image:
        assert 'EmissionWavelength="509"' in image.ome.xml
        assert "2024-05-06T07:08:09" in image.ome.xml
        assert image.recipe is None  # which was that of the other
    (channel,) = json.loads((first / "zarr.json").read_bytes())["attributes"]["ome"]["omero"][
        "channels"
    ]
    assert (channel["label"], channel["color"]) == ("GFP", "00FF00")


@pytest.mark.parametrize("name", ["b.ome.zarr", "b.ome.tif"])
def test_colours_of_an_ome_zarr_of_another_program_are_kept(tmp_path, data, name):
    first = write_image(tmp_path / "a.ome.zarr", data[0, :, 0], "CYX", channel_names=("a", "", "c"))
    for file in (first / "OME").iterdir():
        file.unlink()
    said = json.loads((first / "zarr.json").read_bytes())
    for channel, colour in zip(
        said["attributes"]["ome"]["omero"]["channels"], ("ff8000", "#00FF00", "red"), strict=True
    ):
        channel["color"] = colour
    (first / "zarr.json").write_text(json.dumps(said))
    with read(first) as image:
        again = write_image(
            tmp_path / name, image.data, "CYX", channel_names=image.channel_names, ome=image.ome
        )
    with read(again) as image:
        about = About("CYX", {}, image.channel_names, ome=image.ome)
        assert channel_colours(about, {"C": 3}) == ["FF8000", "00FF00", "00FFFF"]


@pytest.mark.parametrize("held", [0, 2**29])
@pytest.mark.parametrize("zarr_format", [2, 3])
def test_blocks_in_any_order_and_size(tmp_path, rng, monkeypatch, held, zarr_format):
    """Parts of shards, several shards, over what is there; with room for one shard or all."""
    monkeypatch.setattr(writer, "HELD_BYTES", held)
    monkeypatch.setattr(writer, "plan_container", small_shards)
    expected = np.zeros((3, 50, 70), np.float32)
    path = tmp_path / "a.ome.zarr"
    about = About("TYX")
    with open_image(path, expected.shape, np.float32, about, zarr_format=zarr_format) as out:
        for _ in range(12):
            start = rng.integers(0, expected.shape)
            stop = rng.integers(start, expected.shape) + 1
            index = tuple(slice(a, b) for a, b in zip(start, stop, strict=True))
            expected[index] = block = rng.random(stop - start, np.float32)
            out[index] = block
        for index in ((1, ...), (slice(None), 7), (..., 3), -1):
            expected[index] = out[index] = rng.random(expected[index].shape, np.float32)
    with read(path) as image:
        assert image.notes == ()
        np.testing.assert_array_equal(image.data.compute(), expected)


def small_shards(*arguments, **options):
    return plan_container(*arguments, **options, chunk=(1, 16, 16), shard_bytes=2**12)


@pytest.mark.parametrize("name", ["a.ome.zarr", "a.tif"])
def test_each_block_of_a_dask_array_is_computed_once(tmp_path, data, name, monkeypatch):
    monkeypatch.setattr(writer, "plan_container", small_shards)
    seen = []

    def look(block, block_info=None):
        seen.append(block_info[0]["chunk-location"])
        return block

    lazy = da.from_array(data[0, 0], chunks=(2, 13, 41)).map_blocks(look, dtype=np.float32)
    seen.clear()
    path = write_image(tmp_path / name, lazy, "ZYX")
    assert sorted(seen) == [(z, y, 0) for z in range(2) for y in range(3)]
    with read(path) as image:
        np.testing.assert_array_equal(image.data.compute(), data[0, 0])


def test_smaller_resolutions_end_where_they_are_none(tmp_path):
    path = write_image(tmp_path / "a.zarr", np.ones((1, 2, 40, 2100), np.float32), "TZYX")
    with read(path) as image:
        found = [one.shape for one in image.coarser()]
    assert found == [(1, 1, 20, 1050), (1, 1, 10, 525), (1, 1, 5, 263)]
    said = json.loads((path / "2" / "zarr.json").read_bytes())
    (path / "2" / "zarr.json").write_text(json.dumps(said | {"shape": [1, 2, 40, 2100]}))
    with read(path) as image:
        assert [one.shape for one in image.coarser()] == [(1, 1, 20, 1050)]
        assert float(image.coarser()[0].sum()) == 20 * 1050
    shutil.rmtree(path / "1")
    with read(path) as image:
        assert image.coarser() == ()


def test_values_that_do_not_fit_by_kind_are_refused(tmp_path):
    with (
        pytest.raises(TypeError, match="float32 values can't be written as uint16"),
        open_image(tmp_path / "a.zarr", (4, 5), np.uint16, About("YX")) as out,
    ):
        out[...] = np.ones((4, 5), np.float32)
    assert os.listdir(tmp_path) == []


def test_nothing_is_left_of_what_fails_and_the_old_one_stays(tmp_path, data):
    path = write_image(tmp_path / "a.zarr", data[0, 0], "ZYX", recipe=RECIPE)

    def fail():
        with open_image(path, (4, 5), np.uint16, About("YX"), overwrite=True) as out:
            out[...] = np.ones((4, 5), np.uint16)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert os.listdir(tmp_path) == ["a.zarr"]
    with read(path) as image:
        np.testing.assert_array_equal(image.data.compute(), data[0, 0])


def test_one_that_is_there_is_replaced_only_when_asked(tmp_path, data):
    path = write_image(tmp_path / "a.zarr", data[0, 0], "ZYX", zarr_format=2)
    with pytest.raises(OutputExists, match="exists already"):
        write_image(path, data[0, 0, 0], "YX")
    write_image(path, data[0, 0, 0], "YX", overwrite=True)
    assert os.listdir(tmp_path) == ["a.zarr"]
    assert not (path / ".zattrs").exists()
    with read(path) as image:
        np.testing.assert_array_equal(image.data.compute(), data[0, 0, 0])


def test_what_came_meanwhile_is_kept_and_so_is_the_result(tmp_path, data):
    path = tmp_path / "a.ome.zarr"

    def write():
        with open_image(path, (4, 5), np.uint16, About("YX")) as out:
            out[...] = np.ones((4, 5), np.uint16)
            path.mkdir()

    with pytest.raises(
        PhotonDenoiseError, match="another program has written it meanwhile"
    ) as said:
        write()
    kept = str(said.value).split()[-1].removesuffix(".")
    assert sorted(os.listdir(tmp_path)) == sorted(["a.ome.zarr", kept])
    with read(tmp_path / kept) as image:
        assert image.data.shape == (4, 5)


def test_other_folders_and_files_are_never_replaced(tmp_path, data):
    (tmp_path / "results.zarr").mkdir()
    (tmp_path / "plate.zarr").mkdir()
    (tmp_path / "plate.zarr" / "zarr.json").write_text(
        json.dumps({"zarr_format": 3, "node_type": "group", "attributes": {"ome": {"plate": {}}}})
    )
    (tmp_path / "file.zarr").write_text("x")
    for name in ("results", "plate"):
        with pytest.raises(
            PhotonDenoiseError, match="is a folder that is no OME-Zarr of one image"
        ):
            write_image(tmp_path / f"{name}.zarr", data[0, 0], "ZYX", overwrite=True)
    with pytest.raises(PhotonDenoiseError, match="is a file, not an OME-Zarr"):
        write_image(tmp_path / "file.zarr", data[0, 0], "ZYX", overwrite=True)
    with pytest.raises(PhotonDenoiseError, match=r"lies in the OME-Zarr .*plate\.zarr"):
        write_image(tmp_path / "plate.zarr" / "a.zarr", data[0, 0], "ZYX")
    with pytest.raises(PhotonDenoiseError, match="There is no folder"):
        write_image(tmp_path / "none" / "a.zarr", data[0, 0], "ZYX")
    assert sorted(os.listdir(tmp_path)) == ["file.zarr", "plate.zarr", "results.zarr"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_stays_one(tmp_path, data):
    real = write_image(tmp_path / "a.zarr", data[0, 0], "ZYX")
    link = tmp_path / "link.zarr"
    link.symlink_to(real)
    write_image(link, data[0, 0, 0], "YX", overwrite=True)
    assert link.is_symlink()
    with read(real) as image:
        assert image.axes == "YX"


def test_a_folder_that_a_killed_run_left_is_swept(tmp_path):
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    part = tmp_path / (
        f".a.zarr.{io_parts._place()}-{process.pid}-{time.time():.0f}-0123abcd.part.zarr"
    )
    (part / "0").mkdir(parents=True)
    (part / "0" / "c").write_bytes(b"half")
    (size,) = sweep(tmp_path)
    assert size >= 4
    assert os.listdir(tmp_path) == []
    part = part.with_name(part.name.replace(io_parts._place(), "01234567"))
    part.mkdir()
    long_ago = time.time() - io_parts.GIVEN_UP - 1
    (part / "c").write_bytes(b"half")
    os.utime(part, (long_ago, long_ago))
    assert sweep(tmp_path) == ()  # somebody writes in it
    os.utime(part / "c", (long_ago, long_ago))
    assert len(sweep(tmp_path)) == 1


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_what_is_unfinished_is_no_image_to_anyone(tmp_path, zarr_format):
    container = plan_container(
        tmp_path / "a.ome.zarr", "YX", (6, 7), np.dtype("f4"), About("YX", recipe=RECIPE), {},
        zarr_format=zarr_format,
    )  # fmt: skip
    container.create({"shards": "x"})
    container.level0.write(0, np.ones((6, 7), np.float32))
    with pytest.raises(UnreadableFile, match="is not finished: run what makes it again"):
        read(container.path)
    assert own_kind(container.path) == "result"
    files = list(container.path.rglob("*"))
    assert not any("multiscales" in file.read_text("latin-1") for file in files if file.is_file())
    container.finish()
    with read(container.path) as image:
        assert image.recipe == RECIPE
        assert image.data.compute().sum() == 42


def test_results_are_told_from_raw_images_without_zarr(tmp_path, data):
    made = write_image(tmp_path / "made.ome.zarr", data[0, 0], "ZYX", recipe=RECIPE)
    raw = write_image(tmp_path / "raw.ome.zarr", data[0, 0], "ZYX")
    assert (own_kind(made), own_kind(raw)) == ("result", None)
    assert find_raw_images([tmp_path]).paths == (raw,)
    assert find_images([tmp_path]) == [made, raw]
    program = (
        f"import sys; from napari_photon_denoise.io.own import own_kind; from pathlib import Path;"
        f"assert own_kind(Path({str(made)!r})) == 'result'; assert 'zarr' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_denoised_into_one_and_skipped_when_it_is_done(tmp_path, rng):
    counts = rng.poisson(200, (3, 30, 40)).astype(np.uint16)
    write_image(tmp_path / "in.ome.tif", counts, "ZYX", pixel_size={"Z": 1, "Y": 0.1, "X": 0.1})
    camera = NamedCamera(Calibration(gain=0.5, offset=100, read_noise=1.5))
    targets = [tmp_path / "out.ome.zarr", tmp_path / "out.ome.tif"]
    results = []
    for target in targets:
        work = FilesWork(npd.Gaussian(), target, "gaussian", camera)
        (file,) = run(denoise_files_job(work, [tmp_path / "in.ome.tif"]))
        assert (file.state, file.target) == ("done", target)
        (again,) = run(denoise_files_job(work, [tmp_path / "in.ome.tif"]))
        assert again.state == "skipped"
        with read(target) as image:
            results.append(image.data.compute())
            assert image.pixel_size["Z"] == 1
            assert image.recipe["calibration"]["sha256"] == camera.calibration.digest
    np.testing.assert_array_equal(*results)


def test_zarr_formats_that_do_not_fit(tmp_path):
    with pytest.raises(PhotonDenoiseError, match=r"a\.tif has no zarr format: end the name with"):
        write_image(tmp_path / "a.tif", np.ones((6, 7)), "YX", zarr_format=2)
    with pytest.raises(PhotonDenoiseError, match="There is no zarr format 4: give 2"):
        write_image(tmp_path / "a.zarr", np.ones((6, 7)), "YX", zarr_format=4)


@pytest.mark.parametrize(
    ("values", "axes", "said"),
    [
        (np.ones((6, 7), np.float16), "YX", "OME-Zarr cannot hold float16"),
        (np.ones((0, 7)), "YX", "An empty image"),
        (np.ones((2, 6, 7)), "YX", "axes"),
    ],
)
def test_what_it_cannot_hold(tmp_path, values, axes, said):
    with pytest.raises(PhotonDenoiseError, match=said):
        write_image(tmp_path / "a.zarr", values, axes)
    assert os.listdir(tmp_path) == []
