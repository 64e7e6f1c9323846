"""Writes `files/` with the version that is installed; how each file came to be.

What users keep must be read by every later version: recipes, calibrations, models, trainings and
studies that were stopped. `files/` was written once, by the version that `files/version.txt`
names, and is not written anew by later ones: this script need not even run with them. It is here
to say what was done.

    python make.py FOLDER    # an empty folder; its content then became `files/`

A blind-spot network has 390 561 weights, and its checkpoint holds them four times. To be small,
these two files were thinned after they were written: each tensor is its first 13 values over and
over, and the whole is compressed. The scenes of a library are likewise pieces of 16 px repeated.
Names, shapes, types and descriptions are as written. Of the package for other programs, what no
importing reads was left out.
"""

import json
import lzma
import os
import shutil
import signal
import sys
import zipfile
from contextlib import chdir
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
import tifffile
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from surface import surface

import napari_photon_denoise as npd
from napari_photon_denoise.cli import main
from napari_photon_denoise.io import write_ome_tiff
from napari_photon_denoise.networks import predict, training
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.recipe import make_recipe
from napari_photon_denoise.widgets.learning import kept

HERE = Path(__file__).parent
COMMANDS = json.loads((HERE / "commands.json").read_text(encoding="utf-8"))
CAMERA = npd.Calibration(gain=0.5, offset=100, read_noise=1.5)
NUMBERS = ("--gain", "0.5", "--offset", "100", "--read-noise", "1.5")
KEPT = 13  # values of a thinned tensor
RECIPE = {
    "text": "As small as a recipe can be.",
    "architecture": {"widths": [2, 2], "bottom": 1},
    "objective": {"losses": [[{"name": "mse"}, 1.0]], "decibels": True, "shifted": True},
    "noise": {},
    "library": {"kind": "planes", "count": 3, "real_share": 0.0, "seed": 0},
    "training": {"steps": 10, "learning_rate": 0.005, "warm_up": 2, "validate_every": 4},
    "batch": 2,
    "patch": 16,
    "held_out": {"scenes": 1, "batches": 1},
}


def make_all(folder):
    write_text("version.txt", version("napari-photon-denoise"))
    manifest = Path(npd.__file__).with_name("napari.yaml")
    write_text("surface.json", json.dumps(surface(manifest), indent=1))
    for make in (cameras, recipes, pairs, training_recipe, learn, models, adapt, study):
        place = folder / make.__name__
        place.mkdir()
        os.chdir(place)
        make()


def scene(shape, photons=20):
    """Expected photons, e-."""
    y, x = np.indices(shape)
    return photons * (1 + 0.8 * np.sin(y / 4) * np.cos(x / 5))


def expose(path, light, seed=1, camera=CAMERA):
    """Write what the camera makes of expected photons."""
    rng = np.random.default_rng(seed)
    electrons = rng.poisson(light) + rng.normal(0, camera.read_noise, light.shape)
    counts = np.rint(electrons / camera.gain + camera.offset).astype(np.uint16)
    write_ome_tiff(path, counts, "YX", pixel_size={"Y": 0.1, "X": 0.1})


def map_camera():
    rng = np.random.default_rng(2)
    read_noise = rng.uniform(1, 3, (24, 32))
    read_noise[5, 7] = read_noise[20, 30] = 60  # hot pixels
    return npd.Calibration(
        gain=rng.uniform(0.4, 0.6, (24, 32)),
        offset=rng.uniform(95, 105, (24, 32)),
        read_noise=read_noise,
        gain_sd=0.01,
        offset_sd=0.2,
        read_noise_sd=0.05,
        source="measured",
        camera="Virtual camera µ",
        serial="7",
        mode="16-bit",
        binning=2,
        roi=(8, 16, 24, 32),
        saturation=60000,
    )


def cameras():
    rng = np.random.default_rng(3)
    dark = rng.normal(100, 3, (40, 24, 32))
    flats = [
        rng.poisson(level, (20, 24, 32)) / 0.5 + rng.normal(100, 3, (20, 24, 32))
        for level in (10, 40, 160, 640, 2560)
    ]
    made = {
        "maps": map_camera(),
        "numbers": CAMERA,
        "correlated": replace(CAMERA, length_y=0.0, length_x=0.7, source="estimated"),
        "calibrated": npd.calibrate(
            np.rint(dark).astype(np.uint16),
            [np.rint(flat).astype(np.uint16) for flat in flats],
            camera="Virtual",
        ),
    }
    expected = {}
    for name, camera in made.items():
        camera.save(f"{name}.tif")
        expected[name] = {"facts": camera.facts(), "sha256": camera.digest}
    write_text("expected.json", json.dumps(expected, indent=1))


def recipes():
    camera = map_camera()
    camera.save("camera.tif")
    expose("cells.ome.tif", scene((24, 32)), camera=camera)
    denoise = ("denoise", "cells.ome.tif", "--device", "cpu")
    told(*denoise, "-o", "nlm.ome.tif", "--method", "non-local-means", "--camera", "camera.tif")
    told(*denoise, "-o", "resunet.ome.tif", "--method", "resunet", *NUMBERS)
    small = {"epochs": 1, "batch": 1, "patch": 16, "seed": 5}
    write_recipe("nlm.json", npd.NonlocalMeans(), npd.Calibration.load("camera.tif"))
    write_recipe("n2v.json", npd.Noise2Void(**small), CAMERA)
    told("run", "n2v.json", "-o", "n2v.ome.tif", "--device", "cpu")


