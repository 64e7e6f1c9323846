"""BigDataViewer's XML with HDF5 and N5, written by the layouts of spimdata and BigDataViewer."""

from __future__ import annotations

import importlib.util
import json
import struct

import h5py
import numpy as np
import pytest

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io import find_images, read

# Beyond what 16 bits with a sign hold.
DATA = np.random.default_rng(0).integers(100, 60_000, (2, 4, 5, 20, 30)).astype(np.uint16)
TILES = ((0, 0), (1, 0), (0, 1), (1, 1))  # channel and tile of each setup


def xml(loader, setups=TILES, times='<Timepoints type="range"><first>0</first><last>1</last>'):
    views = "".join(
        f"<ViewSetup><id>{number}</id><size>30 20 5</size>"
        "<voxelSize><unit>µm</unit><size>0.1 0.2 0.5</size></voxelSize><attributes>"
        f"<illumination>0</illumination><channel>{channel}</channel><tile>{tile}</tile>"
        "<angle>0</angle></attributes></ViewSetup>"
        for number, (channel, tile) in enumerate(setups)
    )
    names = "".join(
        f'<Attributes name="{kind}">'
        + "".join(f"<{tag}><id>{n}</id><name>{name}</name></{tag}>" for n, name in enumerate(each))
        + "</Attributes>"
        for kind, tag, each in (
            ("channel", "Channel", ("488", "561")),
            ("tile", "Tile", ("left", "right")),
        )
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><SpimData version="0.2">'
        f'<BasePath type="relative">.</BasePath><SequenceDescription>{loader}'
        f"<ViewSetups>{views}{names}</ViewSetups>{times}</Timepoints>"
        "</SequenceDescription></SpimData>"
    )


HDF5 = '<ImageLoader format="bdv.hdf5"><hdf5 type="relative">a.h5</hdf5></ImageLoader>'
N5 = '<ImageLoader format="bdv.n5" version="1.0"><n5 type="relative">a.n5</n5></ImageLoader>'


def write_hdf5(path, times=(0, 1)):
    with h5py.File(path, "w") as file:
        for setup in range(4):
            file[f"s{setup:02d}/resolutions"] = np.ones((1, 3))
            file[f"s{setup:02d}/subdivisions"] = np.full((1, 3), 16, np.int32)
            for t, time in enumerate(times):
                stored = DATA[t, setup].view(np.int16)
                chunks = (4, 16, 16)
                file.create_dataset(f"t{time:05d}/s{setup:02d}/0/cells", data=stored, chunks=chunks)


@pytest.fixture
def recording(tmp_path):
    write_hdf5(tmp_path / "a.h5")
    (tmp_path / "a.xml").write_text(xml(HDF5), encoding="utf-8")
    (tmp_path / "other.xml").write_text("<something/>")
    return tmp_path


def test_tiles_are_images_with_their_channels(recording):
    addresses = [recording / "a.h5" / tile for tile in ("tileleft", "tileright")]
    for named in (recording, recording / "a.xml", recording / "a.h5"):
        assert find_images([named]) == addresses
    for address, setups in zip(addresses, ((0, 1), (2, 3)), strict=True):
        with read(address) as image:
            assert (image.axes, image.data.dtype) == ("TCZYX", np.uint16)
            np.testing.assert_array_equal(image.data.compute(), DATA[:, setups])
            assert image.pixel_size == pytest.approx({"Z": 0.5, "Y": 0.2, "X": 0.1})
            assert (image.channel_names, image.notes) == (("488", "561"), ())
    assert image.name == "a_tileright"
    with pytest.raises(UnreadableFile, match=r"holds 2 positions: name one of them"):
        read(recording / "a.xml")


def test_one_image_needs_no_address(recording):
    setups = ((0, 0), (1, 0))
    (recording / "a.xml").write_text(xml(HDF5, setups), encoding="utf-8")
    assert find_images([recording]) == [recording / "a.h5"]
    with read(recording / "a.xml") as image:
        np.testing.assert_array_equal(image.data.compute(), DATA[:, :2])


@pytest.mark.parametrize(
    ("times", "numbers"),
    [
        (
            '<Timepoints type="list"><Timepoint><id>3</id></Timepoint>'
            "<Timepoint><id>17</id></Timepoint>",
            (3, 17),
        ),
        ('<Timepoints type="pattern"><integerpattern>4-8:4</integerpattern>', (4, 8)),
    ],
)
def test_time_points_by_their_numbers(recording, times, numbers):
    write_hdf5(recording / "a.h5", numbers)
    (recording / "a.xml").write_text(xml(HDF5, times=times), encoding="utf-8")
    with read(recording / "a.h5" / "tileleft") as image:
        np.testing.assert_array_equal(image.data.compute(), DATA[:, :2])


