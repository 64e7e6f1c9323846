"""Other programs' calibrations, damaged: MATLAB, NumPy, pickle, YAML.

Their maps have no checksums: a flipped byte of a map is another map, and so is a number in a text.
The number of pixels, and everything else, must be as it was.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from benchmarks.faults.child import attempt
from benchmarks.faults.flips import Flip, gaps
from benchmarks.faults.outcome import RIGHT, Verdict
from benchmarks.faults.own import OTHER, same_form
from benchmarks.faults.victim import Victim
from scipy.io import savemat

SHAPE = (12, 15)
YAMLS = {
    "Picasso": "Cameras:\n  Zyla:\n    Baseline: 100\n    Sensitivity: 0.5\n    Gain: 1\n"
    "    Quantum Efficiency: 0.8\n",
    "DECODE": "Camera:\n  baseline: 100.0\n  e_per_adu: 0.5\n  em_gain: null\n  qe: 0.9\n"
    "  read_sigma: 1.5\n  spur_noise: 0.002\n",
}


def foreign_victims(folder: Path) -> list[Victim]:
    """Write a file of each program."""
    rng = np.random.default_rng(3)
    maps = [rng.uniform(low, high, SHAPE) for low, high in ((95, 105), (2, 30), (2.1, 2.3))]
    named = dict(zip(("CCDOffset", "CCDVar", "Gain"), maps, strict=True))
    makers: dict[str, Callable[[Path], object]] = {
        "a.npy": lambda path: np.save(path, np.stack(maps)),
        "b.npy": lambda path: np.save(path, _objects(maps)),  # as storm-analysis does
        "c.npy": lambda path: path.write_bytes(pickle.dumps([*maps, maps[0], 2], protocol=5)),
        "a.mat": lambda path: savemat(path, {"Params": named}),
        "b.mat": lambda path: savemat(path, named, do_compression=True),
    } | {f"{title}.yaml": lambda path, text=text: path.write_text(text)
         for title, text in YAMLS.items()}  # fmt: skip
    made = []
    for name, make in makers.items():
        file = folder / name
        make(file)
        content = file.read_bytes()
        held = [
            range(at, at + one.nbytes)
            for one in maps
            for order in "CF"
            if (at := content.find(one.tobytes(order))) >= 0
        ]
        words = [] if name.endswith(".yaml") else gaps(len(content), held)
        made.append(Victim(name, file, words, _convert, "camera.tif", _check(file, held, folder)))
    return made


def _objects(maps: list[Any]) -> Any:
    made = np.empty(5, object)
    made[:] = [*maps, np.ones_like(maps[0]), 2]
    return made


def _convert(calibration: Path, output: Path) -> list[str]:
    return ["convert", str(calibration), "-o", str(output)]


def _check(file: Path, held: list[range], folder: Path) -> Callable[..., Verdict]:
    """Make the check of a converted calibration against that of the whole file."""
    output = folder / f"{file.name}.tif"
    ended = attempt(_convert(file, output), folder / "log")
    if ended.code != 0:
        raise RuntimeError(ended.text)
    right = _quantities(output)

    def check(damage: Flip, damaged: Path, output: Path) -> Verdict:
        found = _quantities(output)
        if all(map(np.array_equal, found, right)):
            return RIGHT
        if [np.shape(one) for one in found] != [np.shape(one) for one in right]:
            return Verdict("wrong", f"maps of {[np.shape(one) for one in found]}")
        if any(place in part for part in held for place in damage.places):
            return OTHER
        said = (damaged.parent.parent / "log").read_text(errors="replace")
        if "names no read noise" in said:
            return Verdict("another file", "what is absent is said")
        if file.suffix == ".yaml" and same_form(_yaml(file), _yaml(damaged)):
            return OTHER
        return Verdict("wrong", "another calibration than the file holds")

    return check


def _quantities(file: Path) -> list[Any]:
    from napari_photon_denoise import Calibration

    camera = Calibration.load(file)
    return [np.asarray(part) for part in (camera.gain, camera.offset, camera.read_noise)]


def _yaml(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))
