"""A result of which others did the parts: looked at, and finished."""

from __future__ import annotations

from pathlib import Path

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.lock import held
from napari_photon_denoise.job import Job
from napari_photon_denoise.shards.job import finish_job
from napari_photon_denoise.shards.plan import plan_again
from napari_photon_denoise.shards.records import Records


def finish_store_job(store: Path) -> Job[tuple[Path, ...]]:
    """Finish a result whose parts are all done, by its records alone.

    Parameters
    ----------
    store : Path

    Returns
    -------
    tuple of Path
        The image, then what the method gives beside.

    Raises
    ------
    PhotonDenoiseError
        If nothing was begun there, or a part is missing.
    InUse
        If another run works on it.
    """
    if not store.parent.is_dir():
        raise PhotonDenoiseError(f"There is no folder {store.parent}: check the name.")
    _, containers = plan_again(store)
    with held(store):
        yield from finish_job(containers, Records(store))
    return tuple(container.path for container in containers)


def kept_parts(store: Path) -> tuple[int, int] | None:
    """Return how many parts of a result are done and kept, and of how many; None if none can be."""
    if Records(store).begun() is None:
        return None
    _, containers = plan_again(store)
    levels = [container.levels[0] for container in containers]
    return len(Records(store).seen(levels)), len(levels[0].grid)
