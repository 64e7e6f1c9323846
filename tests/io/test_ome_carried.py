"""What the input's OME metadata says goes along, as far as it still holds, and stays valid."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import numpy as np
import ome_schema
import pytest
import tifffile

from napari_photon_denoise.io import About, open_image, read, write_image
from napari_photon_denoise.io.image import OmeText

pytest.importorskip("ome_types")
etree = pytest.importorskip("lxml.etree")
NS = "{http://www.openmicroscopy.org/Schemas/OME/2016-06}"
SHAPE = (2, 3, 30, 40)  # CZYX


@pytest.fixture(scope="module")
def schema():
    return etree.XMLSchema(etree.parse(str(ome_schema.schema())))


def whole_document():
    """A document with all that the field uses, made by another program."""
    from ome_types import model as m
    from ome_types import to_xml

    channels = [
        m.Channel(
            id="Channel:0:0", name="DAPI", emission_wavelength=461, excitation_wavelength=405,
            color="blue", fluor="DAPI", acquisition_mode="SpinningDiskConfocal",
            detector_settings=m.DetectorSettings(id="Detector:0", gain=2, binning="2x2"),
            light_source_settings=m.LightSourceSettings(id="LightSource:0", attenuation=0.3),
            light_path=m.LightPath(emission_filters=[m.FilterRef(id="Filter:0")]),
        ),
        m.Channel(id="Channel:0:1", name="GFP", emission_wavelength=509, color="green"),
    ]  # fmt: skip
    planes = [
        m.Plane(
            the_z=z, the_c=c, the_t=0, exposure_time=50 + c, exposure_time_unit="ms",
            delta_t=z * 0.5, position_x=100, position_x_unit="µm", position_y=7, position_z=z,
        )
        for z in range(3) for c in range(2)
    ]  # fmt: skip
    pixels = m.Pixels(
        id="Pixels:0", dimension_order="XYCZT", type="uint16", significant_bits=12,
        size_x=40, size_y=30, size_z=3, size_c=2, size_t=1,
        physical_size_x=0.1, physical_size_y=0.1, physical_size_z=1,
        channels=channels, planes=planes, tiff_data_blocks=[m.TiffData(ifd=0, plane_count=6)],
    )  # fmt: skip
    instrument = m.Instrument(
        id="Instrument:0",
        microscope=m.Microscope(manufacturer="Zeiss", type="Inverted"),
        lasers=[m.Laser(id="LightSource:0", wavelength=405, power=10)],
        detectors=[m.Detector(id="Detector:0", type="CMOS", model="Orca")],
        objectives=[m.Objective(id="Objective:0", lens_na=1.4, nominal_magnification=63)],
        filters=[m.Filter(id="Filter:0", transmittance_range=m.TransmittanceRange(cut_in=430))],
    )
    image = m.Image(
        id="Image:0", name="cells µ <1>", acquisition_date="2024-05-06T07:08:09",
        description="two\nlines", pixels=pixels,
        experimenter_ref=m.ExperimenterRef(id="Experimenter:0"),
        instrument_ref=m.InstrumentRef(id="Instrument:0"),
        objective_settings=m.ObjectiveSettings(id="Objective:0", refractive_index=1.515),
        imaging_environment=m.ImagingEnvironment(temperature=37),
        stage_label=m.StageLabel(name="A1", x=1.5, y=2, z=3, x_unit="mm"),
        annotation_refs=[m.AnnotationRef(id="Annotation:5")],
    )  # fmt: skip
    annotations = m.StructuredAnnotations(
        map_annotations=[m.MapAnnotation(id="Annotation:5", namespace="x/y", value={"a": "b"})],
        xml_annotations=[m.XMLAnnotation(id="Annotation:6", value="<Foo><Bar a='1'>t</Bar></Foo>")],
    )
    return to_xml(
        m.OME(
            experimenters=[m.Experimenter(id="Experimenter:0", last_name="Müller")],
            instruments=[instrument],
            images=[image],
            structured_annotations=annotations,
        )
    )


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    path = tmp_path_factory.mktemp("ome") / "cells.ome.tif"
    data = np.arange(np.prod(SHAPE), dtype=np.uint16).reshape(3, 2, 30, 40)
    tifffile.imwrite(
        path, data, description=whole_document().encode(), metadata=None, photometric="minisblack"
    )
    with read(path) as image:
        yield image


def written(schema, path, shape, axes, ome, *, names=(), dtype="float32", size=None):
    """Write a result, and return its OME-XML, which must be valid."""
    about = About(axes, size or {}, names, {"made": "by"}, ome)
    with open_image(path, shape, dtype, about, overwrite=True) as out:
        out[...] = 1
    with tifffile.TiffFile(path) as tif:
        text = tif.ome_metadata
        assert tif.series[0].shape == tuple(n for n in shape if n > 1)
    schema.assertValid(etree.fromstring(text.encode()))
    return ElementTree.fromstring(text)


def test_all_of_it_goes_along(source, schema, tmp_path):
    with open_image(
        tmp_path / "a.ome.tif",
        source.data.shape,
        "float32",
        About(source.axes, source.pixel_size, source.channel_names, {"made": "by"}, source.ome),
    ) as out:
        out[...] = source.data.compute()
    import ome_types

    made = ome_types.from_tiff(tmp_path / "a.ome.tif")
    image = made.images[0]
    assert (image.name, image.description) == ("cells µ <1>", "two\nlines")
    assert image.acquisition_date.isoformat() == "2024-05-06T07:08:09"
    assert made.experimenters[0].last_name == "Müller"
    assert made.instruments[0].objectives[0].lens_na == 1.4
    assert image.objective_settings.refractive_index == 1.515
    assert made.instruments[0].detectors[0].model == "Orca"
    assert (image.stage_label.x, image.stage_label.x_unit.value) == (1.5, "mm")
    assert image.imaging_environment.temperature == 37
    pixels = image.pixels
    assert (pixels.type.value, pixels.significant_bits) == ("float", None)
    assert (pixels.physical_size_z, pixels.physical_size_x) == (1, 0.1)
    assert [c.name for c in pixels.channels] == ["DAPI", "GFP"]
    assert pixels.channels[0].emission_wavelength == 461
    assert pixels.channels[0].fluor == "DAPI"
    assert pixels.channels[1].color.as_named() == "green"
    assert pixels.channels[0].light_path.emission_filters[0].id == "Filter:0"
    plane = next(p for p in pixels.planes if (p.the_z, p.the_c) == (2, 1))
    assert (plane.exposure_time, plane.exposure_time_unit.value, plane.delta_t) == (51, "ms", 1)
    assert (plane.position_x, plane.position_x_unit.value) == (100, "µm")
    assert len(pixels.planes) == 6
    assert made.creator.startswith("napari-photon-denoise ")
    assert dict(made.structured_annotations.map_annotations[0].value) == {"a": "b"}
    with tifffile.TiffFile(tmp_path / "a.ome.tif") as tif:
        assert tif.pages[0].software == made.creator
        schema.assertValid(etree.fromstring(tif.ome_metadata.encode()))
    with read(tmp_path / "a.ome.tif") as again:
        np.testing.assert_array_equal(again.data, source.data)
        assert again.recipe == {"made": "by"}
        assert (again.axes, again.pixel_size) == (source.axes, source.pixel_size)


def test_a_result_of_a_result_has_one_annotation_of_ours(source, schema, tmp_path):
    first, second = tmp_path / "a.ome.tif", tmp_path / "b.ome.tif"
    written(schema, first, SHAPE, "CZYX", source.ome)
    with read(first) as image:
        root = written(schema, second, SHAPE, "CZYX", image.ome)
    assert len(root.findall(f"{NS}StructuredAnnotations/{NS}MapAnnotation")) == 2
    assert len(root.findall(f"{NS}Image/{NS}AnnotationRef")) == 2


def facts(root):
    pixels = root.find(f"{NS}Image/{NS}Pixels")
    channels = pixels.findall(f"{NS}Channel")
    planes = pixels.findall(f"{NS}Plane")
    return (
        [(c.get("Name"), c.get("EmissionWavelength")) for c in channels],
        sorted((int(p.get("TheC")), float(p.get("ExposureTime"))) for p in planes),
        any("PositionX" in p.attrib for p in planes),
        "X" in root.find(f"{NS}Image/{NS}StageLabel").attrib,
    )


DAPI, GFP, NONE = ("DAPI", "461.0"), ("GFP", "509.0"), (None, None)


@pytest.mark.parametrize(
    ("shape", "axes", "names", "channels", "exposures", "positions", "stage"),
    [
        (SHAPE, "CZYX", ["DAPI", "GFP"], [DAPI, GFP], {0: 50, 1: 51}, True, True),
        (SHAPE, "CZYX", ["one", "two"], [("one", "461.0"), ("two", "509.0")], {0: 50, 1: 51}, 1, 1),
        (SHAPE, "CZYX", ["GFP", "DAPI"], [GFP, DAPI], {0: 51, 1: 50}, True, True),
        ((3, 30, 40), "ZYX", ["GFP"], [GFP], {0: 51}, True, True),
        ((3, 30, 40), "ZYX", [], [NONE], {}, False, True),
        ((3, 60, 80), "ZYX", ["DAPI"], [DAPI], {0: 50}, False, False),  # twice the size
        ((2, 3, 10, 40), "CZYX", [], [DAPI, GFP], {0: 50, 1: 51}, False, False),  # cropped
        ((2, 2, 30, 40), "CZYX", [], [DAPI, GFP], {}, False, True),
        ((2, 30, 40), "CYX", ["GFP", "RFP"], [("GFP", None), ("RFP", None)], {}, False, True),
        ((3, 2, 30, 40), "TCYX", [], [DAPI, GFP], {}, False, True),
    ],
)
def test_nothing_that_is_false_goes_along(
    source, schema, tmp_path, shape, axes, names, channels, exposures, positions, stage
):
    root = written(schema, tmp_path / "a.ome.tif", shape, axes, source.ome, names=names)
    expected = sorted((c, float(e)) for c, e in exposures.items() for _ in range(3))
    assert facts(root) == (channels, expected, bool(positions), bool(stage))


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float64", "int32"])
def test_the_type_is_that_of_the_result(source, schema, tmp_path, dtype):
    root = written(schema, tmp_path / "a.ome.tif", SHAPE, "CZYX", source.ome, dtype=dtype)
    pixels = root.find(f"{NS}Image/{NS}Pixels")
    assert pixels.get("Type") == {"float64": "double"}.get(dtype, dtype)
    assert pixels.get("SignificantBits") is None


def test_axes_that_the_user_names_take_away_what_is_said_of_planes(source):
    with read(source.path, axes="TCYX") as image:  # the file says ZCYX
        assert image.ome is not None
        assert not image.ome.axes_hold
    with read(source.path, axes="ZCYX") as image:
        assert image.ome.axes_hold


@pytest.mark.parametrize("axes", ["YX", "TYX", "CYX", "ZYX", "TCZYX", "TZYX", "CZYX"])
def test_valid_without_an_input(schema, tmp_path, axes):
    shape = tuple({"T": 4, "C": 2, "Z": 3, "Y": 9, "X": 8}[letter] for letter in axes)
    size = {"T": 0.5, "Z": 0.3, "Y": 0.1, "X": 0.1}
    names = ["a \x01<&>µ", "b"] if "C" in axes else ["a"]
    root = written(schema, tmp_path / "x.tif", shape, axes, None, names=names, size=size)
    assert root.find(f"{NS}Image").get("Name") == "x"
    assert root.find(f"{NS}Image/{NS}Pixels").get("TimeIncrementUnit") == "s"


def document(image="", pixels="", other="", attributes=""):
    return OmeText(
        f'<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2013-06">{other}'
        f'<Image ID="Image:0" Name="x">{image}<Pixels SizeT="1" SizeC="1" SizeZ="1" SizeY="9" '
        f'SizeX="8" {attributes}>{pixels}</Pixels></Image></OME>'
    )


@pytest.mark.parametrize(
    "ome",
    [
        OmeText("no XML"),
        OmeText("<OME/>"),
        OmeText("<OME><Image/></OME>"),
        OmeText("<OME/>", image=7),
        document(image="<AcquisitionDate>yesterday</AcquisitionDate>"),
        document(image="<AcquisitionDate>2020-01-02 03:04:05</AcquisitionDate>"),
        document(image='<InstrumentRef ID="Instrument:9"/><ObjectiveSettings ID="Objective:9"/>'),
        document(image="<Description>\ufffe a</Description><Foo/>"),
        document(image="<StageLabel X='1'/><ImagingEnvironment Humidity='40'/>"),
        document(pixels="<Channel ID='Channel:0' Color='4294967295' EmissionWavelength='-1'/>"),
        document(pixels="<Channel/>"),
        document(pixels="<Channel ID='c' SamplesPerPixel='three'/><Channel ID='c'/>"),
        document(pixels="<Channel ID='Channel:0' AcquisitionMode='magic' Fluor='é'/>"),
        document(pixels="<Plane TheZ='0' TheC='0' TheT='0' ExposureTime='0,5' DeltaT='1e3'/>"),
        document(pixels="<Plane TheZ='0' TheC='0' TheT='0'><HashSHA1>00</HashSHA1></Plane>"),
        document(pixels="<Plane TheZ='7' TheC='0' TheT='0'/><Plane TheZ='x'/>"),
        document(other="<Instrument ID='1'/><Instrument><Objective LensNA='high'/></Instrument>"),
        document(
            other="<Instrument ID='Instrument:0'><Objective ID='Objective:0' Immersion='Oel' "
            "Correction='Plan' LensNA='1.4'/><LightSource ID='L'><Laser/></LightSource>"
            "<Detector ID='Detector:0' Type='sCMOS'/></Instrument>"
        ),
        document(
            other="<StructuredAnnotations><XMLAnnotation ID='Annotation:0' Namespace='a b'>"
            "<Value><x:y xmlns:x='z'/></Value></XMLAnnotation><LongAnnotation ID='Annotation:1'>"
            "<Value>many</Value></LongAnnotation><BooleanAnnotation ID='Annotation:2'>"
            "<Value>True</Value></BooleanAnnotation><FileAnnotation ID='Annotation:3'/>"
            "</StructuredAnnotations>"
        ),
    ],
)
def test_valid_whatever_the_input_was(schema, tmp_path, ome):
    written(schema, tmp_path / "a.ome.tif", (9, 8), "YX", ome)


def test_elements_in_each_other_without_end_are_left_out(schema, tmp_path):
    deep = "<a>" * 5000 + "</a>" * 5000
    ome = document(
        other=f"<StructuredAnnotations><XMLAnnotation ID='Annotation:0'><Value>{deep}</Value>"
        "</XMLAnnotation></StructuredAnnotations>"
    )
    root = written(schema, tmp_path / "a.ome.tif", (9, 8), "YX", ome)
    assert root.find(f"{NS}StructuredAnnotations/{NS}XMLAnnotation") is None


def test_what_is_mended_and_what_is_not(schema, tmp_path):
    ome = document(
        image="<AcquisitionDate>2020-01-02 03:04:05</AcquisitionDate>",
        pixels="<Channel ID='Channel:0' Color='4278255615' PinholeSize='1' PinholeSizeUnit='AU'/>"
        "<Plane TheZ='0' TheC='0' TheT='0' PositionX='5' PositionXUnit='Âµm' DeltaT='2' "
        "DeltaTUnit='frames'/>",
    )
    root = written(schema, tmp_path / "a.ome.tif", (9, 8), "YX", ome)
    assert root.findtext(f"{NS}Image/{NS}AcquisitionDate") == "2020-01-02T03:04:05"
    channel = root.find(f"{NS}Image/{NS}Pixels/{NS}Channel")
    assert channel.get("Color") == str(4278255615 - 2**32)
    # A number whose unit is lost would be one in the schema's own unit.
    assert channel.get("PinholeSize") is None
    plane = root.find(f"{NS}Image/{NS}Pixels/{NS}Plane")
    assert (plane.get("PositionX"), plane.get("PositionXUnit")) == ("5", "µm")
    assert plane.get("DeltaT") is None


def test_the_second_image_of_a_document(source, schema, tmp_path):
    xml = source.ome.xml.replace("</Image>", "</Image><Image ID='Image:1' Name='b'/>", 1)
    root = written(schema, tmp_path / "a.ome.tif", (9, 8), "YX", OmeText(xml, image=1))
    assert root.find(f"{NS}Image").get("Name") == "a"  # nothing is said of pixels


def test_one_channel_that_napari_took_out(source, schema, tmp_path):
    ome = OmeText(source.ome.xml, channels=(1,))
    root = written(schema, tmp_path / "a.ome.tif", (3, 30, 40), "ZYX", ome, names=["cells GFP"])
    assert facts(root)[:2] == ([("cells GFP", "509.0")], [(0, 51.0)] * 3)


def test_write_image_takes_it_too(source, tmp_path):
    path = write_image(tmp_path / "a.tif", source.data, source.axes, ome=source.ome)
    with read(path) as image:
        assert image.channel_names == ("DAPI", "GFP")


def test_the_table_is_that_of_the_schema():
    assert json.loads(ome_schema.TABLE.read_text("utf-8")) == ome_schema.make_table()
