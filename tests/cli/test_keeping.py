"""What commands leave alone: what they read, what others write, and places that a recipe names."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import tifffile

import napari_photon_denoise as npd
from napari_photon_denoise.cli import main
from napari_photon_denoise.io.lock import held
from napari_photon_denoise.recipe import load_recipe

NUMBERS = ("--gain", "0.5", "--offset", "100", "--read-noise", "1.5")
PLAIN = ("--method", "gaussian", *NUMBERS)


@pytest.fixture
def folder(tmp_path, rng, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        counts = (rng.poisson(40, (30, 40)) * 2 + 100).astype(np.uint16)
        tifffile.imwrite(f"{name}.tif", counts, metadata=None)
    return tmp_path


def error_of(capsys, *words):
    capsys.readouterr()
    assert main([str(word) for word in words]) == 2
    (line,) = (line for line in capsys.readouterr().err.splitlines() if line.startswith("error"))
    return line


def recipe_for(folder, output):
    """Write a recipe that names an output; return its file."""
    assert main(["denoise", "a.tif", "-o", "clean.ome.tif", *PLAIN]) == 0
    content = load_recipe("clean.ome.tif").as_dict() | {"output": str(output)}
    os.remove("clean.ome.tif")
    path = folder / "sub" / "recipe.json"
    path.parent.mkdir()
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize("output", ["../up.ome.tif", "other/x.ome.tif", "~/x.ome.tif"])
def test_a_recipe_does_not_choose_a_place(folder, capsys, output):
    (folder / "other").mkdir()
    recipe = recipe_for(folder, folder / output)
    said = error_of(capsys, "run", recipe)
    assert "is not beside its image: give -o OUT, that name or another" in said
    assert main(["run", str(recipe), "-o", "chosen.ome.tif"]) == 0


def test_a_recipes_output_beside_its_image_is_taken(folder, capsys):
    recipe = recipe_for(folder, folder / "beside.ome.tif")
    assert "does not say where the result of this image goes: give -o" in error_of(
        capsys, "run", recipe, "b.tif"
    )
    assert main(["run", str(recipe)]) == 0
    assert (folder / "beside.ome.tif").exists()
    said = error_of(capsys, "run", "beside.ome.tif", "b.tif", "-o", "beside.ome.tif", "--overwrite")
    assert "beside.ome.tif is the recipe itself" in said


def test_a_fault_of_the_program_is_shown_and_the_next_image_is_done(folder, capsys, monkeypatch):
    real, left = npd.Gaussian.prepare, [TypeError("no such thing")]

    def prepare(gaussian, photons, device):
        if left:
            raise left.pop()
        return (yield from real(gaussian, photons, device))

    monkeypatch.setattr(npd.Gaussian, "prepare", prepare)
    assert main(["denoise", "a.tif", "b.tif", "-o", "out", *PLAIN]) == 3
    said = capsys.readouterr()
    assert said.err.count("Traceback (most recent call last)") == 1
    assert "TypeError: no such thing" in said.err
    assert "a fault of this program (TypeError: no such thing); please report it" in said.err
    assert os.listdir("out") == ["b_gaussian.ome.tif"]
    left.append(TypeError("no such thing"))
    assert main(["denoise", "a.tif", "-o", "out", *PLAIN]) == 3
    assert capsys.readouterr().err.count("Traceback (most recent call last)") == 1


def test_what_the_computer_refuses_any_command_is_a_sentence(folder, capsys, monkeypatch):
    def full(*arguments, **more):
        raise OSError(28, "No space left on device", "camera.tif")

    monkeypatch.setattr(npd.Calibration, "save", full)
    npd.Calibration(0.5, 100)
    (folder / "in.yaml").write_text("Camera:\n  Sensitivity: 0.5\n  Baseline: 100\n")
    assert main(["convert", "in.yaml", "-o", "camera.tif"]) == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("m.safetensors", ("learn", "a.tif", "--method", "n2v", *NUMBERS)),
        ("m.safetensors", ("train", "--noisy", "a.tif", "--clean", "b.tif", *NUMBERS)),
        ("c.tif", ("calibrate", "--dark", "a.tif", "--flat", "b.tif")),
    ],
)
def test_a_second_run_on_one_output_is_refused_at_once(folder, capsys, output, words):
    pytest.importorskip("torch")
    with held(folder / output):
        said = error_of(capsys, *words, "-o", output)
    assert f"{output} is being written by another run (process {os.getpid()} on" in said
    assert sorted(os.listdir()) == ["a.tif", "b.tif"]


def test_a_second_training_in_one_folder_is_refused(folder, capsys):
    pytest.importorskip("torch")
    (folder / "work").mkdir()
    words = ("learn", "a.tif", "--method", "n2v", *NUMBERS, "--work", "work")
    with held(folder / "work" / "n2v.checkpoint.safetensors"):
        said = error_of(capsys, *words, "-o", "other.safetensors")
    assert "n2v.checkpoint.safetensors is being written by another run" in said


def test_a_second_study_in_one_folder_is_refused(folder, capsys):
    (folder / "s").mkdir()
    words = ("study", "--virtual", "nuclei", "--size", "32", "--method", "gaussian", "-o", "s")
    series = npd.VirtualSeries(("nuclei",), (5,), (1,), 32)
    with held(folder / "s" / "results.json"):
        assert "results.json is being written by another run" in error_of(capsys, *words)
        with pytest.raises(npd.PhotonDenoiseError, match="is being written by another run"):
            npd.study(series, None, ["gaussian"], folder="s")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows needs a right to make links")
@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("compare", "a.tif", "--method", "gaussian", *NUMBERS, "-o", "x.html"), "input"),
        (("compare", "a.tif", "--method", "gaussian", *NUMBERS, "--csv", "x.csv"), "input"),
        (("measure", "b.tif", "--raw", "a.tif", *NUMBERS, "--json", "x.json"), "input"),
        (("measure", "a.tif", "--raw", "b.tif", *NUMBERS, "--csv", "x.csv"), "input"),
        (("learn", "a.tif", "--method", "n2v", *NUMBERS, "-o", "x.safetensors"), "input"),
        (("learn", "b.tif", "--method", "n2v", "--camera", "a.tif", "-o", "x.safetensors"), "cal"),
        (("calibrate", "--dark", "a.tif", "--flat", "b.tif", "-o", "x.tif"), "input"),
        (("calibrate", "--dark", "a.tif", "--flat", "b.tif", "-o", "c.tif", "--json", "x.json"),
         "input"),
        (("model", "import", "a.tif", "-o", "x.safetensors"), "package"),
        (("model", "export", "a.tif", "-o", "x.zip"), "model"),
    ],
)  # fmt: skip
def test_no_command_replaces_what_it_reads(folder, capsys, words, what):
    if words[0] in ("learn", "model"):
        pytest.importorskip("torch")
    if "--camera" in words:
        npd.Calibration(0.5, 100).save("a.tif", overwrite=True)
    before = (folder / "a.tif").read_bytes()
    (link,) = (word for word in words if word.startswith("x."))
    (folder / link).symlink_to(folder / "a.tif")
    said = error_of(capsys, *words, *(["--overwrite"]))
    assert f"{link} is the {what}" in said
    assert said.endswith(" itself: choose another output.")
    assert (folder / "a.tif").read_bytes() == before


def test_what_libraries_log_is_not_shown(folder):
    """In a process of its own, since pytest collects what is logged."""
    code = (
        "import logging, sys, warnings\n"
        "from napari_photon_denoise.cli import main\n"
        "from napari_photon_denoise.cli.commands import info\n"
        "def work(chosen):\n"
        "    logging.getLogger('tifffile').warning('<tifffile> raised')\n"
        "    warnings.warn('from a library')\n"
        "info._info = work\n"
        "main(['info'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr == ""
