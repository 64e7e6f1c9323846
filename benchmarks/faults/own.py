"""The program's own files, damaged: calibrations, recipes, models, packages.

Where their numbers have no checksum, a flipped digit is another number that somebody may have
typed. It is counted as "another file" where the text has the same form as before, and its result is
that of the other number; anything else that changes a result is wrong.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from benchmarks.faults.child import attempt, call
from benchmarks.faults.flips import Flip, gaps
from benchmarks.faults.outcome import RIGHT, Verdict
from benchmarks.faults.tiffs import CAMERA, denoise
from benchmarks.faults.victim import Victim

SHAPE = (48, 40)
OTHER = Verdict("another file", "a number that may be meant")


def camera_victims(folder: Path) -> list[Victim]:
    """Write calibrations of numbers and of maps."""
    from napari_photon_denoise import Calibration

    image = _image(folder)
    rng = np.random.default_rng(1)
    maps = Calibration(
        gain=rng.normal(0.5, 0.01, SHAPE).astype(np.float32),
        offset=rng.normal(100, 2, SHAPE).astype(np.float32),
        read_noise=np.full(SHAPE, 1.5, np.float32),
        camera="Camera",
        roi=(0, 0, *SHAPE),
    )
    numbers = Calibration(gain=0.5, offset=100, read_noise=1.5, serial="X-1")
    made = []
    for title, calibration in {"numbers": numbers, "maps": maps}.items():
        file = calibration.save(folder / f"{title}.tif")

        def command(camera: Path, output: Path) -> list[str]:
            return denoise(image, output, [f"--camera={camera}"])

        with tifffile.TiffFile(file) as tif:
            segments = [
                range(at, at + length)
                for page in tif.pages
                for at, length in zip(page.dataoffsets, page.databytecounts, strict=True)
            ]
        words = gaps(file.stat().st_size, segments)
        check = _against(_result(command, file, folder), file, _described)
        made.append(Victim(title, file, words, command, "out.ome.tif", check))
    return made


def recipe_victims(folder: Path) -> list[Victim]:
    """Write recipes: of a calibration in numbers, and of a preset."""
    image, made = _image(folder), []
    for title, options in {"numbers": CAMERA, "preset": ["--camera=orca-flash4"]}.items():
        first = folder / f"{title}.ome.tif"
        ended = attempt(denoise(image, first, options), folder / "log")
        if ended.code != 0:
            raise RuntimeError(ended.text)
        with tifffile.TiffFile(first) as tif:
            recipe = _annotated(tif.ome_metadata)
        file = folder / f"{title}.json"
        file.write_text(json.dumps(recipe, indent=2))

        def command(recipe: Path, output: Path) -> list[str]:
            return ["run", str(recipe), str(image), "-o", str(output)]

        check = _against(tifffile.imread(first), file, _json)
        made.append(Victim(title, file, [], command, "out.ome.tif", check))
    return made


def model_victims(folder: Path) -> list[Victim]:
    """Write small networks."""
    image, made = _image(folder), []
    for title, shape in {"RESUNET": {}, "blind": {"form": "blind", "body": "n2v2"}}.items():
        file = folder / f"{title}.safetensors"
        ended = call(lambda file=file, shape=shape: _save_model(file, shape), folder / "log")
        if ended.code != 0:
            raise RuntimeError(ended.text)

        def command(model: Path, output: Path) -> list[str]:
            words = ["--method=resunet", f"--model={model}", "--device=cpu"]
            return ["denoise", str(image), "-o", str(output), *words, *CAMERA]

        header = range(8 + int.from_bytes(file.read_bytes()[:8], "little"))
        check = _against(_result(command, file, folder), file, _header)
        made.append(Victim(title, file, [header], command, "out.ome.tif", check))
    return made


def package_victims(folder: Path) -> list[Victim]:
    """Write a package of the BioImage Model Zoo."""
    model, file = folder / "model.safetensors", folder / "model.zip"
    for make in (lambda: _save_model(model, {}), lambda: _export(model, file)):
        ended = call(make, folder / "log")
        if ended.code != 0:
            raise RuntimeError(ended.text)

    def command(package: Path, output: Path) -> list[str]:
        return ["model", "import", str(package), "-o", str(output)]

    def check(damage: Flip, damaged: Path, output: Path) -> Verdict:
        same = output.read_bytes() == model.read_bytes()
        return RIGHT if same else Verdict("wrong", "another model than was packed")

    with zipfile.ZipFile(file) as package:
        infos = sorted(package.infolist(), key=lambda info: info.header_offset)
        starts = [info.header_offset for info in infos] + [package.start_dir]
    words = [range(package.start_dir, file.stat().st_size)]
    for info, end in zip(infos, starts[1:], strict=True):
        if info.filename.endswith((".yaml", ".safetensors")):
            words.append(range(info.header_offset, min(end, info.header_offset + 2000)))
    return [Victim("package", file, words, command, "out.safetensors", check)]


def same_form(before: Any, after: Any) -> bool:
    """Whether two plain values differ in nothing but numbers."""
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() == after.keys() and all(
            same_form(before[key], after[key]) for key in before
        )
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(same_form, before, after))
    number = (int, float)
    if isinstance(before, number) and isinstance(after, number):
        return bool(np.isfinite(after))
    return bool(before == after)


def _against(expected: Any, file: Path, parse: Callable[[Path], Any]) -> Callable[..., Verdict]:
    """Make the check of a result in photons against the right one."""
    whole = parse(file)

    def check(damage: Flip, damaged: Path, output: Path) -> Verdict:
        found = tifffile.imread(output)
        if found.shape == expected.shape and np.array_equal(found, expected):
            return RIGHT
        try:
            meant = parse(damaged)
        except Exception as error:  # what is no such text any more was not typed by anybody
            return Verdict("wrong", f"another result, of a file that is damaged ({error!r})")
        finite = bool(np.isfinite(found).all())
        if finite and found.shape == expected.shape and same_form(whole, meant) and meant != whole:
            return OTHER
        return Verdict("wrong", "another result, and the file does not say another one")

    return check


def _image(folder: Path) -> Path:
    path = folder / "cells.tif"
    tifffile.imwrite(path, np.random.default_rng(2).poisson(150, SHAPE).astype(np.uint16))
    return path


def _result(command: Callable[[Path, Path], list[str]], file: Path, folder: Path) -> Any:
    """Return the right result, of the whole file."""
    output = folder / f"right-{file.stem}.ome.tif"
    ended = attempt(command(file, output), folder / "log")
    if ended.code != 0:
        raise RuntimeError(ended.text)
    return tifffile.imread(output)


def _described(file: Path) -> Any:
    with tifffile.TiffFile(file) as tif:
        return json.loads(tif.pages.first.description)


def _json(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def _header(file: Path) -> Any:
    content = file.read_bytes()
    said = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    inner = {key: _inner(value) for key, value in said.pop("__metadata__").items()}
    return [inner, said]


def _inner(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _annotated(xml: str) -> Any:
    from napari_photon_denoise.io.ome import describe

    return describe(xml).recipe


def _save_model(path: Path, shape: dict[str, Any]) -> int:
    import torch

    from napari_photon_denoise.networks.architecture import Architecture
    from napari_photon_denoise.networks.weights import save_model

    architecture = Architecture(**{"widths": (8, 16), "bottom": 1} | shape)
    torch.manual_seed(1)
    network = architecture.build()
    torch.nn.init.normal_(network.body.head.weight, std=0.1)
    save_model(path, network, architecture, {"noise": {"photons": [0.05, 2000]}})
    return 0


def _export(model: Path, package: Path) -> int:
    from napari_photon_denoise.networks.bioimage.export import export_package

    export_package(model, package)
    return 0