def test_an_hdf5_without_its_xml(recording):
    (recording / "a.xml").unlink()
    found = find_images([recording])
    assert found == [recording / "a.h5" / f"setup{number}" for number in range(4)]
    with read(found[3]) as image:
        np.testing.assert_array_equal(image.data.compute(), DATA[:, 3:])
        assert image.notes[0].startswith("The XML that belongs to the file is not beside it")


def test_views_that_were_not_recorded(recording):
    absent = '<MissingViews><MissingView timepoint="1" setup="1"/></MissingViews>'
    text = xml(HDF5).replace("</SequenceDescription>", f"{absent}</SequenceDescription>")
    (recording / "a.xml").write_text(text, encoding="utf-8")
    with read(recording / "a.h5" / "tileleft") as image:
        np.testing.assert_array_equal(image.data.compute(), DATA[:1, :2])
        assert "lacks 1 of the 4 volumes" in image.notes[0]


def test_pixels_that_are_elsewhere_or_of_another_kind(recording):
    (recording / "a.h5").unlink()
    with pytest.raises(UnreadableFile, match=r"a\.xml names a\.h5, which is not there"):
        read(recording / "a.xml")
    zarr = '<ImageLoader format="bdv.multimg.zarr"/>'
    (recording / "a.xml").write_text(xml(zarr), encoding="utf-8")
    with pytest.raises(UnreadableFile, match=r"of the kind 'bdv\.multimg\.zarr', which are not"):
        read(recording / "a.xml")
    (recording / "a.xml").write_text("<SpimData><Sequ", encoding="utf-8")
    with pytest.raises(UnreadableFile, match=r"a\.xml is damaged"):
        read(recording / "a.xml")
    with pytest.raises(UnreadableFile, match=r"other\.xml cannot be read"):
        read(recording / "other.xml")


def write_n5_array(folder, data, edge=16):
    """Write blocks by the specification of N5: numbers big-endian, the first axis the fastest."""
    pytest.importorskip("tensorstore")
    said = {"dimensions": list(reversed(data.shape)), "blockSize": [edge] * data.ndim}
    said |= {"dataType": data.dtype.name, "compression": {"type": "raw"}}
    folder.mkdir(parents=True)
    (folder / "attributes.json").write_text(json.dumps(said))
    for z, y, x in np.ndindex(*(-(-length // edge) for length in data.shape)):
        box = tuple(slice(at * edge, (at + 1) * edge) for at in (z, y, x))
        block = data[box]
        head = struct.pack(">HH3I", 0, 3, *reversed(block.shape))
        file = folder / str(x) / str(y) / str(z)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(head + block.astype(block.dtype.newbyteorder(">")).tobytes())
    return said


def test_pixels_in_n5(tmp_path):
    for t, setup in np.ndindex(2, 4):
        write_n5_array(tmp_path / f"a.n5/setup{setup}/timepoint{t}/s0", DATA[t, setup])
    (tmp_path / "a.n5/attributes.json").write_text('{"n5": "2.5.1"}')
    (tmp_path / "a.xml").write_text(xml(N5), encoding="utf-8")
    addresses = [tmp_path / "a.xml" / tile for tile in ("tileleft", "tileright")]
    for named in (tmp_path, tmp_path / "a.xml", tmp_path / "a.n5"):
        assert find_images([named]) == addresses
    with read(addresses[1]) as image:
        assert (image.name, image.axes, image.data.dtype) == ("a_tileright", "TCZYX", np.uint16)
        np.testing.assert_array_equal(image.data.compute(), DATA[:, 2:])


def test_plain_n5(tmp_path):
    path = tmp_path / "a.n5"
    said = write_n5_array(path / "raw/s0", DATA[0, 0])
    write_n5_array(path / "raw/s1", DATA[0, 0, :, ::2, ::2])
    (path / "attributes.json").write_text('{"n5": "2.5.1"}')
    said |= {"pixelResolution": {"dimensions": [0.1, 0.2, 0.5], "unit": "um"}}
    (path / "raw/s0/attributes.json").write_text(json.dumps(said))
    assert find_images([tmp_path]) == [path]
    with read(path) as image:
        assert image.axes == "ZYX"
        assert image.pixel_size == pytest.approx({"Z": 0.5, "Y": 0.2, "X": 0.1})
        np.testing.assert_array_equal(image.data.compute(), DATA[0, 0])
    write_n5_array(path / "other", DATA[1, 0])
    assert find_images([tmp_path]) == [path / "other", path / "raw/s0"]


def test_n5_without_its_library(tmp_path, monkeypatch):
    write_n5_array(tmp_path / "a.n5", DATA[0, 0])
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "tensorstore" else find_spec(name)
    )
    with pytest.raises(UnreadableFile, match=r"a\.n5 is N5: install tensorstore \(pip install"):
        read(tmp_path / "a.n5")
