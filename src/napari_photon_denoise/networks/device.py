"""Which device torch computes on, its memory, and functions computed there."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import numpy as np
import torch

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import DeviceError, OutOfMemory


def choose_device(device: str) -> str:
    """Resolve "auto" to the fastest device that is there, and refuse one that is not.

    Parameters
    ----------
    device : {"auto", "cpu", "cuda", "mps"}

    Returns
    -------
    {"cpu", "cuda", "mps"}

    Raises
    ------
    DeviceError
        If the device is not there.
    """
    there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if device == "auto":
        return next(name for name, found in there.items() if found)
    if not there.get(device, False):
        names = ", ".join(name for name, found in there.items() if found)
        raise DeviceError(
            f"The device '{device}' was not found on this computer; found: {names}. Choose "
            "'auto', or install PyTorch for your GPU (see pytorch.org)."
        )
    return device


def describe_devices() -> list[tuple[str, str]]:
    """Name and memory of each device that torch finds."""
    devices = []
    for number in range(torch.cuda.device_count()):
        card = torch.cuda.get_device_properties(number)
        devices.append((f"cuda:{number}", f"{card.name}, {card.total_memory / 1e9:.0f} GB"))
    if torch.backends.mps.is_available():
        devices.append(("mps", "Apple GPU"))
    return devices


@contextmanager
def memory_errors() -> Iterator[None]:
    """Turn torch's out-of-memory errors into our own.

    They are RuntimeErrors, which napari's workers swallow, and MPS has no class for them.

    Raises
    ------
    OutOfMemory
    """
    try:
        yield
    except RuntimeError as error:
        if not isinstance(error, torch.OutOfMemoryError) and "out of memory" not in str(error):
            raise
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        raise OutOfMemory(
            "The GPU has no memory left: choose a smaller tile, or the device 'cpu'."
        ) from error


_keepers = 0  # who wants memory kept; the last one to leave gives it back
_keepers_lock = Lock()


@contextmanager
def kept_memory() -> Iterator[None]:
    """Let the C library keep freed blocks while a network runs, and give them back after.

    glibc returns every block above 32 MB to the system as soon as it is freed; a network frees
    and takes such blocks all the time, and the page faults cost it half of its speed (measured
    on Linux; other systems keep blocks by themselves).
    """
    if not sys.platform.startswith("linux"):
        yield
        return
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallopt"):  # another C library, such as musl
        yield
        return
    _keep(library, 1)
    try:
        yield
    finally:
        _keep(library, -1)


def _keep(library: ctypes.CDLL, more: int) -> None:
    """Count one keeper more or less; the first sets glibc's thresholds, the last resets them."""
    global _keepers
    mmap_threshold, trim_threshold = -3, -1
    with _keepers_lock:
        _keepers += more
        library.mallopt(mmap_threshold, 1 << 30 if _keepers else 32 << 20)
        library.mallopt(trim_threshold, (1 << 31) - 1 if _keepers else 64 << 20)
        if not _keepers:
            library.malloc_trim(0)


def on_device(function: Callable[..., torch.Tensor], device: str) -> Callable[..., Float32]:
    """Return a function of tensors as one of numpy arrays, computed on a torch device.

    Parameters
    ----------
    function : function of tensors and other values, which returns a tensor
    device : str
        As torch names it.
    """

    def computed(*values: Any) -> Float32:
        with memory_errors():
            there = (
                torch.from_numpy(value).to(device) if isinstance(value, np.ndarray) else value
                for value in values
            )
            back: Float32 = function(*there).cpu().numpy()
            return back

    return computed
