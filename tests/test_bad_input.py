"""Bad input on two of its three faces: Python and the command line (the third: widgets/)."""

import re
import sys
import warnings
from importlib.util import find_spec

import numpy as np
import pytest

import napari_photon_denoise as npd
from bad_input import FINE, NOTED, REFUSED
from napari_photon_denoise.cli import main
from napari_photon_denoise.denoisers import METHODS, make_denoiser
from napari_photon_denoise.denoisers.learning import Learning
from napari_photon_denoise.errors import OutOfMemory
from napari_photon_denoise.io import read, write_image


def in_python(case):
    denoiser = make_denoiser(case.method, case.parameters)
    return npd.denoise(
        case.path, case.camera, denoiser,
        axes=case.axes, units=case.units, device=case.device, tile=case.tile,
    )  # fmt: skip


def on_command_line(case, folder):
    """Run in this process; subprocess runs are in cli/test_cli.py."""
    case.camera.save(folder / "camera.tif", overwrite=True)
    arguments = ["denoise", str(case.path), "-o", str(folder / "out.ome.tif")]
    arguments += ["--method", case.method, "--camera", str(folder / "camera.tif")]
    arguments += ["--units", case.units, "--device", case.device]
    for name, value in case.parameters.items():
        arguments += [f"--{name.replace('_', '-')}", str(value)]
    arguments += ["--axes", case.axes] if case.axes else []
    arguments += ["--tile", str(case.tile)] if case.tile else []
    return main(arguments)


@pytest.mark.parametrize("name", REFUSED)
def test_python_refuses_in_one_sentence(tmp_path, name):
    case = REFUSED[name](tmp_path)
    with pytest.raises(npd.PhotonDenoiseError, match=case.sentence) as refusal:
        in_python(case)
    assert "\n" not in str(refusal.value)
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize("name", REFUSED)
def test_the_command_line_refuses_in_one_sentence(tmp_path, name, capfd):
    case = REFUSED[name](tmp_path)
    assert on_command_line(case, tmp_path) == 2
    text = capfd.readouterr().err
    assert text.startswith("error: ")
    assert text.count("\n") == 1
    assert re.search(case.sentence, text)
    assert not list(tmp_path.glob("*out*"))


@pytest.mark.parametrize("name", NOTED)
def test_python_warns(tmp_path, name):
    case = NOTED[name](tmp_path)
    with pytest.warns(npd.PhotonDenoiseWarning, match=case.sentence):
        in_python(case)


@pytest.mark.parametrize("name", NOTED)
def test_the_command_line_notes(tmp_path, name, capfd):
    case = NOTED[name](tmp_path)
    assert on_command_line(case, tmp_path) == 0
    assert re.search(f"note: .*{case.sentence}", capfd.readouterr().err)
    assert (tmp_path / "out.ome.tif").exists()


@pytest.mark.parametrize("name", FINE)
def test_odd_images_are_denoised(tmp_path, name):
    for method, kind in METHODS.items():
        if method == "resunet" and find_spec("torch") is None:
            continue
        if issubclass(kind, Learning):  # what it can't learn from is in REFUSED
            continue
        case = FINE[name](tmp_path)
        case.method = method
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", npd.PhotonDenoiseWarning)
            clean = in_python(case)
        with read(case.path) as raw:
            assert clean.shape == raw.data.shape
        assert np.isfinite(clean).all()
    assert on_command_line(case, tmp_path) == 0


@pytest.fixture
def image(tmp_path, rng):
    path = tmp_path / "cells.npy"
    np.save(path, rng.poisson(200, (90, 120)).astype(np.uint16))
    return path


NUMBERS = ["--gain", "0.5", "--offset", "100", "--method", "gaussian"]


def test_output_that_exists_is_kept(tmp_path, image, capfd):
    target = tmp_path / "out.ome.tif"
    target.write_bytes(b"precious")
    assert main(["denoise", str(image), "-o", str(target), *NUMBERS]) == 2
    assert "exists already" in capfd.readouterr().err
    assert target.read_bytes() == b"precious"
    assert main(["denoise", str(image), "-o", str(target), "--overwrite", *NUMBERS]) == 0


def test_the_input_is_never_the_output(tmp_path, image, capfd):
    raw = write_image(tmp_path / "raw.ome.tif", np.load(image), "YX")
    before = raw.read_bytes()
    assert main(["denoise", str(raw), "-o", str(raw), "--overwrite", *NUMBERS]) == 2
    assert "is the input itself" in capfd.readouterr().err
    assert raw.read_bytes() == before


def test_a_folder_that_can_not_be_written(tmp_path, image, capfd):
    (tmp_path / "file").write_text("no folder")
    for target in ("file/out.ome.tif", "file/folder"):
        assert main(["denoise", str(image), "-o", str(tmp_path / target), *NUMBERS]) == 2
        assert capfd.readouterr().err.startswith("error: ")


def test_a_full_disk(tmp_path, image, capfd, monkeypatch):
    import shutil

    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    assert main(["denoise", str(image), "-o", str(tmp_path / "out.ome.tif"), *NUMBERS]) == 2
    assert "error: " in capfd.readouterr().err
    assert not list(tmp_path.glob("*out*"))


