"""A shard as a task of a worker."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable
from importlib import metadata

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.ome import NAMESPACE
from napari_photon_denoise.shards.remote import Coarse, Remote
from napari_photon_denoise.shards.worker import do_shard, leave
from napari_photon_denoise.tally import Seen

_LATEST = 32  # runs whose end is remembered
_read: dict[str, Remote | Coarse] = {}
_ended: list[str] = []


class RunEnded(Exception):
    """Nobody waits for the shard any more."""


def packed(remote: Remote | Coarse) -> bytes:
    """Return what is sent, as bytes: a worker that can't read them says so in its own words."""
    return pickle.dumps(remote.anywhere(), protocol=pickle.HIGHEST_PROTOCOL)


def do_part(key: str, data: bytes, number: int, version: str, every: float) -> Seen:
    """Do a shard in this worker.

    Parameters
    ----------
    key : str
        Of the run, and of the topic under which progress is told.
    data : bytes
        A `Remote` or `Coarse`, see `packed`.
    number : int
    version : str
        Of this program, where the run was started.
    every : float
        Least time between two words of progress, s.

    Raises
    ------
    PhotonDenoiseError
        As `do_shard`; or if this is another version.
    """
    here = own_version()
    if here != version:
        raise PhotonDenoiseError(other_version("A worker that came later", here, version))
    remote = _read.get(key)
    if remote is None:
        _read.clear()  # the maps of another run's camera may be large
        remote = _read[key] = pickle.loads(data)
    try:
        return do_shard(remote, number, _teller(key, number, every))
    finally:
        if key in _ended:  # meanwhile, perhaps just before this has opened the image
            end_run(key)


def end_run(key: str) -> None:
    """Stop the shards of a run in this worker, and let go of all that it has opened."""
    if key not in _ended:
        _ended[:] = [*_ended[1 - _LATEST :], key]
    _read.pop(key, None)
    leave(key)


def own_version() -> str:
    """Return the version of this program."""
    return metadata.version(NAMESPACE)


def other_version(who: str, there: str, here: str) -> str:
    """Say that a worker has another version."""
    return (
        f"{who} has {NAMESPACE} {there}, and this is {here}: install the same version on all, "
        "since results of two versions don't belong together."
    )


def _teller(key: str, number: int, every: float) -> Callable[[float], None]:
    from distributed import get_worker

    worker, told = get_worker(), time.monotonic()

    def tell(share: float) -> None:
        nonlocal told
        if key in _ended:
            raise RunEnded(key)
        if time.monotonic() - told >= every:
            told = time.monotonic()
            worker.log_event(topic_of(key), [number, share])

    return tell


def topic_of(key: str) -> str:
    """Name the topic under which workers tell how far their shards are."""
    return f"photon-denoise-{key}"
