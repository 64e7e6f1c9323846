"""The bad input that every face must survive: files, how they are used, and what is said.

Each case is a function that puts an image into a folder and returns what it is used with
and a pattern of the sentence. Refusals raise in Python and exit with 2 on the command
line; notes come with a result that is valid nevertheless.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from napari_photon_denoise.calibration import Calibration

CAMERA = Calibration(gain=0.5, offset=100, read_noise=1.5)


@dataclass
class Case:
    """One bad input: a file, the sentence, and how it is used."""

    path: Path
    sentence: str
    axes: str | None = None
    method: str = "gaussian"
    parameters: dict[str, Any] = field(default_factory=dict)
    camera: Calibration = CAMERA
    units: str = "photons"
    device: str = "auto"
    tile: int | None = None


def image_file(folder: Path, data, **rest) -> Path:
    path = folder / "cells.tif"
    tifffile.imwrite(path, data, **rest)
    return path


def plain(folder: Path, shape=(30, 40), dtype=np.uint16) -> Path:
    return image_file(folder, np.random.default_rng(0).poisson(200, shape).astype(dtype))


def with_bad_value(folder: Path, value: float) -> Path:
    data = np.full((30, 40), 200, np.float32)
    data[20, 20] = value
    return image_file(folder, data)


def colour(folder: Path) -> Path:
    return image_file(folder, np.zeros((30, 40, 3), np.uint8), photometric="rgb")


def saved(folder: Path, array) -> Path:
    path = folder / "cells.npy"
    np.save(path, array)
    return path


def truncated(folder: Path) -> Path:
    path = plain(folder, (200, 300))
    path.write_bytes(path.read_bytes()[:-50_000])
    return path


def written(folder: Path, content: bytes, name: str = "cells.tif") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def foreign_model() -> bytes:
    """Return a whole safetensors file, of weights of something else."""
    header = json.dumps({"weight": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode()
    return len(header).to_bytes(8, "little") + header + bytes(8)


def maps(shape) -> Calibration:
    return Calibration(gain=np.full(shape, 0.5), offset=100.0)


REFUSED = {
    "wrong axes": lambda f: Case(plain(f), "axes|dimensions", axes="ZYX"),
    "unknown axes": lambda f: Case(plain(f), "not understood", axes="QX"),
    "missing axes": lambda f: Case(
        saved(f, np.zeros((2, 2, 9, 9), "u1")), "which of its dimensions"
    ),
    "NaN": lambda f: Case(with_bad_value(f, np.nan), "NaN or infinite"),
    "infinity": lambda f: Case(with_bad_value(f, np.inf), "NaN or infinite"),
    "empty file": lambda f: Case(written(f, b""), r"empty \(0 bytes\)"),
    "empty image": lambda f: Case(saved(f, np.zeros((0, 9))), "empty image"),
    "RGB": lambda f: Case(colour(f), "RGB"),
    "1-D": lambda f: Case(saved(f, np.zeros(9)), "1-D"),
    "boolean": lambda f: Case(saved(f, np.zeros((9, 9), bool)), "boolean"),
    "complex": lambda f: Case(saved(f, np.zeros((9, 9), complex)), "complex"),
    "truncated": lambda f: Case(truncated(f), "cells.tif"),
    "corrupt": lambda f: Case(written(f, b"II*\0nonsense"), "cells.tif"),
    "no image": lambda f: Case(written(f, b"hello", "cells.docx"), "cannot be read"),
    "missing file": lambda f: Case(f / "nothing.tif", "nothing"),
    "unknown method": lambda f: Case(plain(f), "no method 'magic'", method="magic"),
    "parameter out of range": lambda f: Case(
        plain(f), "gaussian: sigma must be at most", parameters={"sigma": 1000}
    ),
    "parameter of another method": lambda f: Case(
        plain(f), "box: sigma is no parameter", method="box", parameters={"sigma": 1}
    ),
    "parameter that is no number": lambda f: Case(
        plain(f), "gaussian: sigma", parameters={"sigma": "wide"}
    ),
    "unknown model": lambda f: Case(
        plain(f), "model must be one of auto, ", method="resunet", parameters={"model": "best"}
    ),
    "missing model": lambda f: Case(
        plain(f), "There is no model", method="resunet", parameters={"model": f / "my.safetensors"}
    ),
    "no model": lambda f: Case(
        plain(f),
        "is no model of this program",
        method="resunet",
        parameters={"model": written(f, b"weights", "my.safetensors")},
    ),
    "model of another program": lambda f: Case(
        plain(f),
        "is no model of this program",
        method="resunet",
        parameters={"model": written(f, foreign_model(), "other.safetensors")},
    ),
    "too thin to learn from": lambda f: Case(
        plain(f, (1, 40)), "at least 16 × 16|needs PyTorch", method="n2v"
    ),
    "no planes to learn from": lambda f: Case(
        plain(f), "one plane along z", method="n2v", parameters={"dimensions": "3-D"}
    ),
    "NaN to learn from": lambda f: Case(
        with_bad_value(f, np.nan), "NaN or infinite|needs PyTorch", method="n2v"
    ),
    "unknown blind spot": lambda f: Case(
        plain(f),
        "n2v: blind_spot must be one of",
        method="n2v",
        parameters={"blind_spot": "square"},
    ),
    "even window": lambda f: Case(plain(f), "must be odd", method="median", parameters={"size": 4}),
    "calibration of another shape": lambda f: Case(
        plain(f), "maps are 20×20 pixels, the image is 30×40", camera=maps((20, 20))
    ),
    "tile too small": lambda f: Case(plain(f), "at least 32 px", tile=3),
    "no GPU": lambda f: Case(plain(f), "not found on this computer|needs PyTorch", device="mps"),
}

NOTED = {
    "constant": lambda f: Case(image_file(f, np.full((30, 40), 150, "u2")), "constant"),
    "saturated": lambda f: Case(
        image_file(f, np.r_[np.full((5, 40), 255, "u1"), np.full((25, 40), 120, "u1")]),
        "saturated",
    ),
    # A blur stays within its image's range, but offsets differ from pixel to pixel.
    "integer overflow on the way out": lambda f: Case(
        image_file(f, np.r_[np.full((9, 9), 255, "u1"), np.zeros((9, 9), "u1")]),
        "beyond the range",
        units="counts",
        camera=Calibration(gain=1, offset=np.random.default_rng(0).uniform(0, 20, (18, 9))),
    ),
}

FINE = {
    "one pixel": lambda f: Case(image_file(f, np.array([[150]], "u2")), ""),
    "one row": lambda f: Case(plain(f, (1, 40)), ""),
    "one column": lambda f: Case(plain(f, (40, 1)), ""),
    "negative": lambda f: Case(plain(f, dtype=np.int16), "", camera=Calibration(1, 300)),
}
