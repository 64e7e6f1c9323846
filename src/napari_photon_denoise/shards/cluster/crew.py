"""The workers of a cluster: whether each has and sees what it needs, and how many CPUs it has."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.ome import NAMESPACE
from napari_photon_denoise.kernels.threads import use_cpus
from napari_photon_denoise.shards.cluster import asked
from napari_photon_denoise.shards.cluster.part import other_version, own_version

# Results of other versions of these may differ in the last digits.
NUMBERS = ("numpy", "numba", "scipy", "torch", "zarr")
PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"


@dataclass(frozen=True)
class Needs:
    """What a worker needs.

    Parameters
    ----------
    reads : tuple of Path
        Files that it must see.
    folder : Path
        That it must write: where the result lies.
    torch : bool
        Whether the method runs a network.
    """

    reads: tuple[Path, ...]
    folder: Path
    torch: bool = False


@dataclass(frozen=True)
class Worker:
    """What a worker has said.

    Parameters
    ----------
    address : str
    facts : mapping
        See `asked.look`.
    """

    address: str
    facts: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        return f"The worker {self.address} on {self.facts['host']}"


def ask_workers(client: Any, addresses: Sequence[str], needs: Needs) -> list[Worker]:
    """Ask workers what they have and see.

    Parameters
    ----------
    client : distributed.Client
    addresses : sequence of str
    needs : Needs

    Raises
    ------
    PhotonDenoiseError
        If one lacks something.
    """
    import cloudpickle

    _check_python(client, addresses)
    packages = [NAMESPACE, *NUMBERS]
    reads = [str(_there(path)) for path in needs.reads]
    cloudpickle.register_pickle_by_value(asked)
    try:
        found = run_on(client, addresses, asked.look, packages, reads, str(_there(needs.folder)))
    finally:
        cloudpickle.unregister_pickle_by_value(asked)
    workers = [Worker(address, facts) for address, facts in found.items()]
    for worker in workers:
        for lack in _lacks(worker, needs):
            raise PhotonDenoiseError(lack)
    return workers


def run_on(
    client: Any, addresses: Sequence[str], function: Callable[..., Any], *arguments: Any
) -> dict[str, Any]:
    """Call a function in workers, beside their tasks, and return what each returns.

    Parameters
    ----------
    client : distributed.Client
    addresses : sequence of str
    function : callable
    *arguments
        Of the function.

    Raises
    ------
    PhotonDenoiseError
        If it fails in one; one that has gone meanwhile is left out.
    """
    said = client.run(function, *arguments, workers=addresses, on_error="return")
    for address, found in said.items():
        if isinstance(found, Exception) and not isinstance(found, OSError):
            raise PhotonDenoiseError(
                f"The worker {address} can't be told what to do ({found!r}): start all workers in "
                "the same environment as this program."
            ) from found
    return {at: found for at, found in said.items() if not isinstance(found, Exception)}


def _there(path: Path) -> Path:
    """Return a path, or what is there of it: an image may be a place in a file."""
    whole = Path(os.path.abspath(path))
    return next((one for one in (whole, *whole.parents) if one.exists()), whole)


def _check_python(client: Any, addresses: Sequence[str]) -> None:
    """Refuse workers of another Python, which can't be asked more."""
    versions = client.get_versions(check=False)["workers"]
    for address in addresses:
        said = versions.get(address)
        python = said["host"]["python"] if said else PYTHON
        if python.split(".")[:2] != PYTHON.split("."):
            raise PhotonDenoiseError(
                f"The worker {address} runs Python {'.'.join(python.split('.')[:2])}, and this is "
                f"{PYTHON}: start all workers in the same environment as this program."
            )


def _lacks(worker: Worker, needs: Needs) -> Iterator[str]:
    """Say what a worker lacks, and what to do."""
    has, here = worker.facts["versions"], own_version()
    if has[NAMESPACE] is None:
        yield (
            f"{worker.name} has no {NAMESPACE}: install it there in the version {here}, or start "
            "all workers in the same environment as this program."
        )
    elif has[NAMESPACE] != here:
        yield other_version(worker.name, has[NAMESPACE], here)
    if needs.torch and has["torch"] is None:
        yield (
            f"{worker.name} has no PyTorch, which the method needs: install torch there, or choose "
            "another method, such as non-local means."
        )
    for path in worker.facts["unseen"]:
        yield (
            f"{worker.name} can't read {path}: put it on a disk that all workers share, under "
            "the same path."
        )
    if worker.facts["unwritten"]:
        yield (
            f"{worker.name} can't write beside the output, since {worker.facts['unwritten']}: "
            "choose one on a disk that all workers share."
        )


def differences(workers: Sequence[Worker]) -> list[str]:
    """Say what libraries are others than here, in a note each."""
    here = asked.look([*NUMBERS], [], ".")["versions"]
    notes = []
    for name in NUMBERS:
        found = {worker.facts["versions"][name]: worker for worker in workers}
        others = [version for version in found if version not in (here[name], None)]
        notes += [
            f"{found[version].name} has {name} {version}, and this is {here[name]}: results may "
            "differ in the last digits from part to part."
            for version in others
        ]
    return notes


def share_cpus(workers: Sequence[Worker], slots: Mapping[str, int]) -> dict[str, int]:
    """Return how many CPUs each task of a worker may use, those beside it considered.

    Parameters
    ----------
    workers : sequence of Worker
        All of them.
    slots : mapping of address to int
        Tasks that a worker does at a time.
    """
    # Jobs that were each given CPUs of their own are not beside each other.
    beside: Counter[tuple[str, int]] = Counter()
    for worker in workers:
        for cpu in worker.facts["cpus"]:
            beside[worker.facts["host"], cpu] += slots.get(worker.address, 1)
    shares = {}
    for worker in workers:
        tasks = max(beside[worker.facts["host"], cpu] for cpu in worker.facts["cpus"])
        shares[worker.address] = max(1, len(worker.facts["cpus"]) // tasks)
    return shares


def give_cpus(client: Any, shares: Mapping[str, int]) -> None:
    """Have each worker use its share of CPUs for a task."""
    for count in set(shares.values()):
        workers = [address for address, share in shares.items() if share == count]
        run_on(client, workers, use_cpus, count)
