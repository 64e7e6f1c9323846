import numpy as np
import pytest
import tifffile
from npe2 import PluginManifest

import napari_photon_denoise as npd
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io import read, write_image
from napari_photon_denoise.io.readers import READERS
from napari_photon_denoise.io.write import WRITERS
from napari_photon_denoise.virtual.samples import SCENES
from napari_photon_denoise.widgets.contributions import get_reader, read_layers, write_layer

PLUGIN = "napari-photon-denoise"


def test_the_manifest_names_what_the_tables_name():
    found = PluginManifest.from_distribution(PLUGIN).contributions
    (reader,) = found.readers
    patterns = [pattern for one in READERS for pattern in one.in_napari]
    assert reader.filename_patterns == patterns
    assert reader.accepts_directories == any(one.holds is not None for one in READERS)
    # Plain .tif is left to napari: what it holds need be no grey image.
    endings = [[end for end in one.endings if end.startswith(".ome")] for one in WRITERS]
    assert [writer.filename_extensions for writer in found.writers] == endings
    assert [writer.display_name.partition(" ")[0] for writer in found.writers] == [
        one.title for one in WRITERS
    ]


def test_manifest_is_found_and_its_names_exist():
    manifest = PluginManifest.from_distribution(PLUGIN)
    manifest.validate_imports()
    assert {sample.key for sample in manifest.contributions.sample_data} == {*SCENES, "frames"}


@pytest.mark.parametrize("key", SCENES)
def test_samples_open(desk, key):
    viewer, open_widget = desk
    widget = open_widget()
    viewer.open_sample(PLUGIN, key)
    counts, truth = viewer.layers
    assert counts.data.dtype == np.uint16
    assert counts.data.shape == truth.data.shape == SCENES[key].shape
    assert str(counts.units[-1]) == "micrometer"
    assert counts.scale[-1] == pytest.approx(0.1)
    # A widget that is open takes the noisy one, and the camera that it brings along.
    assert widget.source.layer() is counts
    assert widget.source.axes() == SCENES[key].axes
    assert widget.camera.value() is counts.metadata["calibration"]
    assert widget.message == ""
    # So does one that is opened afterwards, although the truth is what napari selected.
    assert open_widget().source.layer() is counts


def test_each_position_of_a_file_is_a_layer(tmp_path):
    planes = np.random.default_rng(0).integers(100, 200, (2, 8, 9)).astype(np.uint16)
    with tifffile.TiffWriter(tmp_path / "cells.ome.tif", ome=True) as tif:
        for plane, name in zip(planes, ("A 1", "B 2"), strict=True):
            tif.write(plane, metadata={"axes": "YX", "Name": name})
    layers = read_layers(str(tmp_path / "cells.ome.tif"))
    assert [layer[1]["name"] for layer in layers] == ["cells_A_1", "cells_B_2"]
    np.testing.assert_array_equal([np.asarray(layer[0]) for layer in layers], planes)


@pytest.mark.parametrize("name", ["result.ome.tif", "result.ome.zarr"])
def test_result_survives_the_way_through_a_file(dock, finish, counts, tmp_path, name):
    viewer, open_widget = dock
    source = viewer.add_image(counts, name="cells", scale=(200, 100), units=("nm", "nm"))
    widget = open_widget()
    widget.camera.setValue(npd.Calibration(gain=0.5, offset=100, read_noise=1.5))
    result = finish(widget)
    path = tmp_path / name
    viewer.layers.selection = {result}
    for _ in range(2):  # napari's dialog has asked whether to replace it
        assert viewer.layers.save(str(path), selected=True, plugin=PLUGIN) == [str(path)]
    (opened,) = viewer.open(str(path), plugin=PLUGIN)
    np.testing.assert_array_equal(np.asarray(opened.data), result.data)
    assert opened.metadata["recipe"] == result.metadata["recipe"]
    np.testing.assert_allclose(opened.scale, (0.2, 0.1))
    assert {str(unit) for unit in opened.units} == {"micrometer"}
    assert opened.axis_labels == ("y", "x")
    widget.source.set_layer(opened)
    assert "denoised already" in widget.message
    widget.camera.doubts.confirm(True)
    assert widget.camera.value().gain == 1
    assert source.data is counts