def test_a_camera_must_be_named(tmp_path, image, capfd):
    out = str(tmp_path / "out.ome.tif")
    for arguments, sentence in [
        (["--gain", "1"], "both --gain"),
        (["--camera", "orca-flash4", "--gain", "1"], "either --camera"),
        (["--camera", "nikon"], "no camera preset"),
        (["--camera", "nothing.tif"], "no calibration file"),
        (["--camera", "ixon-preamp-1"], "EM gain"),
        (["--gain", "0", "--offset", "1"], "gain must be at least 0.0001"),
    ]:
        assert main(["denoise", str(image), "-o", out, *arguments]) == 2
        assert sentence in capfd.readouterr().err


def test_a_calibration_of_another_binning_or_mode(tmp_path, image, capfd):
    npd.Calibration(0.5, 100, mode="16-bit").save(tmp_path / "camera.tif")
    arguments = ["denoise", str(image), "-o", str(tmp_path / "out.ome.tif")]
    arguments += ["--camera", str(tmp_path / "camera.tif"), "--method", "gaussian"]
    assert main([*arguments, "--binning", "2"]) == 2
    assert "at binning 1, the image at binning 2" in capfd.readouterr().err
    assert main([*arguments, "--mode", "12-bit"]) == 2
    assert "of camera mode '16-bit', the image of '12-bit'" in capfd.readouterr().err
    assert main([*arguments, "--binning", "1", "--mode", "16-bit"]) == 0


def test_a_gpu_out_of_memory_makes_tiles_smaller(tmp_path, image, capfd, monkeypatch):
    from napari_photon_denoise.kernels import separable

    real = separable.correlate

    def small_gpu(volume, *taps):
        if volume.size > 70 * 70:
            raise OutOfMemory("full")
        return real(volume, *taps)

    expected = npd.denoise(image, npd.Calibration(0.5, 100), "gaussian")
    monkeypatch.setattr(separable, "correlate", small_gpu)
    with pytest.warns(npd.PhotonDenoiseWarning, match="ran out of memory, so tiles"):
        clean = npd.denoise(image, npd.Calibration(0.5, 100), "gaussian")
    np.testing.assert_allclose(clean, expected, rtol=1e-5)
    assert main(["denoise", str(image), "-o", str(tmp_path / "out.ome.tif"), *NUMBERS]) == 0
    assert "ran out of memory, so tiles" in capfd.readouterr().err
    monkeypatch.setattr(
        separable, "correlate", lambda *a: (_ for _ in ()).throw(OutOfMemory("full"))
    )
    assert main(["denoise", str(image), "-o", str(tmp_path / "no.ome.tif"), *NUMBERS]) == 2
    assert "choose the device 'cpu'" in capfd.readouterr().err
    assert not list(tmp_path.glob("*no.*"))


def test_a_file_that_vanishes_while_it_is_read(tmp_path, rng, capfd, monkeypatch):
    path = tmp_path / "cells.npy"
    np.save(path, rng.poisson(200, (4, 40, 50)).astype(np.uint16))
    from napari_photon_denoise import file_job

    real = file_job.denoise_job

    def job(*arguments, **options):
        with path.open("r+b") as file:
            file.truncate(1000)
        return real(*arguments, **options)

    monkeypatch.setattr(file_job, "denoise_job", job)
    assert main(["denoise", str(path), "-o", str(tmp_path / "out.ome.tif"), *NUMBERS]) == 2
    assert "cells.npy" in capfd.readouterr().err
    assert not list(tmp_path.glob("*out*"))


def test_an_image_over_memory_is_written_tile_by_tile(tmp_path, image, monkeypatch):
    """Python refuses a result larger than memory; the command line writes it to disk."""
    import psutil

    memory = psutil.virtual_memory()._replace(available=1000)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    with pytest.raises(npd.PhotonDenoiseError, match="photon-denoise denoise"):
        npd.denoise(image, npd.Calibration(0.5, 100), "gaussian")
    assert main(["denoise", str(image), "-o", str(tmp_path / "out.ome.tif"), *NUMBERS]) == 0


def test_a_recipe_of_a_newer_version(tmp_path, capfd):
    (tmp_path / "recipe.json").write_text('{"recipe_version": 99, "version": "7.1"}')
    assert main(["run", str(tmp_path / "recipe.json")]) == 2
    assert "newer version" in capfd.readouterr().err


def test_images_that_would_share_an_output(tmp_path, image, capfd):
    other = tmp_path / "sub"
    other.mkdir()
    (other / "cells.npy").write_bytes(image.read_bytes())
    arguments = [str(image), str(other / "cells.npy"), *NUMBERS]
    assert main(["denoise", *arguments, "-o", str(tmp_path / "one.ome.tif")]) == 2
    assert "can't go into one file" in capfd.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no such pipe")
def test_nothing_matches(tmp_path, capfd):
    assert main(["denoise", str(tmp_path / "*.tif"), "-o", str(tmp_path / "out"), *NUMBERS]) == 2
    assert capfd.readouterr().err.startswith("error: ")
