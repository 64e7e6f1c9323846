"""OME-Zarr in zips, with several images, with chunks that are not there."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest
import zarr

from napari_photon_denoise.errors import PhotonDenoiseError, UnreadableFile
from napari_photon_denoise.io import find_images, read, zarr_files, zarr_place

DATA = np.random.default_rng(0).integers(100, 200, (4, 24, 30)).astype(np.uint16)


def write_image_group(path, data=DATA, version=2, **options):
    group = zarr.open_group(path, mode="w", zarr_format=version)
    shape = options.pop("chunks", (1, 24, 30))
    array = group.create_array("0", shape=data.shape, chunks=shape, dtype=data.dtype, **options)
    array[:] = data
    said = {
        "multiscales": [
            {
                "axes": [{"name": one, "type": "space", "unit": "micrometer"} for one in "zyx"],
                "datasets": [
                    {
                        "path": "0",
                        "coordinateTransformations": [{"type": "scale", "scale": [0.5, 0.1, 0.1]}],
                    }
                ],
            }
        ]
    }
    group.attrs.update(said if version == 2 else {"ome": {"version": "0.5", **said}})


def chunks(path, version):
    files = (path / "0").rglob("*")
    marks = (".zarray", ".zattrs", "zarr.json")
    return sorted(file for file in files if file.is_file() and file.name not in marks)


@pytest.mark.parametrize(("version", "options"), [(2, {}), (3, {}), (3, {"shards": (2, 24, 30)})])
def test_chunks_that_are_not_there_are_counted(tmp_path, version, options):
    path = tmp_path / "a.zarr"
    write_image_group(path, version=version, **options)
    with read(path) as image:
        assert image.notes == ()
    stored = chunks(path, version)
    stored[1].unlink()
    with read(path) as image:
        (note,) = image.notes
    assert note.startswith(f"1 of the image's {len(stored)} chunks is missing, and read as 0")


@pytest.mark.parametrize("version", [2, 3])
def test_of_very_many_chunks_some_are_looked_for(tmp_path, monkeypatch, version):
    monkeypatch.setattr(zarr_place, "MOST_LISTED", 3)
    monkeypatch.setattr(zarr_place, "SAMPLE", 3)
    path = tmp_path / "a.zarr"
    write_image_group(path, version=version)
    with monkeypatch.context() as patch:
        patch.setattr(zarr_files.InFolder, "below", None)
        with read(path) as image:
            assert image.notes == ()
        chunks(path, version)[-1].unlink()  # as a copy that was broken off
        with read(path) as image:
            (note,) = image.notes
    assert note.startswith("1 of 3 chunks that were looked for (of 4) is missing")


def zipped(folder, path, inside=""):
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, f"{inside}{file.relative_to(folder).as_posix()}")
    return path


@pytest.mark.parametrize("name", ["a.ozx", "a.ome.zarr.zip"])
@pytest.mark.parametrize("inside", ["", "a.ome.zarr/"])
@pytest.mark.parametrize("version", [2, 3])
def test_zips(tmp_path, name, inside, version):
    write_image_group(tmp_path / "in/a.zarr", version=version)
    path = zipped(tmp_path / "in/a.zarr", tmp_path / name, inside)
    assert find_images([tmp_path]) == [path]
    with read(path) as image:
        assert (image.name, image.axes, image.notes) == ("a", "ZYX", ())
        assert image.pixel_size == pytest.approx({"Z": 0.5, "Y": 0.1, "X": 0.1})
        np.testing.assert_array_equal(image.data.compute(), DATA)


def test_a_zip_of_something_else_is_no_image(tmp_path):
    zipfile.ZipFile(tmp_path / "a.zip", "w").close()
    with pytest.raises(UnreadableFile, match="holds no TIFF"):
        find_images([tmp_path])


def write_series(path):
    group = zarr.open_group(path, mode="w", zarr_format=2)
    group.attrs["bioformats2raw.layout"] = 3
    for number in range(2):
        write_image_group(path / str(number), DATA + number)


def test_several_images_are_taken_one_by_one(tmp_path):
    path = tmp_path / "a.zarr"
    write_series(path)
    assert find_images([path]) == [path / "0", path / "1"]
    with read(path / "1") as image:
        assert image.name == "a_1"
        np.testing.assert_array_equal(image.data.compute(), DATA + 1)
    with pytest.raises(UnreadableFile, match=r"several images \(2\): give one of them, .*a.zarr.0"):
        read(path)


def test_several_images_in_a_zip(tmp_path):
    write_series(tmp_path / "in/a.zarr")
    path = zipped(tmp_path / "in/a.zarr", tmp_path / "a.ozx")
    found = find_images([path])
    assert found == [path / "0", path / "1"]
    with read(found[1]) as image:
        assert image.name == "a_1"
        np.testing.assert_array_equal(image.data.compute(), DATA + 1)


def write_plate(path):
    """Write two wells with two fields each, of which one was not copied."""
    plate = zarr.open_group(path, mode="w", zarr_format=2)
    plate.attrs["plate"] = {"wells": [{"path": "A/1"}, {"path": "B/3"}, {"path": "B/4"}]}
    for name, fields in (("B/3", "012"), ("B/4", "0")):
        well = zarr.open_group(path / name, mode="w", zarr_format=2)
        well.attrs["well"] = {"images": [{"path": field} for field in fields]}
        for field in fields:
            if field != "1":
                write_image_group(path / name / field)


FIELDS = ("B/3/0", "B/3/2", "B/4/0")


def test_the_fields_of_a_plate_that_are_there(tmp_path):
    path = tmp_path / "a.zarr"
    write_plate(path)
    assert find_images([path]) == [path / field for field in FIELDS]
    with read(path / "B/3/2") as image:
        assert image.name == "a_B_3_2"
    with pytest.raises(UnreadableFile, match=r"give one of them, for example .*a\.zarr.B.3.0"):
        read(path)


def test_to_list_a_plate_opens_none_of_its_images(tmp_path, monkeypatch):
    path = tmp_path / "a.zarr"
    write_plate(path)
    packed = zipped(path, tmp_path / "b.zarr.zip")

    def refuse(*_, **__):
        raise AssertionError("a group takes milliseconds to open, and a plate has thousands")

    with monkeypatch.context() as patch:
        patch.setattr(zarr, "open", refuse)
        assert len(find_images([path])) == 3
        found = find_images([packed])
    assert found == [packed / field.replace("/", "_") for field in FIELDS]
    with read(found[1]) as image:
        assert image.name == "b_B_3_2"


def test_what_is_wrong_with_a_field_names_its_plate(tmp_path):
    path = tmp_path / "a.zarr"
    write_plate(path)
    with pytest.raises(PhotonDenoiseError, match=r"^a\.zarr/B/3/2 has 3 dimensions"):
        read(path / "B/3/2", axes="TCZYX")
