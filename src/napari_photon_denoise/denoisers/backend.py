"""Where the classical filters are computed: compiled loops on the CPU, torch on a GPU."""

from __future__ import annotations

import platform
import sys
from ctypes.util import find_library
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import DeviceError

DEVICES = ("auto", "cpu", "cuda", "mps")


class Backend(Protocol):
    """The filters that every device offers, on ``(Z, Y, X)`` float32 arrays."""

    def correlate(
        self, volume: Float32, taps_z: Float32, taps_y: Float32, taps_x: Float32
    ) -> Float32:
        """Correlate with the taps of each axis; reflect at the border."""

    def median(self, volume: Float32, size_z: int, size_y: int, size_x: int) -> Float32:
        """Take the median of a window; reflect at the border."""

    def nonlocal_means(
        self,
        guide: Float32,
        value: Float32,
        weight: Float32 | None,
        *,
        patch: tuple[int, int, int],
        distance: tuple[int, int, int],
        h: float,
        sigma: float,
    ) -> Float32:
        """Average `value` over places whose patches of `guide` look alike."""


def load_backend(device: str, *, gpu_pays: bool) -> Backend:
    """Import what computes on a device.

    Parameters
    ----------
    device : {"auto", "cpu", "cuda", "mps"}
    gpu_pays : bool
        What "auto" means. A filter that does little work a pixel is done on the CPU
        before its image has reached the GPU.

    Raises
    ------
    DeviceError
        If the device is unknown or not there.
    """
    if device not in DEVICES:
        raise DeviceError(f"There is no device '{device}'; choose one of {', '.join(DEVICES)}.")
    if device == "cpu" or (device == "auto" and not gpu_pays):
        return _cpu()
    if device == "auto" and not (_gpu_may_be_there() and find_spec("torch")):
        return _cpu()
    if find_spec("torch") is None:
        raise DeviceError(f"The device '{device}' needs PyTorch: install torch, or choose 'cpu'.")
    from napari_photon_denoise.networks.device import TorchBackend, choose_device

    chosen = choose_device(device)
    return _cpu() if chosen == "cpu" else TorchBackend(chosen)


def _gpu_may_be_there() -> bool:
    """Whether asking torch is worth its import, which takes seconds."""
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    driver = "nvcuda" if sys.platform == "win32" else "cuda"
    return find_library(driver) is not None or Path("/dev/kfd").exists()


def _cpu() -> Backend:
    from napari_photon_denoise.kernels import cpu

    return cpu
