"""A plate in one command, by the names of its wells."""

import zipfile

import numpy as np
import pytest
import zarr

PLAIN = ("--method", "gaussian", "--gain", "0.5", "--offset", "100", "--read-noise", "1.5")


@pytest.fixture
def plate(tmp_path, rng):
    path = tmp_path / "screen.ome.zarr"
    group = zarr.open_group(path, mode="w", zarr_format=3)
    said = {"version": "0.5", "plate": {"wells": [{"path": "B/03"}, {"path": "C/11"}]}}
    group.attrs["ome"] = said
    for well in ("B/03", "C/11"):
        inner = zarr.open_group(path / well, mode="w", zarr_format=3)
        inner.attrs["ome"] = {"version": "0.5", "well": {"images": [{"path": "0"}, {"path": "1"}]}}
        for field in ("0", "1"):
            image = zarr.open_group(path / well / field, mode="w", zarr_format=3)
            counts = (rng.poisson(40, (30, 40)) * 2 + 100).astype(np.uint16)
            image.create_array("0", data=counts)
            axes = [{"name": name, "type": "space"} for name in "yx"]
            multiscales = [{"axes": axes, "datasets": [{"path": "0"}]}]
            image.attrs["ome"] = {"version": "0.5", "multiscales": multiscales}
    return path


def zipped(path):
    packed = path.with_name("screen.ozx")
    with zipfile.ZipFile(packed, "w") as archive:
        for file in path.rglob("*"):
            archive.write(file, file.relative_to(path).as_posix())
    return packed


@pytest.mark.parametrize("packed", [False, True])
def test_results_are_named_by_plate_well_and_field(plate, packed, photon_denoise):
    source = zipped(plate) if packed else plate
    clean = plate.parent / "clean"
    done = photon_denoise("denoise", source, "-o", f"{clean}/", *PLAIN)
    assert done.returncode == 0
    assert sorted(file.name for file in clean.iterdir()) == [
        f"screen_{field}_gaussian.ome.tif" for field in ("B_03_0", "B_03_1", "C_11_0", "C_11_1")
    ]
    assert "screen.o" in done.stdout
    assert "holds 4 positions, each an image of its own" in done.stdout + done.stderr
