"""What other programs read in our OME-Zarrs."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest

from napari_photon_denoise.io import write_image
from napari_photon_denoise.io.image import About, OmeText
from napari_photon_denoise.io.ome_zarr.metadata import channel_colours

pytest.importorskip("ome_zarr")

SIZES = {"T": 2.5, "Z": 0.3, "Y": 0.1, "X": 0.1}


@pytest.fixture(scope="module", params=[2, 3])
def cells(request, tmp_path_factory):
    data = np.random.default_rng(0).poisson(20, (2, 2, 3, 40, 530)).astype(np.float32)
    data[0, 1, 1, 20, 20] = 500
    path = tmp_path_factory.mktemp("cells") / "cells.ome.zarr"
    said = {"pixel_size": SIZES, "channel_names": ("DAPI", "GFP")}
    write_image(path, data, "TCZYX", **said, zarr_format=request.param)
    return path, data, request.param


def test_ome_zarr_reads_pixels_axes_names_and_contrast(cells):
    from ome_zarr.io import parse_url
    from ome_zarr.reader import Reader

    path, data, _ = cells
    (node,) = Reader(parse_url(path))()
    np.testing.assert_array_equal(node.data[0].compute(), data)
    assert [level.shape[-2:] for level in node.data] == [(40, 530), (20, 265)]
    said = node.metadata
    assert [axis["name"] for axis in said["axes"]] == list("tczyx")
    assert [axis["type"] for axis in said["axes"]] == ["time", "channel", *["space"] * 3]
    assert [axis.get("unit") for axis in said["axes"]] == ["second", None, *["micrometer"] * 3]
    assert said["coordinateTransformations"][0][0]["scale"] == [2.5, 1, 0.3, 0.1, 0.1]
    assert said["channel_names"] == ["DAPI", "GFP"]
    for low, high in said["contrast_limits"]:
        assert 0 < low < 15
        assert 30 < high < 60  # one hot pixel does not decide it
    assert said["name"] == "cells"


def test_the_models_of_others_accept_it(cells):
    """Written by those of yaozarrs, read by those of ome-zarr-models."""
    import ome_zarr_models
    from ome_zarr_models import v04, v05

    path, _, zarr_format = cells
    group = ome_zarr_models.open_ome_zarr(path)
    assert isinstance(group, v04.Image if zarr_format == 2 else v05.Image)
    said = (group.attributes if zarr_format == 2 else group.ome_attributes).model_dump()
    (image,) = said["multiscales"]
    assert (image["name"], image["type"]) == ("cells", "mean")
    assert [channel["color"] for channel in said["omero"]["channels"]] == ["00FF00", "FF00FF"]
    assert said["omero"]["channels"][1]["window"]["max"] == 500


def test_what_fiji_and_zarr_want_of_the_arrays(cells):
    import zarr

    path, _, zarr_format = cells
    array = zarr.open_array(path / "0")
    if zarr_format == 2:
        # OME-Zarr 0.4 has its chunks in folders, which is not what zarr 2 does by itself.
        assert json.loads((path / "0" / ".zarray").read_bytes())["dimension_separator"] == "/"
        assert (path / "0" / "0" / "0" / "0" / "0" / "0").is_file()
    else:
        assert array.metadata.dimension_names == tuple("tczyx")
        assert array.shards is not None
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # of what zarr takes for no part of it
        assert {name for name, _ in zarr.open_group(path).members()} == {"0", "1", "OME"}


def coloured(*colours):
    channels = "".join(
        f'<Channel ID="Channel:0:{i}" Name="c{i}" Color="{colour}" SamplesPerPixel="1"/>'
        for i, colour in enumerate(colours)
    )
    xml = (
        '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0">'
        '<Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint16" SizeX="4" SizeY="4" SizeZ="1" '
        f'SizeC="{len(colours)}" SizeT="1">{channels}<MetadataOnly/></Pixels></Image></OME>'
    )
    return OmeText(xml)


@pytest.mark.parametrize(
    ("colours", "expected"),
    [
        ((-16776961, 65535), ["FF0000", "0000FF"]),  # signed: red, opaque; blue
        ((16711935, -1), ["00FF00", "FFFFFF"]),
        ((16711680,), ["00FF00"]),  # green, transparent
    ],
)
def test_colours_are_those_of_the_input(colours, expected):
    """OME-XML has red, green, blue and opacity in a signed number of 32 bits."""
    names = tuple(f"c{i}" for i in range(len(colours)))
    about = About("CYX", {}, names, ome=coloured(*colours))
    assert channel_colours(about, {"C": len(colours), "Y": 4, "X": 4}) == expected


def test_colours_of_one_that_says_none():
    assert channel_colours(About("YX"), {"Y": 4, "X": 4}) == ["FFFFFF"]
    assert channel_colours(About("CYX"), {"C": 2, "Y": 4, "X": 4}) == ["00FF00", "FF00FF"]


@pytest.mark.parametrize("value", [np.nan, 3.0])
def test_contrast_of_what_has_none(tmp_path, value):
    path = write_image(tmp_path / "a.zarr", np.full((6, 7), value, np.float32), "YX")
    said = json.loads((path / "zarr.json").read_bytes())["attributes"]["ome"]
    window = said["omero"]["channels"][0]["window"]
    assert window["min"] <= window["start"] < window["end"] <= window["max"]
