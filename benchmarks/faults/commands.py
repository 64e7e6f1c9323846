"""Commands that work for a second, and how their results are judged.

They run in children that are forked, with tiny networks, so that a hundred kills take minutes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tifffile
from benchmarks.faults.child import Child, call, learn_imports, start
from benchmarks.faults.outcome import RIGHT, Verdict
from benchmarks.faults.tiffs import CAMERA, denoise

PLANES = (40, 512, 512)


@dataclass(frozen=True)
class Command:
    """A command that is disturbed.

    Parameters
    ----------
    name : str
    words : function of the folder with the inputs and of an output, which returns its words
    output : str
        Name of the result.
    check : function of a result that is there, and the right one
    """

    name: str
    words: Callable[[Path, Path], list[str]]
    output: str
    check: Callable[[Path, Path], bool]

    def start(
        self,
        inputs: Path,
        folder: Path,
        *,
        log: Path | None = None,
        memory: int | None = None,
        before: Callable[[], None] | None = None,
    ) -> Child:
        """Begin it in a child, its result in a folder."""
        from napari_photon_denoise.cli import main

        words = self.words(inputs, folder / self.output)
        log = log or folder.parent / "log"
        return start(lambda: _small(lambda: main(words)), log, memory=memory, before=before)

    def verdict(self, inputs: Path, folder: Path) -> Verdict:
        """Judge what is in a folder: a right result, or none."""
        result = folder / self.output
        if not result.exists():
            return RIGHT
        try:
            same = self.check(result, inputs / f"right-{self.output}")
        except Exception as error:  # whatever half a file leads to
            return Verdict("wrong", f"the result can't be read ({error!r})")
        return RIGHT if same else Verdict("wrong", "another result than without the fault")


def prepare(folder: Path) -> Path:
    """Write the inputs, and the right results; import what the commands need."""
    inputs = folder / "inputs"
    inputs.mkdir()
    rng = np.random.default_rng(4)
    tifffile.imwrite(inputs / "cells.tif", rng.poisson(150, PLANES).astype(np.uint16))
    tifffile.imwrite(inputs / "small.tif", rng.poisson(150, (64, 64)).astype(np.uint16))
    ended = call(lambda: _frames(inputs), folder / "log")
    for command in COMMANDS:
        if ended.code == 0:
            words = command.words(inputs, inputs / f"right-{command.output}")
            _small(lambda words=words: learn_imports(folder, words) or 0)
    if ended.code != 0:
        raise RuntimeError(ended.text)
    return inputs


def hidden(folder: Path) -> list[str]:
    """Return what lies about in a folder and those in it, that nobody asked for."""
    names = (path.relative_to(folder) for path in folder.rglob("*"))
    return sorted(str(name) for name in names if name.name.startswith(".") or ".part" in name.name)


def _small(function: Callable[[], int]) -> int:
    """Run with networks and epochs so small that a training takes a second."""
    from napari_photon_denoise.networks.learning.blind_spot import plan_blind

    plan_blind.STEPS = 10
    plan_blind.WIDTHS = {2: (4, 8), 3: (4, 8)}
    return function()


def _frames(folder: Path) -> int:
    from napari_photon_denoise.virtual.calibration_sample import take_frames
    from napari_photon_denoise.virtual.simulate import scmos

    shape = (64, 72)
    frames = take_frames(scmos(shape, 7), shape, seed=7, dark_frames=100, flat_frames=20)
    tifffile.imwrite(folder / "dark.tif", frames.dark)
    for number, flat in enumerate(frames.flats):
        tifffile.imwrite(folder / f"flat{number}.tif", flat)
    return 0


def _learn(inputs: Path, output: Path) -> list[str]:
    quick = ["--epochs=6", "--batch=2", "--patch=16", "--patience=9", "--device=cpu"]
    return ["learn", str(inputs / "small.tif"), "-o", str(output), "--method=n2v", *quick, *CAMERA]


def _study(inputs: Path, output: Path) -> list[str]:
    virtual = ["--virtual", "filaments", "nuclei", "--photons", "2", "20", "--size", "48"]
    methods = ["--method", "gaussian", "--method", "median size=5"]
    return ["study", "-o", str(output), *virtual, *methods]


def _calibrate(inputs: Path, output: Path) -> list[str]:
    flats = [word for n in range(4) for word in ("--flat", str(inputs / f"flat{n}.tif"))]
    report = ["--report", str(output.with_suffix(".html"))]
    return ["calibrate", "--dark", str(inputs / "dark.tif"), *flats, "-o", str(output), *report,
            "--accept-failures", "--overwrite"]  # fmt: skip


def _same_image(result: Path, right: Path) -> bool:
    return bool(np.array_equal(tifffile.imread(result), tifffile.imread(right)))


def _same_camera(result: Path, right: Path) -> bool:
    from napari_photon_denoise import Calibration

    return Calibration.load(result).digest == Calibration.load(right).digest


def _same_network(result: Path, right: Path) -> bool:
    from safetensors.numpy import load_file

    before, after = load_file(right), load_file(result)
    return {name: part.shape for name, part in before.items()} == {
        name: part.shape for name, part in after.items()
    }


def _same_study(result: Path, right: Path) -> bool:
    if not (result / "results.json").exists():
        return True
    there, asked = (
        json.loads((folder / "results.json").read_text())["cells"] for folder in (result, right)
    )
    return len(there) <= len(asked)


COMMANDS = (
    Command("denoise", lambda inputs, out: denoise(inputs / "cells.tif", out), "out.ome.tif",
            _same_image),
    Command("learn", _learn, "model.safetensors", _same_network),
    Command("study", _study, "study", _same_study),
    Command("calibrate", _calibrate, "camera.tif", _same_camera),
)  # fmt: skip
