"""Whether a result fits comfortably into memory; without Qt."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from napari_photon_denoise.pipeline import result_dtype
from napari_photon_denoise.widgets.parts.task import Keep, Task

# Of the memory that is free: the system keeps the image's pages in the rest, a method needs some,
# and the next result comes with the next Run.
COMFORTABLE = 0.25


def needed(tasks: Sequence[Task]) -> int:
    """Return the bytes of the results of some tasks.

    What a method gives beside does not count: to ask one for that loads its network.
    """
    return sum(
        prod(task.photons.shape) * result_dtype(task.photons, task.units).itemsize for task in tasks
    )


def free() -> int:
    """Return the bytes of memory that are free."""
    import psutil

    return int(psutil.virtual_memory().available)


def goes_to_disk(tasks: Sequence[Task], keep: Keep) -> bool:
    """Tell whether results are written to disk: as the user says, or else by their size."""
    if keep == "disk":
        return True
    return keep != "memory" and needed(tasks) > COMFORTABLE * free()


def say_where(tasks: Sequence[Task], keep: Keep) -> str:
    """Say that results are written to disk, and how large they are; empty if they are not."""
    if not goes_to_disk(tasks, keep):
        return ""
    what = "The result" if len(tasks) == 1 else "The results"
    size = f"{what}, about {in_words(needed(tasks))},"
    verb = "is" if len(tasks) == 1 else "are"
    if keep == "disk":
        return f"{size} {verb} written to disk (OME-Zarr)."
    return (
        f"{size} would fill the memory, so {'it' if verb == 'is' else 'they'} {verb} written to "
        "disk (OME-Zarr)."
    )


def in_words(size: int) -> str:
    """Say a number of bytes, such as "12 GB"."""
    for unit, length in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if size >= length:
            return (
                f"{size / length:.2g} {unit}"
                if size < 10 * length
                else f"{size / length:.0f} {unit}"
            )
    return f"{max(1, round(size / 1e3))} kB"
