"""Data sets in several files, and positions, through the denoising of files."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.denoisers import Gaussian
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.files import FilesWork, denoise_files_job
from napari_photon_denoise.io import find_raw_images, read
from napari_photon_denoise.job import run
from napari_photon_denoise.named_camera import NamedCamera
from recordings import ome_xml, planes, uuid, write_mmstack, write_pages

CAMERA = NamedCamera(Calibration(gain=1, offset=100, read_noise=1))


def denoise(output, *patterns, **options):
    work = FilesWork(Gaussian(sigma=0), output, "gaussian", CAMERA, **options)
    return run(denoise_files_job(work, find_raw_images(patterns).paths))


def write_positions(path):
    data = planes(2, 3)
    images = [
        {"Z": 3, "rows": [(0, 0, z, 3 * p + z, path.name, uuid(0)) for z in range(3)]}
        for p in range(2)
    ]
    write_pages(path, data.reshape(6, 20, 30), ome_xml(images, uuid(0)))
    return data


def test_each_position_has_a_result_of_its_own_name(tmp_path):
    data = write_positions(tmp_path / "cells.ome.tif")
    files = denoise(tmp_path / "out", tmp_path / "cells.ome.tif")
    assert [file.state for file in files] == ["done", "done"]
    for number in range(2):
        result = tmp_path / f"out/cells_Pos{number}_gaussian.ome.tif"
        np.testing.assert_array_equal(tifffile.imread(result), data[number] - 100.0)
        with read(result) as image:
            assert image.recipe["input"].endswith(f"cells.ome.tif/Pos{number}")
    again = denoise(tmp_path / "out", tmp_path / "cells.ome.tif/Pos1")
    assert [file.state for file in again] == ["skipped"]


def test_only_files_of_several_positions_are_said_to_hold_them(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", planes(1)[0])
    write_positions(tmp_path / "cells.ome.tif")
    assert find_raw_images([tmp_path]).joined == (
        "cells.ome.tif holds 2 positions, each an image of its own.",
    )
    write_positions(tmp_path / "more.ome.tif")
    assert find_raw_images([tmp_path]).joined == (
        "2 files hold several positions: they are taken as 4 images.",
    )


def test_several_positions_do_not_fit_into_one_file(tmp_path):
    write_positions(tmp_path / "cells.ome.tif")
    with pytest.raises(PhotonDenoiseError, match="2 images can't go into one file"):
        denoise(tmp_path / "o.ome.tif", tmp_path / "cells.ome.tif")


@pytest.mark.parametrize("target", ["t0.ome.tif", "t1.ome.tif"])
def test_no_file_of_a_data_set_is_written_over(tmp_path, target):
    data = planes(2)
    rows = [(t, 0, 0, 0, f"t{t}.ome.tif", uuid(t)) for t in range(2)]
    for t in range(2):
        write_pages(tmp_path / f"t{t}.ome.tif", data[t], ome_xml([{"T": 2, "rows": rows}], uuid(t)))
    before = (tmp_path / target).read_bytes()
    (file,) = denoise(tmp_path / target, tmp_path / "t0.ome.tif", overwrite=True)
    assert "is the input itself" in str(file.error)
    assert (tmp_path / target).read_bytes() == before


def test_what_was_cut_is_said_with_the_result(tmp_path):
    held = {(0, 0, t, 0): plane for t, plane in enumerate(planes(3))}
    said = {"Frames": 5, "Slices": 1, "Channels": 1}
    write_mmstack(tmp_path / "a_MMStack_Pos0.ome.tif", held, said)
    (file,) = denoise(tmp_path / "out", tmp_path)
    assert any("lacks 2 of the 5 planes" in note for note in file.notes)
    assert tifffile.imread(file.target).shape == (3, 20, 30)
