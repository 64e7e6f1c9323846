"""The shipped networks: weights (`.safetensors`), their model cards, and an index with checksums.

Here is only what can be told without torch: which models there are, the user's own among them, what
a file says of itself, and whether it is what was shipped. `networks.weights` loads them.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.paths import local_path
from napari_photon_denoise.io.text import from_json

FOLDER = Path(__file__).parent
FORMAT = "napari-photon-denoise model 1"
FARTHEST = 10_000  # px that a network may see
NAMES = {"care": "CARE"}  # of networks that go by their own name, not by that of their file
LONGEST_HEADER = 10_000_000  # bytes; anything longer is no model


@dataclass(frozen=True)
class ShippedModel:
    """A line of the index.

    Parameters
    ----------
    text : str
        What it is for, a line for a microscopist.
    sha256 : str
    """

    text: str
    sha256: str


def own_folder() -> Path:
    """Return where the user's own models are kept; it need not be there yet."""
    import platformdirs  # comes with napari: only its windows ask for this

    return Path(platformdirs.user_data_path("napari-photon-denoise", False)) / "models"


def own_models() -> dict[str, Path]:
    """Return the files of the user's own models by name, in alphabetical order; none is read."""
    return {path.stem: path for path in sorted(own_folder().glob("*.safetensors"))}


@cache
def shipped_models() -> dict[str, ShippedModel]:
    """Return the shipped models by name."""
    index = json.loads((FOLDER / "index.json").read_text(encoding="utf-8"))
    return {name: ShippedModel(**facts) for name, facts in index.items()}


def is_shipped(name: str) -> bool:
    """Whether a model of this name comes with the program."""
    return name in shipped_models()


def find_model(name: str | Path) -> Path:
    """Return the file of a model: a shipped one by its name, or any by its path.

    Raises
    ------
    PhotonDenoiseError
        If there is no such model, or a shipped one is not what was shipped.
    """
    shipped = shipped_models().get(str(name))
    if shipped is None:
        path = local_path(name)
        if path.is_file():
            return path
        names = ", ".join(shipped_models())
        raise PhotonDenoiseError(
            f"There is no model '{name}': name one of {names}, or a .safetensors file."
        )
    path = FOLDER / f"{name}.safetensors"
    if not path.is_file() or digest(path) != shipped.sha256:
        raise PhotonDenoiseError(
            f"The shipped model {name} is damaged: install napari-photon-denoise again."
        )
    return path


def describe(path: Path) -> dict[str, Any]:
    """Return what a model's file says of itself, without reading its weights.

    Returns
    -------
    dict
        "architecture", "halo" (z, y, x, px) and "facts", each as JSON has it.

    Raises
    ------
    PhotonDenoiseError
        If it can't be read, or is no model of this program.
    """
    said: dict[str, Any] = _describe(path, _stamp(path))
    return said


def network_name(name: str) -> str:
    """Return what the network in a user's file is called, such as "CARE"; else the file's name."""
    path = Path(name)
    # Whoever uses a file that is missing or damaged says so; a name is no place for it.
    with suppress(PhotonDenoiseError):
        body = describe(path)["architecture"].get("body")
        return NAMES.get(body, path.stem)
    return path.stem


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal.

    Raises
    ------
    PhotonDenoiseError
        If it can't be read.
    """
    return _digest(path, _stamp(path))


def card(name: str) -> str:
    """Return the model card of a shipped model, Markdown.

    Raises
    ------
    PhotonDenoiseError
        If it has none.
    """
    try:
        return (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    except OSError:
        raise PhotonDenoiseError(
            f"The card of {name} is missing: install napari-photon-denoise again."
        ) from None


def _stamp(path: Path) -> tuple[int, int]:
    """When a file was written and how long it is: one that is trained anew is another one."""
    try:
        facts = path.stat()
    except OSError as error:
        raise _unreadable(path, error) from None
    return facts.st_mtime_ns, facts.st_size


@lru_cache(maxsize=16)
def _describe(path: Path, stamp: tuple[int, int]) -> dict[str, Any]:
    # A safetensors file begins with the length of its JSON header; see its specification.
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = file.read(length) if length < LONGEST_HEADER else b""
    except OSError as error:
        raise _unreadable(path, error) from None
    try:
        words = from_json(header)["__metadata__"]
        if words["format"] != FORMAT:
            raise ValueError(words["format"])
        said = {name: from_json(words[name]) for name in ("architecture", "halo", "facts")}
        z, y, x = (int(reach) for reach in said["halo"])
        if not all(0 <= reach <= FARTHEST for reach in (z, y, x)):
            raise ValueError(said["halo"])
        said["architecture"] = dict(said["architecture"])
        return said | {"halo": (z, y, x), "facts": dict(said["facts"])}
    except (ValueError, KeyError, TypeError, OverflowError):
        raise PhotonDenoiseError(
            f"{path} is no model of this program, or one of a newer version: train a model with "
            "'photon-denoise train', or update."
        ) from None


@lru_cache(maxsize=16)
def _digest(path: Path, stamp: tuple[int, int]) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> PhotonDenoiseError:
    return PhotonDenoiseError(
        f"The model {path} can't be read ({error.strerror or error}): check the file."
    )
