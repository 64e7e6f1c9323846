"""Names for results that are no folders, and what of the input its result still says."""

from __future__ import annotations

import os

import numpy as np
import pytest
import tifffile

import napari_photon_denoise as npd
from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.files import FilesWork, denoise_files_job
from napari_photon_denoise.io import read
from napari_photon_denoise.job import run
from napari_photon_denoise.named_camera import NamedCamera


def work(output):
    camera = NamedCamera(Calibration(gain=0.5, offset=100, read_noise=1.5))
    return FilesWork(npd.Gaussian(), output, "gaussian", camera)


@pytest.mark.parametrize(
    "name", ["x.ozx", "x.zarr.zip", "x.npy", "x.png", "X.PNG", "clean.jpg", "x.h5", "x.ome.btf"]
)
def test_a_name_like_a_file_that_nothing_writes_is_no_folder(tmp_path, name):
    said = rf"{name} cannot be .* OME-TIFF or OME-Zarr, .* with \.ome\.tif or \.ome\.zarr"
    with pytest.raises(PhotonDenoiseError, match=said):
        work(tmp_path / name).planned([tmp_path / "a.tif"])
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["out", "run.v2", "2024.05.06", "exp [1]", ".hidden", "a/b"])
def test_names_of_folders(tmp_path, name):
    for _ in range(2):
        work(tmp_path / name).planned([tmp_path / "a.tif"])
        assert (tmp_path / name).is_dir()


def test_a_folder_of_such_a_name_that_is_there_is_one(tmp_path):
    (tmp_path / "old.png").mkdir()
    (file,) = work(tmp_path / "old.png").planned([tmp_path / "a.tif"])
    assert file.target.parent.name == "old.png"


def test_no_folder_of_results_inside_an_image(tmp_path):
    (tmp_path / "cells").mkdir()
    (tmp_path / "cells" / "zarr.json").write_text("{}")
    (tmp_path / "cells.n5").symlink_to(tmp_path / "cells")
    with pytest.raises(PhotonDenoiseError, match="cannot be written"):
        work(tmp_path / "cells.n5").planned([tmp_path / "a.tif"])


def test_refused_before_any_work(tmp_path, rng):
    tifffile.imwrite(tmp_path / "a.tif", rng.poisson(200, (30, 40)).astype(np.uint16))
    with pytest.raises(PhotonDenoiseError, match=r"x\.npy cannot be written"):
        run(denoise_files_job(work(tmp_path / "x.npy"), [tmp_path / "a.tif"]))
    assert os.listdir(tmp_path) == ["a.tif"]


def test_a_result_remembers_its_input_and_says_what_it_did_not_understand(tmp_path, rng):
    metadata = {"axes": "CYX", "Name": "embryo 3", "PhysicalSizeX": 0.1, "PhysicalSizeY": 3}
    metadata |= {"PhysicalSizeYUnit": "frob", "AcquisitionDate": "2024-05-06T07:08:09"}
    metadata |= {"Channel": {"Name": ["DAPI", "GFP"], "EmissionWavelength": [461, 509]}}
    metadata |= {"Plane": {"ExposureTime": [50, 80], "ExposureTimeUnit": ["ms", "ms"]}}
    counts = rng.poisson(200, (2, 30, 40)).astype(np.uint16)
    tifffile.imwrite(tmp_path / "in.ome.tif", counts, metadata=metadata)
    (file,) = run(denoise_files_job(work(tmp_path / "out.ome.tif"), [tmp_path / "in.ome.tif"]))
    assert any("pixel size along y is written as '3 frob'" in note for note in file.notes)
    with read(file.target) as result, tifffile.TiffFile(file.target) as tif:
        assert result.pixel_size == {"X": 0.1}
        assert result.channel_names == ("DAPI", "GFP")
        said = tifffile.xml2dict(tif.ome_metadata)["OME"]
    assert said["Creator"].startswith("napari-photon-denoise ")
    image = said["Image"]
    assert (image["Name"], image["AcquisitionDate"]) == ("embryo 3", "2024-05-06T07:08:09")
    assert [c["EmissionWavelength"] for c in image["Pixels"]["Channel"]] == [461, 509]
    assert [p["ExposureTime"] for p in image["Pixels"]["Plane"]] == [50, 80]
    assert [p["ExposureTimeUnit"] for p in image["Pixels"]["Plane"]] == ["ms", "ms"]