def write_recipe(path, method, camera):
    """As the windows do for a layer that lies in a file."""
    photons = Photons(tifffile.imread("cells.ome.tif"), camera, "YX")
    write_text(path, make_recipe(method, photons, "cells.ome.tif").as_json())


def pairs():
    for side, photons in (("low", 5), ("high", 200)):
        Path(side).mkdir()
        for number in range(2):
            light = scene((48, 64), photons)
            expose(f"{side}/cell_{number}.ome.tif", np.roll(light, 9 * number, 1), number)
    stop("pairs", 18)


def training_recipe():
    write_text("smallest.json", json.dumps(RECIPE, indent=1))
    stop("recipe", 8)
    for library in Path("mine.training").glob("library-*"):
        scenes = np.load(library / "scenes.npy")
        np.save(library / "scenes.npy", np.tile(scenes[:, :16, :16], (1, 16, 16)))
        squeeze(library / "scenes.npy")


def learn():
    expose("cells.ome.tif", scene((32, 48)))
    stop("learn", 98)
    unfinished = Path("mine.training")
    thin(unfinished / "n2v.checkpoint.safetensors")
    # What the window would call this training, with the same parameters.
    words = dict(zip(COMMANDS["learn"], COMMANDS["learn"][1:], strict=False))
    numbers = {name: int(words[f"--{name}"]) for name in ("epochs", "patience", "batch", "patch")}
    photons = Photons(tifffile.imread("cells.ome.tif"), CAMERA, "YX")
    method = npd.Noise2Void(**numbers).resolved(photons)
    named = {"parameters": numbers, "name": kept.name_of([photons], method)}
    write_text("window.json", json.dumps(named, indent=1))


def models():
    expose("cells.ome.tif", scene((24, 32)))
    shutil.copytree("../pairs", "pairs")
    with chdir("pairs"):
        told(*COMMANDS["pairs"])
    shutil.move("pairs/mine.safetensors", "pairs.safetensors")
    shutil.rmtree("pairs")
    shutil.copytree("../learn", "learn")
    with chdir("learn"):
        unsqueeze(Path("mine.training/n2v.checkpoint.safetensors.xz"))
        told(*COMMANDS["learn"], "--finish")
    shutil.move("learn/mine.safetensors", "blind.safetensors")
    shutil.rmtree("learn")
    for name in ("pairs", "blind"):
        told(
            *("denoise", "cells.ome.tif", "-o", f"{name}.ome.tif", *NUMBERS, "--device", "cpu"),
            *("--model", f"{name}.safetensors"),
        )
    told("model", "export", "pairs.safetensors", "-o", "pairs.zip", "--read-noise", "1.5")
    keep_in_zip("pairs.zip", ("rdf.yaml", "model.safetensors", "documentation.md"))
    squeeze(Path("blind.safetensors"))


def adapt():
    expose("cells.ome.tif", scene((32, 48)))
    shutil.copy("../models/pairs.safetensors", "begin.safetensors")
    stop("adapt", 98)


def study():
    light = scene((24, 32))
    expose("cells.ome.tif", light)
    write_ome_tiff("truth.tif", light.astype(np.float32), "YX")
    told(*COMMANDS["study"])
    shutil.copy("study/study.csv", "whole.csv")
    for path in Path("study").iterdir():
        if path.name != "results.json":
            path.unlink()
    results = json.loads(Path("study/results.json").read_text(encoding="utf-8"))
    results["cells"] = dict(list(results["cells"].items())[:1])  # stopped after the first
    write_text("study/results.json", json.dumps(results, indent=2))


def told(*words):
    assert main([str(word) for word in words]) == 0, words


def stop(name, step):
    """Press Ctrl-C in the step of a number: the checkpoint holds all before, and that one."""
    make_step = training.Trainer._step

    def stopped(trainer, number):
        if number == step:
            os.kill(os.getpid(), signal.SIGINT)
        return make_step(trainer, number)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training.Trainer, "_step", stopped)
        assert main(COMMANDS[name]) == 130


def thin(path):
    """Repeat the first values of each tensor, so that the file can be compressed."""
    with safe_open(path, "pt") as file:
        words = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    for name, tensor in tensors.items():
        values = np.resize(tensor.numpy().ravel()[:KEPT], tensor.numel())
        tensors[name] = torch.from_numpy(values).reshape(tensor.shape)
    save_file(tensors, path, words)
    squeeze(path)


def keep_in_zip(path, names):
    with zipfile.ZipFile(path) as package:
        files = {name: package.read(name) for name in names}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            package.writestr(name, content)


def squeeze(path):
    path.with_name(f"{path.name}.xz").write_bytes(lzma.compress(path.read_bytes(), preset=9))
    path.unlink()


def unsqueeze(path):
    path.with_suffix("").write_bytes(lzma.decompress(path.read_bytes()))


def write_text(path, text):
    Path(path).write_text(text + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    # Which precision is faster is chance, and not every CPU has the other.
    for module in (predict, training):
        module.choose_precision = lambda *measured: "float32"
    os.chdir(sys.argv[1])
    make_all(Path.cwd())
