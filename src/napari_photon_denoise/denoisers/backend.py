"""Where the classical filters are computed: compiled loops on the CPU, torch on a GPU."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable
from ctypes.util import find_library
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import DeviceError

DEVICES = ("auto", "cpu", "cuda", "mps")


# Arrays (and, between them, whatever else) in, one array out.
Computed: TypeAlias = Callable[..., Float32]


def load_filter(
    device: str, on_cpu: Callable[[], Computed], on_gpu: Callable[[], Any], *, gpu_pays: bool
) -> Computed:
    """Return a filter's function for a device; only the one that is needed is imported.

    Parameters
    ----------
    device : {"auto", "cpu", "cuda", "mps"}
    on_cpu : function without parameters
        Imports and returns the function on numpy arrays.
    on_gpu : function without parameters
        Imports and returns the same on torch tensors.
    gpu_pays : bool
        What "auto" means. A filter that does little work a pixel is done on the CPU
        before its image has reached the GPU.

    Returns
    -------
    function of numpy arrays, which returns one

    Raises
    ------
    DeviceError
        If the device is unknown or not there.
    """
    if device not in DEVICES:
        raise DeviceError(f"There is no device '{device}'; choose one of {', '.join(DEVICES)}.")
    if device == "cpu" or (device == "auto" and not gpu_pays):
        return on_cpu()
    if device == "auto" and not (_gpu_may_be_there() and find_spec("torch")):
        return on_cpu()
    if find_spec("torch") is None:
        raise DeviceError(f"The device '{device}' needs PyTorch: install torch, or choose 'cpu'.")
    from napari_photon_denoise.networks.device import choose_device, on_device

    chosen = choose_device(device)
    return on_cpu() if chosen == "cpu" else on_device(on_gpu(), chosen)


def load_correlate(device: str, *, gpu_pays: bool = False) -> Computed:
    """Return ``(volume, taps_z, taps_y, taps_x) -> volume``, the correlation along each axis.

    Raises
    ------
    DeviceError
        If the device is unknown or not there.
    """

    def on_cpu() -> Computed:
        from napari_photon_denoise.kernels.separable import correlate

        return correlate

    def on_gpu() -> Any:
        from napari_photon_denoise.networks.filters import correlate

        return correlate

    return load_filter(device, on_cpu, on_gpu, gpu_pays=gpu_pays)


def _gpu_may_be_there() -> bool:
    """Whether asking torch is worth its import, which takes seconds."""
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    driver = "nvcuda" if sys.platform == "win32" else "cuda"
    return find_library(driver) is not None or Path("/dev/kfd").exists()
