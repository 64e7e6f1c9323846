"""Networks as files: weights and what they are, in one `.safetensors`, read without pickle."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.whole import check_output, whole_file
from napari_photon_denoise.models import FORMAT, describe, digest, find_model
from napari_photon_denoise.networks.architecture import Architecture, Network
from napari_photon_denoise.networks.device import choose_device, memory_errors
from napari_photon_denoise.networks.folding import folded
from napari_photon_denoise.networks.predict import needed_halo

CHECKSUM = "sha256"


@dataclass(frozen=True, eq=False)
class Model:
    """A trained network and where it comes from.

    Parameters
    ----------
    name : str
        Of a shipped model, or of the file.
    architecture : Architecture
    facts : dict
        How it was trained, as JSON: objective, noise ranges, content, dates, figures.
    network : PhotonNetwork or BlindNetwork
        On the CPU, ready to denoise.
    """

    name: str
    architecture: Architecture
    facts: dict[str, Any]
    network: Network


def save_model(
    path: str | Path,
    network: Network,
    architecture: Architecture,
    facts: dict[str, Any],
    *,
    overwrite: bool = False,
) -> Path:
    """Write a model; the file is there as a whole, or not at all.

    Raises
    ------
    PhotonDenoiseError
        If it can't be written.
    """
    target = check_output(path, (".safetensors",), "A model", overwrite=overwrite)
    words = {
        "format": FORMAT,
        "architecture": architecture.model_dump_json(),
        "halo": json.dumps(needed_halo(network)),
        "facts": json.dumps(facts),
    }
    tensors = {name: part.contiguous().cpu() for name, part in network.state_dict().items()}
    words[CHECKSUM] = _checksum(words, tensors)
    with whole_file(target) as part:
        # Written by Python: safetensors makes files that only their owner may read, and does not
        # say of a full disk as an OSError.
        part.write_bytes(save(tensors, words))
    return target


def load_model(name: str | Path) -> Model:
    """Load a shipped model by its name, or one from a file.

    Raises
    ------
    PhotonDenoiseError
        If there is none, the file is damaged or holds NaN, or it is no model of this program.
    """
    path = find_model(name)
    architecture = sketch_model(path)[0]
    with _said_in_a_sentence(path):
        network = architecture.build()
        tensors = load_file(path)
        _check_whole(path, tensors)
        network.load_state_dict(tensors)
    if not all(bool(part.isfinite().all()) for part in tensors.values()):
        raise PhotonDenoiseError(
            f"The weights in {path} hold NaN or infinity, so that the network can't denoise: copy "
            "it again, or train it anew."
        )
    network.eval()
    return Model(path.stem, architecture, describe(path)["facts"], network)


def sketch_model(path: Path) -> tuple[Architecture, Network]:
    """Return what a model's file announces: its network, which takes no memory for its weights.

    Raises
    ------
    PhotonDenoiseError
        As `load_model` does.
    """
    said = describe(path)
    with _said_in_a_sentence(path):
        architecture = Architecture.model_validate(said["architecture"])
        with torch.device("meta"):
            network = architecture.build()
        with safe_open(path, "pt") as file:
            held = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
        if held != {name: tuple(part.shape) for name, part in network.state_dict().items()}:
            raise RuntimeError("weights of another network")
        # With too little of it, the borders of tiles would be wrong.
        needed = needed_halo(network)
        if any(reach < least for reach, least in zip(said["halo"], needed, strict=True)):
            raise RuntimeError("the halo of another network")
    return architecture, network


def _check_whole(path: Path, tensors: dict[str, torch.Tensor]) -> None:
    """Refuse weights or words that are not those which were saved; older files don't tell."""
    with safe_open(path, "pt") as file:
        words = file.metadata()
    noted = words.pop(CHECKSUM, None)
    if noted is not None and noted != _checksum(words, tensors):
        raise RuntimeError("other weights or words than were saved")


def _checksum(words: Mapping[str, str], tensors: Mapping[str, torch.Tensor]) -> str:
    """SHA-256 of all that a file says and holds: weights with a flipped bit look like any."""
    said = {name: text for name, text in words.items() if name != CHECKSUM}
    shapes = {name: (str(part.dtype), *part.shape) for name, part in tensors.items()}
    total = hashlib.sha256(json.dumps([said, shapes], sort_keys=True).encode())
    for name in sorted(tensors):
        total.update(tensors[name].reshape(-1).view(torch.uint8).numpy().data)
    return total.hexdigest()


@contextmanager
def _said_in_a_sentence(path: Path) -> Iterator[None]:
    """Say whatever is wrong with a model's file."""
    try:
        yield
    except (SafetensorError, OSError, ValidationError, RuntimeError) as error:
        raise PhotonDenoiseError(
            f"The weights in {path} are damaged, or do not fit the network that it names: copy or "
            "train it again."
        ) from error


def kept_model(name: str | Path, device: str) -> Model:
    """Load a model onto a device, or return it as it was loaded last time: not to be trained.

    A preview asks for its network at every change.

    Raises
    ------
    PhotonDenoiseError
        As `load_model` does, and if the device is not there or has no memory left.
    """
    path = find_model(name).absolute()
    facts = path.stat()
    return _kept(str(name), path, (facts.st_mtime_ns, facts.st_size), choose_device(device))


@dataclass(frozen=True)
class ShippedNetwork:
    """Where another process finds a network that comes with the program.

    Parameters
    ----------
    name : str
    weights : str
        SHA-256 of its file.
    """

    name: str
    weights: str

    def __call__(self, device: str) -> Network:
        """Load it, once a process; not to be trained.

        Raises
        ------
        PhotonDenoiseError
            If the program there came with other weights.
        """
        if digest(find_model(self.name)) != self.weights:
            raise PhotonDenoiseError(
                f"The model {self.name} is another one here than where the work was planned: "
                "install the same version of napari-photon-denoise on every computer."
            )
        return kept_model(self.name, device).network


@lru_cache(maxsize=2)
def _kept(name: str, path: Path, stamp: tuple[int, int], device: str) -> Model:
    """Load a model; `stamp` makes a file that was written anew another one."""
    model = load_model(name)
    model = replace(model, network=folded(model.network))
    with memory_errors():
        model.network.to(device)
    return model