def test_an_image_of_several_resolutions_is_a_layer_of_several(desk, tmp_path, rng):
    viewer, _ = desk
    data = rng.poisson(20, (2, 3, 600, 40)).astype(np.float32)
    said = {"pixel_size": {"Z": 1, "Y": 0.1, "X": 0.1}, "channel_names": ("DAPI", "GFP")}
    path = write_image(tmp_path / "cells.ome.zarr", data, "CZYX", **said)
    layers = viewer.open(str(path), plugin=PLUGIN)
    assert [layer.name for layer in layers] == ["cells DAPI", "cells GFP"]
    for channel, layer in zip(data, layers, strict=True):
        assert layer.multiscale
        assert [level.shape for level in layer.data] == [(3, 600, 40), (3, 300, 20)]
        np.testing.assert_array_equal(np.asarray(layer.data[0]), channel)
        assert tuple(layer.scale) == (1, 0.1, 0.1)
        mean = channel.reshape(3, 300, 2, 20, 2).mean((2, 4))
        np.testing.assert_allclose(np.asarray(layer.data[1]), mean, rtol=1e-6)
    saved = tmp_path / "again.ome.tif"
    viewer.layers.selection = {layers[1]}
    viewer.layers.save(str(saved), selected=True, plugin=PLUGIN)
    with read(saved) as image:
        np.testing.assert_array_equal(image.data.compute(), data[1])


def test_written_file_names_pixel_size_and_channel(desk, tmp_path, rng):
    viewer, _ = desk
    stack = rng.integers(0, 99, (3, 20, 30)).astype(np.uint16)
    layer = viewer.add_image(
        [stack, stack[:, ::2, ::2]],
        name="actin",
        scale=(0.3, 0.1, 0.1),
        units=("um",) * 3,
        axis_labels=("z", "y", "x"),
    )
    data, meta, _ = layer.as_layer_data_tuple()
    (written,) = write_layer(str(tmp_path / "stack.ome.tif"), data, meta)
    with read(written) as image:
        assert image.axes == "ZYX"
        assert image.pixel_size == pytest.approx({"Z": 0.3, "Y": 0.1, "X": 0.1})
        assert image.channel_names == ("actin",)
        np.testing.assert_array_equal(np.asarray(image.data), stack)


def test_pixels_without_a_unit_get_none(desk, tmp_path, counts):
    viewer, _ = desk
    data, meta, _ = viewer.add_image(counts).as_layer_data_tuple()
    (written,) = write_layer(str(tmp_path / "plain.ome.tif"), data, meta)
    with read(written) as image:
        assert image.pixel_size == {}


def test_channels_become_layers(tmp_path, rng):
    data = rng.integers(0, 99, (2, 2, 20, 30)).astype(np.uint16)
    path = write_image(tmp_path / "two.ome.tif", data, "TCYX", channel_names=("DAPI", "GFP"))
    layers = read_layers(str(path))
    assert [attributes["name"] for _, attributes, _ in layers] == ["two DAPI", "two GFP"]
    for channel, (pixels, attributes, kind) in enumerate(layers):
        assert kind == "image"
        assert attributes["axis_labels"] == ["time", "y", "x"]
        np.testing.assert_array_equal(np.asarray(pixels), data[:, channel])


