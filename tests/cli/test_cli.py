import json
import sys
from importlib.util import find_spec

import numpy as np
import pytest
import tifffile

import napari_photon_denoise as npd
from napari_photon_denoise.cli import main
from napari_photon_denoise.denoisers import METHODS
from napari_photon_denoise.io import read, write_image
from napari_photon_denoise.job import run
from napari_photon_denoise.parameters import declared_parameters
from napari_photon_denoise.pipeline import denoise_job
from napari_photon_denoise.recipe import load_recipe
from napari_photon_denoise.virtual.samples import make_sample
from napari_photon_denoise.virtual.simulate import VirtualCamera
from tiny_models import save_tiny

NUMBERS = ("--gain", "0.5", "--offset", "100", "--read-noise", "1.5")
PLAIN = ("--method", "gaussian", *NUMBERS)
CAMERA = npd.Calibration(gain=0.5, offset=100, read_noise=1.5)


@pytest.fixture
def image(tmp_path, rng):
    counts = rng.poisson(40, (3, 40, 50)).astype(np.uint16) * 2 + 100
    path = tmp_path / "cells.ome.tif"
    write_image(path, counts, "ZYX", pixel_size={"Z": 0.3, "Y": 0.1, "X": 0.1})
    return path


def test_demo_writes_all_that_it_promises(tmp_path, photon_denoise_alone):
    done = photon_denoise_alone("demo", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {
        "before-after.png", "camera.html", "camera.tif", "clean.ome.tif", "metrics.csv",
        "noisy.ome.tif", "recipe.json", "truth.ome.tif",
    }  # fmt: skip
    figures = {
        line.split(",")[0]: line.split(",")[1:]
        for line in (tmp_path / "out" / "metrics.csv").read_text().splitlines()
    }
    assert float(figures["non-local-means"][0]) > float(figures["raw"][0]) + 6
    if find_spec("torch"):
        assert float(figures["resunet"][0]) > float(figures["non-local-means"][0])
        assert abs(float(figures["resunet"][3])) < 2
    else:
        assert "resunet" not in figures
        assert "install torch" in done.stderr
    assert abs(float(figures["gaussian"][3])) < 0.1
    # The recipe, run again, gives the same file.
    again = photon_denoise_alone("run", "recipe.json", "-o", "again.ome.tif", cwd=tmp_path / "out")
    assert again.returncode == 0, again.stderr
    with read(tmp_path / "out" / "clean.ome.tif") as a, read(tmp_path / "out/again.ome.tif") as b:
        np.testing.assert_array_equal(np.asarray(a.data), np.asarray(b.data))


@pytest.mark.parametrize("sample", ["nuclei", "membranes", "stack", "timelapse"])
@pytest.mark.slow
def test_demo_of_every_sample(tmp_path, sample, photon_denoise):
    done = photon_denoise("demo", "-o", tmp_path, "--sample", sample)
    assert done.returncode == 0, done.stderr


def test_denoise_keeps_axes_and_pixel_size_and_notes_the_recipe(
    tmp_path, image, photon_denoise_alone
):
    target = tmp_path / "clean.ome.tif"
    method = ("--method", "gaussian", "--sigma", "1.5")
    done = photon_denoise_alone("denoise", image, "-o", target, *method, *NUMBERS)
    assert done.returncode == 0, done.stderr
    with read(target) as clean, read(image) as raw:
        assert clean.axes == "ZYX"
        assert clean.pixel_size == pytest.approx({"Z": 0.3, "Y": 0.1, "X": 0.1})
        expected = npd.denoise(raw.data, CAMERA, npd.Gaussian(sigma=1.5), axes=raw.axes)
        np.testing.assert_array_equal(np.asarray(clean.data), expected)
        assert clean.data.dtype == np.float32
    recipe = load_recipe(target)
    assert recipe.denoiser == npd.Gaussian(sigma=1.5)
    assert recipe.calibration.restore() == CAMERA


def test_grey_values_come_back_in_the_files_type(tmp_path, image, photon_denoise):
    target = tmp_path / "clean.ome.tif"
    done = photon_denoise("denoise", image, "-o", target, "--units", "counts", *PLAIN)
    assert done.returncode == 0, done.stderr
    with read(target) as clean, read(image) as raw:
        assert clean.data.dtype == np.uint16
        assert np.asarray(clean.data).mean() == pytest.approx(np.asarray(raw.data).mean(), rel=0.01)


def test_a_folder_is_done_once_and_goes_on_after_a_bad_file(tmp_path, image, photon_denoise):
    folder, out = tmp_path / "raw", tmp_path / "clean"
    how = ("--method", "gaussian", *NUMBERS)
    folder.mkdir()
    for name in ("a", "b", "c"):
        (folder / f"{name}.ome.tif").write_bytes(image.read_bytes())
    (folder / "b.ome.tif").write_bytes(b"nonsense")
    first = photon_denoise("denoise", folder, "-o", out, *how)
    assert first.returncode == 2
    assert "2 of 3 images are done; these failed:" in first.stdout
    assert "b.ome.tif" in first.stdout
    assert "Traceback" not in first.stderr
    assert sorted(path.name for path in out.iterdir()) == [
        "a_gaussian.ome.tif",
        "c_gaussian.ome.tif",
    ]
    times = {path: path.stat().st_mtime_ns for path in out.iterdir()}

    (folder / "b.ome.tif").write_bytes(image.read_bytes())
    second = photon_denoise("denoise", folder / "*.tif", "-o", out, *how)
    assert second.returncode == 0, second.stderr
    assert second.stdout.count("done already, skipped") == 2
    assert all(path.stat().st_mtime_ns == before for path, before in times.items())
    assert (out / "b_gaussian.ome.tif").exists()

    third = photon_denoise("denoise", folder, "-o", out, "--sigma", "3", *how)
    assert third.returncode == 2
    assert "was made otherwise: add --overwrite" in third.stdout


def test_run_repeats_a_recipe_on_other_images(tmp_path, image, photon_denoise):
    target = tmp_path / "clean.ome.tif"
    photon_denoise("denoise", image, "-o", target, "--method", "median", "--size-z", "3", *NUMBERS)
    done = photon_denoise("run", target, image, "-o", tmp_path / "other.ome.tif")
    assert done.returncode == 0, done.stderr
    assert load_recipe(tmp_path / "other.ome.tif").denoiser == npd.Median(size_z=3)
    skipped = photon_denoise("run", target)
    assert skipped.returncode == 0, skipped.stderr
    assert "done already, skipped" in skipped.stdout
    repeated = photon_denoise("run", target, "--overwrite")
    assert repeated.returncode == 0, repeated.stderr


def test_presets_and_calibration_files_are_cameras(tmp_path, image, photon_denoise):
    sample = make_sample("nuclei")
    sample.calibration.save(tmp_path / "camera.tif")
    write_image(tmp_path / "n.ome.tif", sample.counts[100:200, 50:250], "YX")
    done = photon_denoise(
        "denoise", "n.ome.tif", "-o", "c.ome.tif", "--camera", "camera.tif",
        "--roi-origin", 100, 50, "--method", "non-local-means", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    region = sample.calibration.crop(100, 50, 100, 200)
    expected = npd.denoise(sample.counts[100:200, 50:250], region, "non-local-means")
    with read(tmp_path / "c.ome.tif") as clean:
        np.testing.assert_array_equal(np.asarray(clean.data), expected)
    assert load_recipe(tmp_path / "c.ome.tif").calibration.restore() == region
    how = ("--camera", "orca-flash4", "--method", "gaussian")
    done = photon_denoise("denoise", image, "-o", tmp_path / "p.ome.tif", *how)
    assert done.returncode == 0, done.stderr


def test_shared_noise_is_said_or_put_in_place_of_the_files(tmp_path, image, photon_denoise):
    camera = tmp_path / "camera.tif"
    npd.Calibration(gain=0.5, offset=100, length_y=1).save(camera)
    for words, lengths in (
        (PLAIN, (0, 0)),
        ((*PLAIN, "--noise-correlation", "0.5", "0.7"), (0.5, 0.7)),
        (("--camera", camera, *PLAIN[:2]), (1, 0)),
        (("--camera", camera, *PLAIN[:2], "--noise-correlation", "0", "0"), (0, 0)),
    ):
        target = tmp_path / "c.ome.tif"
        done = photon_denoise("denoise", image, "-o", target, "--overwrite", *words)
        assert done.returncode == 0, done.stderr
        used = load_recipe(target).calibration.restore()
        assert (used.length_y, used.length_x) == lengths
    done = photon_denoise("denoise", image, "-o", target, *PLAIN, "--noise-correlation", 9, 9)
    assert done.returncode == 2
    assert "from 0 (white noise) to 5 px, not 9.0" in done.stderr


def test_info_names_versions_cameras_and_methods(photon_denoise_alone):
    done = photon_denoise_alone("info")
    assert done.returncode == 0, done.stderr
    for word in ("numpy", "memory", "orca-flash4", "non-local-means", "--sigma-z", "device cpu"):
        assert word in done.stdout


def test_help_explains_every_parameter(photon_denoise):
    text = " ".join(photon_denoise("denoise", "--help").stdout.split())
    for kind in METHODS.values():
        for part in declared_parameters(kind):
            assert part.flag in text
    assert "e- per ADU" in text


def test_recipe_names_files_that_can_be_found_from_anywhere(tmp_path, image, photon_denoise):
    photon_denoise("denoise", image.name, "-o", "clean.ome.tif", *PLAIN, cwd=tmp_path)
    (tmp_path / "recipe.json").write_text(load_recipe(tmp_path / "clean.ome.tif").as_json())
    content = json.loads((tmp_path / "recipe.json").read_text())
    assert content["input"] == str(image.resolve())
    done = photon_denoise("run", tmp_path / "recipe.json", "--overwrite", cwd="/")
    assert done.returncode == 0, done.stderr


# Given are the number of a block, a folder whose files Ctrl-C finds there, and a command.
INTERRUPTED = """
import os, sys
import pytest
from interrupting import interrupt_at
from napari_photon_denoise.cli import main

number, folder, *words = sys.argv[1:]
interrupt_at(pytest.MonkeyPatch(), int(number), lambda: print(*os.listdir(folder)))
sys.exit(main(words))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_a_stopped_run_leaves_nothing_behind(tmp_path, image, process):
    out = tmp_path / "out"
    words = ("denoise", image, "-o", out, "--tile", "32", *PLAIN)
    done = process("-c", INTERRUPTED, 2, out, *words)
    assert done.returncode == 130
    assert "cells_gaussian" in done.stdout  # half written
    assert "Stopped" in done.stderr
    assert "cells.ome.tif begins anew with the same command" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(out.iterdir()) == []


def test_without_a_camera_the_noise_is_estimated_and_said(tmp_path, photon_denoise):
    sample = make_sample("nuclei", photons=20)
    camera = npd.Calibration(gain=0.5, offset=100, read_noise=1.0)
    counts = VirtualCamera(camera).expose(sample.truth, np.random.default_rng(0))
    write_image(tmp_path / "n.ome.tif", counts, "YX")
    how = ("-o", tmp_path / "c.ome.tif", "--method", "gaussian")
    done = photon_denoise("denoise", tmp_path / "n.ome.tif", *how)
    assert done.returncode == 0, done.stderr
    said = "note: n.ome.tif: No camera was given: estimated from this image, gain"
    assert done.stderr.startswith(said)
    assert "not measured" not in done.stderr
    again = photon_denoise("denoise", tmp_path / "n.ome.tif", *how, "--overwrite", "--verbose")
    assert "not measured" in again.stderr
    used = load_recipe(tmp_path / "c.ome.tif").calibration.restore()
    assert used.source == "estimated"
    assert used.gain == pytest.approx(0.5, rel=0.08)


def test_calibrations_of_other_programs_are_converted_and_said(tmp_path, photon_denoise):
    sample = make_sample("nuclei")
    camera = sample.calibration
    variance = (camera.read_noise / camera.gain) ** 2
    # The old form of three maps, which storm-analysis transposes when it loads it.
    maps = (camera.offset, variance, 1 / camera.gain)
    np.save(tmp_path / "storm.npy", np.stack([one.T for one in maps]))
    write_image(tmp_path / "n.ome.tif", sample.counts, "YX")
    done = photon_denoise(
        "denoise", "n.ome.tif", "-o", "c.ome.tif", "--camera", "storm.npy",
        "--method", "non-local-means", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "ADU/e-" in done.stderr
    expected = npd.denoise(sample.counts, camera, "non-local-means")
    with read(tmp_path / "c.ome.tif") as clean:
        np.testing.assert_allclose(np.asarray(clean.data), expected, rtol=1e-3, atol=0.05)
    again = photon_denoise("run", tmp_path / "c.ome.tif", "--overwrite")
    assert again.returncode == 0, again.stderr


@pytest.fixture(scope="module")
def sampler(tmp_path_factory):
    """A network that gives a standard deviation beside the image, and has learnt nothing."""
    pytest.importorskip("torch")
    folder = tmp_path_factory.mktemp("models")
    return save_tiny(folder, form="blind", body="n2v2", widths=(4, 8), samples=2)


def test_what_a_model_gives_beside_is_written_beside(tmp_path, image, sampler):
    words = ["denoise", image, "-o", tmp_path / "clean.ome.tif", "--model", sampler, *NUMBERS]
    words = [str(word) for word in words]
    spread = tmp_path / "clean_standard-deviation.ome.tif"
    assert main([*words, "--units", "counts"]) == 0
    photons = npd.Photons(_pixels(image), CAMERA, "ZYX")
    expected = run(denoise_job(photons, npd.Resunet(model=sampler)))
    with read(spread) as found, read(image) as raw, read(tmp_path / "clean.ome.tif") as clean:
        np.testing.assert_array_equal(np.asarray(found.data), expected.extras["standard deviation"])
        assert found.data.dtype == np.float32
        assert clean.data.dtype == np.uint16
        assert found.axes == raw.axes
        assert found.pixel_size == pytest.approx(raw.pixel_size)
        assert found.recipe == clean.recipe

    # None of the files is written over.
    (tmp_path / "clean.ome.tif").unlink()
    before = spread.read_bytes()
    assert main(words) == 2
    assert spread.read_bytes() == before
    assert not (tmp_path / "clean.ome.tif").exists()
    assert main([*words, "--overwrite"]) == 0
    assert _pixels(tmp_path / "clean.ome.tif").dtype == np.float32


def test_files_beside_are_whole_or_not_there(tmp_path, image, sampler, capsys, monkeypatch):
    from napari_photon_denoise.networks.predict import Predictor

    def stop(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(Predictor, "all_results", stop)
    out = tmp_path / "out"
    out.mkdir()
    words = ["denoise", image, "-o", out / "c.ome.tif", "--model", sampler, *NUMBERS]
    assert main([str(word) for word in words]) == 130
    assert list(out.iterdir()) == []
    same = tmp_path / "c_standard-deviation.ome.tif"
    same.write_bytes(image.read_bytes())
    words = ["denoise", same, "-o", tmp_path / "c.ome.tif", "--model", sampler, *NUMBERS]
    assert main([*(str(word) for word in words), "--overwrite"]) == 2
    assert "is the input itself" in capsys.readouterr().err
    assert same.read_bytes() == image.read_bytes()


def test_an_image_is_done_when_its_files_beside_are_there(tmp_path, image, sampler, capsys):
    folder, out = tmp_path / "raw", tmp_path / "clean"
    folder.mkdir()
    for name in "ab":
        (folder / f"{name}.ome.tif").write_bytes(image.read_bytes())
    words = ["denoise", str(folder), "-o", str(out), "--model", str(sampler), *NUMBERS]
    assert main(words) == 0
    names = {f"{name}_resunet{end}.ome.tif" for name in "ab" for end in ("", "_standard-deviation")}
    assert {path.name for path in out.iterdir()} == names
    capsys.readouterr()
    assert main(words) == 0
    assert capsys.readouterr().out.count("done already, skipped") == 2
    (out / "a_resunet_standard-deviation.ome.tif").unlink()
    assert main(words) == 2
    told = capsys.readouterr()
    assert "is missing, and what belongs with it exists already" in told.err
    assert told.out.count("done already, skipped") == 1


def _pixels(path):
    with read(path) as image:
        return np.asarray(image.data)


def test_planes_that_nobody_knows_stay_by_themselves(photon_denoise, tmp_path, rng):
    counts = rng.poisson(50, (5, 40, 40)).astype(np.uint16) + 100
    tifffile.imwrite(tmp_path / "cells.tif", counts, metadata=None)
    across = ("--method", "box", "--size", "1", "--size-z", "3")
    told = ("-o", tmp_path / "clean.ome.tif", *across, *NUMBERS)
    done = photon_denoise("denoise", tmp_path / "cells.tif", *told)
    assert done.returncode == 0
    assert "nothing tells what its 5 planes are" in " ".join(done.stderr.split())
    np.testing.assert_allclose(
        tifffile.imread(tmp_path / "clean.ome.tif"), CAMERA.to_photons(counts), rtol=1e-6
    )
