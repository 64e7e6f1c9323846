"""A library of scenes on disk: drawn once, read many times while training."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import OutputExists, PhotonDenoiseError
from napari_photon_denoise.io.paths import local_path
from napari_photon_denoise.io.whole import whole_file
from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.virtual.content.crops import cut, cut_film
from napari_photon_denoise.virtual.content.real import RealImage, read_content
from napari_photon_denoise.virtual.content.scene import draw

Kind = Literal["planes", "stacks"]
PLANE, STACK = (256, 256), (16, 160, 160)
SHAPES: dict[str, tuple[int, ...]] = {"planes": PLANE, "stacks": STACK}
SCENES, FACTS = "scenes.npy", "library.json"
VERSION = 1
STACK_SHARE = 0.2  # of the real share for z-stacks: real ones are few and small
PIECE = 4  # scenes that a process draws before it reports

_images: list[RealImage] = []  # of this process: set once, when the pool starts it


@dataclass(frozen=True, eq=False)
class Library:
    """Scenes on disk.

    Parameters
    ----------
    scenes : (N, Y, X) or (N, 16, Y, X) float16, memory-mapped
        Noise-free densities, zero or above, each of mean 1.
    origins : tuple of str
        Of each scene: "drawn", "drawn z-stack", "drawn film", or the real image's name,
        "SOURCE/file:plane", for stacks with " z-stack" or " film" behind.
    facts : dict
        What the library is made of: seed, counts, sources, licences.
    """

    scenes: NDArray[np.float16]
    origins: tuple[str, ...]
    facts: dict[str, Any]


def build_library_job(
    path: str | Path,
    *,
    kind: Kind = "planes",
    count: int = 2000,
    content: str | Path | None = None,
    real_share: float = 0.4,
    licences: dict[str, str] | None = None,
    seed: int = 0,
    workers: int = 1,
    overwrite: bool = False,
) -> Job[Library]:
    """Draw a library; the result depends on the seed, not on the number of processes.

    Parameters
    ----------
    path : path
        The folder to make.
    kind : {"planes", "stacks"}
        ``(256, 256)``; or ``(16, 160, 160)``, z-stacks and films in turns.
    count : int
        Number of scenes.
    content : path, optional
        Folder of clean real images, see `read_content`; None draws all scenes.
    real_share : float
        Share of the scenes that are cut from real images.
    licences : dict, optional
        Licence of each source (folder of `content`), for the record.
    seed : int
    workers : int
        Processes to use; 1 uses this one.
    overwrite : bool
        Replace a library that is there.

    Returns
    -------
    Library
        Through the generator's return value.

    Raises
    ------
    PhotonDenoiseError
        For parameters out of range, or content without a clean image.
    OutputExists
        If there is a library already and `overwrite` is False.
    """
    folder = local_path(path)
    _check(kind, count, real_share, workers)
    if (folder / FACTS).exists() and not overwrite:
        raise OutputExists(f"{folder} holds a library already")
    yield Progress("Reading real images", 0, count)
    images = read_content(content)[0] if content is not None and real_share > 0 else []
    task = partial(_scenes, kind, seed, real_share if images else 0.0)
    origins: list[str] = []
    _make_folder(folder)
    with whole_file(folder / SCENES) as part, part.open("wb") as file:
        _write_header(file, (count, *SHAPES[kind]))
        pieces = [range(i, min(i + PIECE, count)) for i in range(0, count, PIECE)]
        for drawn in _mapped(task, pieces, images, workers):
            for scene, origin in drawn:
                file.write(scene.tobytes())
                origins.append(origin)
            yield Progress(f"Drawing scene {len(origins)} of {count}", len(origins), count)
        (folder / FACTS).unlink(missing_ok=True)  # no old facts beside new scenes
    facts = _facts(kind, seed, real_share, origins, licences or {})
    with whole_file(folder / FACTS) as part:
        part.write_text(json.dumps(facts, indent=1), encoding="utf-8")
    return open_library(folder)


def open_library(path: str | Path) -> Library:
    """Open a library without reading its scenes.

    Raises
    ------
    PhotonDenoiseError
        If there is none, or it is of another version.
    """
    folder = local_path(path)
    try:
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        scenes = np.load(folder / SCENES, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise PhotonDenoiseError(
            f"{folder} holds no finished library of scenes: build it again."
        ) from error
    if facts.get("version") != VERSION or len(facts.get("origins", ())) != len(scenes):
        raise PhotonDenoiseError(f"The library {folder} is of another version: build it again.")
    return Library(scenes, tuple(facts["origins"]), facts)


def _check(kind: str, count: int, real_share: float, workers: int) -> None:
    if kind not in SHAPES:
        raise PhotonDenoiseError(f"A library holds planes or stacks, not {kind!r}.")
    if count < 1:
        raise PhotonDenoiseError(f"A library has at least 1 scene, not {count}.")
    if not 0 <= real_share <= 1:
        raise PhotonDenoiseError(f"The share of real scenes is 0 to 1, not {real_share}.")
    if workers < 1:
        raise PhotonDenoiseError(f"A library is drawn by at least 1 process, not {workers}.")


def _write_header(file: BinaryIO, shape: tuple[int, ...]) -> None:
    """Begin a NumPy file whose scenes follow one by one."""
    dtype = np.lib.format.dtype_to_descr(np.dtype(np.float16))
    header = {"descr": dtype, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PhotonDenoiseError(
            f"The folder {folder} can't be made ({error.strerror}): choose another place."
        ) from error


def _mapped(
    task: Any, pieces: Sequence[range], images: list[RealImage], workers: int
) -> Iterator[list[tuple[NDArray[np.float16], str]]]:
    """Draw the pieces in order, in this process or in others."""
    if workers <= 1:
        _take(images)
        yield from map(task, pieces)
        return
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _take, (images,))
    try:
        yield from pool.map(task, pieces)
    finally:
        pool.shutdown(cancel_futures=True)


def _take(images: list[RealImage]) -> None:
    _images[:] = images


def _scenes(
    kind: Kind, seed: int, real_share: float, numbers: range
) -> list[tuple[NDArray[np.float16], str]]:
    """Draw scenes by their numbers, each from a seed of its own."""
    draw_one = _plane if kind == "planes" else _stack
    drawn = []
    for number in numbers:
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number,)))
        scene, origin = draw_one(number, real_share, rng)
        drawn.append((scene.astype(np.float16), origin))
    return drawn


def _plane(number: int, real_share: float, rng: np.random.Generator) -> tuple[Float32, str]:
    images = [image for image in _images if image.axes == "YX"]
    if images and rng.random() < real_share:
        scene, image = cut(PLANE, images, rng)
        return scene, image.name
    return draw(PLANE, rng), "drawn"


def _stack(number: int, real_share: float, rng: np.random.Generator) -> tuple[Float32, str]:
    """Draw a z-stack for even numbers and a film for odd ones."""
    if number % 2:
        planes = [image for image in _images if image.axes == "YX"]
        if planes and rng.random() < real_share:
            scene, image = cut_film(STACK, planes, rng)
            return scene, f"{image.name} film"
        return draw(STACK, rng, moving=True), "drawn film"
    stacks = [image for image in _images if image.axes == "ZYX"]
    if stacks and rng.random() < STACK_SHARE * real_share:
        scene, image = cut(STACK, stacks, rng)
        return scene, f"{image.name} z-stack"
    return draw(STACK, rng), "drawn z-stack"


def _facts(
    kind: str, seed: int, real_share: float, origins: list[str], licences: dict[str, str]
) -> dict[str, Any]:
    sources = Counter(origin.split("/")[0] for origin in origins)
    return {
        "version": VERSION,
        "kind": kind,
        "shape": [len(origins), *SHAPES[kind]],
        "unit": "density of mean 1",
        "seed": seed,
        "real_share": real_share,
        "sources": dict(sorted(sources.items())),
        "licences": {name: licences[name] for name in sorted(sources) if name in licences},
        "origins": origins,
    }