def test_a_channel_saved_again_is_described_as_its_own_and_no_other(dock, finish, tmp_path, rng):
    viewer, open_widget = dock
    said = {"axes": "CYX", "Name": "embryo 3"}
    said |= {"Channel": {"Name": ["DAPI", "GFP"], "EmissionWavelength": [461, 509]}}
    said |= {"Plane": {"ExposureTime": [50, 80], "ExposureTimeUnit": ["ms", "ms"]}}
    data = rng.poisson(200, (2, 24, 32)).astype(np.uint16)
    tifffile.imwrite(tmp_path / "two.ome.tif", data, metadata=said, photometric="minisblack")
    layers = viewer.open(str(tmp_path / "two.ome.tif"), plugin=PLUGIN)
    widget = open_widget()
    widget.source.set_layer(layers[1])
    widget.camera.setValue(npd.Calibration(gain=0.5, offset=100, read_noise=1.5))
    viewer.layers.selection = {finish(widget)}
    path = tmp_path / "result.ome.tif"
    viewer.layers.save(str(path), selected=True, plugin=PLUGIN)
    with tifffile.TiffFile(path) as tif:
        image = tifffile.xml2dict(tif.ome_metadata)["OME"]["Image"]
    assert image["Name"] == "embryo 3"
    assert image["Pixels"]["Channel"]["EmissionWavelength"] == 509
    assert image["Pixels"]["Plane"]["ExposureTime"] == 80


def test_what_the_reader_does_not_understand_is_said(tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr("napari_photon_denoise.widgets.contributions.show_warning", said.append)
    metadata = {"axes": "YX", "PhysicalSizeX": 3, "PhysicalSizeXUnit": "frob"}
    tifffile.imwrite(tmp_path / "a.ome.tif", np.ones((9, 9), np.uint16), metadata=metadata)
    read_layers(str(tmp_path / "a.ome.tif"))
    assert said == [
        "a: The pixel size along x is written as '3 frob', which is not understood: it is left out."
    ]


def test_reader_takes_single_paths_only():
    assert get_reader(["a.ome.tif", "b.ome.tif"]) is None


@pytest.mark.parametrize("content", [b"", b"no TIFF"])
def test_broken_file_is_a_sentence(tmp_path, content):
    path = tmp_path / "broken.ome.tif"
    path.write_bytes(content)
    with pytest.raises(PhotonDenoiseError, match=r"broken\.ome\.tif"):
        get_reader(str(path))(str(path))


def test_colour_is_no_ome_tiff_of_ours(desk, tmp_path):
    viewer, _ = desk
    layer = viewer.add_image(np.zeros((9, 9, 3), np.uint8), rgb=True)
    data, meta, _ = layer.as_layer_data_tuple()
    with pytest.raises(PhotonDenoiseError, match="RGB"):
        write_layer(str(tmp_path / "colour.ome.tif"), data, meta)
    assert not list(tmp_path.glob("*.tif"))


def test_file_of_another_program_opens(desk, tmp_path, counts):
    viewer, _ = desk
    path = tmp_path / "other.ome.tif"
    tifffile.imwrite(path, counts, ome=True, metadata={"axes": "YX"})
    (layer,) = viewer.open(str(path), plugin=PLUGIN)
    np.testing.assert_array_equal(np.asarray(layer.data), counts)


def test_of_a_large_image_little_is_read_to_be_opened(tmp_path, monkeypatch, rng):
    from napari_photon_denoise.io.image import Blocks
    from napari_photon_denoise.widgets import contributions

    counts = rng.poisson(20, (40, 64, 64)).astype(np.uint16)
    path = write_image(tmp_path / "stack.ome.tif", counts, "ZYX")
    read_blocks = []
    plain = Blocks.__getitem__

    def note(blocks, index):
        read_blocks.append(index)
        return plain(blocks, index)

    monkeypatch.setattr(Blocks, "__getitem__", note)
    ((_, small, _),) = read_layers(str(path))
    assert "contrast_limits" not in small  # napari's own
    assert read_blocks == []
    monkeypatch.setattr(contributions, "LARGE", 1000)
    ((_, large, _),) = read_layers(str(path))
    assert len(read_blocks) == 1
    low, high = large["contrast_limits"]
    assert counts.min() <= low < 15 < 25 < high <= counts.max()
