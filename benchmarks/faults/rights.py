"""Files and folders that may not be read, searched or written to, as a user who is not root."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tifffile
from benchmarks.faults.child import attempt, learn_imports
from benchmarks.faults.commands import hidden
from benchmarks.faults.outcome import Tally, Verdict, judge
from benchmarks.faults.tiffs import CAMERA, SAME, denoise

NOBODY = 65534


@dataclass(frozen=True)
class Place:
    """A folder of a try: `in` with three images, and `out`."""

    folder: Path

    @property
    def images(self) -> list[Path]:
        """The raw images."""
        return [self.folder / "in" / f"cells{number}.tif" for number in range(3)]

    @property
    def model(self) -> Path:
        """What is called a model."""
        return self.folder / "in" / "model.safetensors"

    def many(self, *inputs: Path | str) -> list[str]:
        """Return the command that denoises several files into `out`."""
        out = str(self.folder / "out")
        return ["denoise", *map(str, inputs), "-o", out, *SAME, *CAMERA]

    def one(self, output: str = "out/clean.ome.tif") -> list[str]:
        """Return the command that denoises the first file."""
        return denoise(self.images[0], self.folder / output)


def closed(part: str, mode: int, words: Callable[[Place], list[str]]) -> Callable:
    """Make a try: a part of the folder gets a mode, then the command runs."""

    def prepare(place: Place) -> list[str]:
        command = words(place)
        (place.folder / part).chmod(mode)
        return command

    return prepare


def over_kept(place: Place) -> list[str]:
    """Overwrite a file that may not be written to: its folder decides, so that it is replaced."""
    target = place.folder / "out" / "clean.ome.tif"
    tifffile.imwrite(target, np.zeros((4, 4), np.uint16))
    target.chmod(0o400)
    return [*place.one(), "--overwrite"]


# What is done, and how many results come of it.
TRIES: dict[str, tuple[Callable[[Place], list[str]], int]] = {
    "an image may not be read": (closed("in/cells1.tif", 0, lambda p: p.many(*p.images)), 2),
    "an image of a folder": (closed("in/cells1.tif", 0, lambda p: p.many(p.folder / "in")), 2),
    "a folder may not be searched": (closed("in", 0, lambda p: p.many(p.folder / "in")), 0),
    "its file is named": (closed("in", 0, lambda p: p.one()), 0),
    "a folder may not be listed": (closed("in", 0o300, lambda p: p.many(p.folder / "in")), 0),
    "nor its names be used": (closed("in", 0o400, lambda p: p.many(p.folder / "in")), 0),
    "a glob in it": (closed("in", 0, lambda p: p.many(f"{p.folder}/in/*.tif")), 0),
    "a glob over it": (closed("in", 0, lambda p: p.many(f"{p.folder}/**/*.tif")), 0),
    "output may not be written to": (closed("out", 0o500, lambda p: p.one()), 0),
    "output may not be searched": (closed("out", 0, lambda p: p.one()), 0),
    "results in such a folder": (closed("out", 0o500, lambda p: p.many(*p.images)), 0),
    "results in one that's closed": (closed("out", 0, lambda p: p.many(*p.images)), 0),
    "folder that can't be made": (closed("out", 0o500, lambda p: p.one("out/a/b.ome.tif")), 0),
    "a read-only result": (over_kept, 1),
    "calibration may not be read": (
        closed("in/cells1.tif", 0, lambda p: [*denoise(p.images[0], p.folder / "out/a.tif", []),
                                              f"--camera={p.images[1]}"]), 0),
    "recipe may not be read": (
        closed("in/cells1.tif", 0, lambda p: ["run", str(p.images[1]), str(p.images[0]), "-o",
                                              str(p.folder / "out/a.tif")]), 0),
    "model may not be read": (
        closed("in/model.safetensors", 0, lambda p: [*p.one(), "--method=resunet",
                                              f"--model={p.model}"]), 0),
    "study in a closed folder": (
        closed("out", 0, lambda p: ["study", "-o", str(p.folder / "out"), "--method=gaussian",
                                    "--virtual", "nuclei", "--photons=5", "--size=48"]), 0),
    "study in a read-only folder": (
        closed("out", 0o500, lambda p: ["study", "-o", str(p.folder / "out"), "--method=gaussian",
                                        "--virtual", "nuclei", "--photons=5", "--size=48"]), 0),
    "training in a read-only folder": (
        closed("out", 0o500, lambda p: ["learn", str(p.images[0]), "-o",
                                        str(p.folder / "out/a.safetensors"), *CAMERA]), 0),
    "training in a closed folder": (
        closed("out", 0, lambda p: ["learn", str(p.images[0]), "-o",
                                    str(p.folder / "out/a.safetensors"), *CAMERA]), 0),
    "conversion in a closed folder": (
        closed("out", 0, lambda p: ["convert", str(p.images[0]), "-o",
                                    str(p.folder / "out/a.tif")]), 0),
}  # fmt: skip


def try_rights(folder: Path, tries: int, rng: np.random.Generator) -> Tally:
    """Do each in a folder of its own."""
    tally = Tally("permissions")
    user = NOBODY if os.geteuid() == 0 else os.geteuid()
    if user == NOBODY:
        for above in (folder, folder.parent):
            above.chmod(0o755)
    _learn_imports(folder)
    for number, (title, (prepare, results)) in enumerate(list(TRIES.items())[:tries]):
        place = Place(folder / str(number))
        for name in ("in", "out"):
            (place.folder / name).mkdir(parents=True)
        for image in place.images:
            tifffile.imwrite(image, rng.poisson(150, (48, 40)).astype(np.uint16))
        place.model.write_bytes(b"weights")
        everything = [place.folder, *place.folder.rglob("*")]
        for path in everything:
            os.chown(path, user, -1)
        words = prepare(place)
        ended = attempt(words, folder / f"{number}.log", memory=None, before=_as(user, place))
        for path in everything:
            path.chmod(0o755)
        verdict = judge(ended, lambda: Verdict("right"))
        made = len(list((place.folder / "out").glob("*.tif")))
        if verdict.outcome in ("right", "sentence"):
            if made != results:
                verdict = Verdict("wrong", f"{made} results instead of {results}: {ended.text}")
            elif left := hidden(place.folder):
                verdict = Verdict("left behind", ", ".join(left))
        tally.add(verdict, title, ended.seconds)
    return tally


def _learn_imports(folder: Path) -> None:
    """Import what the commands need, by doing well and badly what they do."""
    place = Place(folder / "first")
    for name in ("in", "out"):
        (place.folder / name).mkdir(parents=True)
    for image in place.images:
        tifffile.imwrite(image, np.full((48, 40), 150, np.uint16))
    learn_imports(folder, place.many(place.folder / "in"))
    learn_imports(folder, place.one("nowhere/clean.ome.tif"))
    for title in ("study in a closed folder", "training in a closed folder"):
        learn_imports(folder, TRIES[title][0](place))
        (place.folder / "out").chmod(0o755)


def _as(user: int, place: Place) -> Callable[[], None]:
    """Make what turns the child into another user, at home in the folder of the try."""

    def change() -> None:
        os.environ |= {"HOME": str(place.folder), "XDG_DATA_HOME": str(place.folder)}
        if os.geteuid() == 0:
            os.setgroups([])
            os.setresuid(user, user, user)

    return change
