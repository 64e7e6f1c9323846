"""``photon-denoise info``: versions, devices, memory, cameras and methods."""

from __future__ import annotations

import argparse
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any

from rich.table import Table

from napari_photon_denoise.camera.presets import PRESETS
from napari_photon_denoise.cli.console import out
from napari_photon_denoise.denoisers import METHODS
from napari_photon_denoise.denoisers.parameters import declared_parameters

LIBRARIES = ("napari-photon-denoise", "numpy", "scipy", "numba", "tifffile", "torch", "napari")


def add_command(commands: Any) -> None:
    """Add ``info``."""
    parser = commands.add_parser(
        "info",
        help="versions, devices, memory, cameras and methods",
        description="Show what is installed, what can be computed on, and what can be chosen.",
    )
    parser.set_defaults(command=_info)


def _info(chosen: argparse.Namespace) -> int:
    out.print(_machine())
    out.print("\nTypical numbers of cameras; yours differs by some percent:")
    out.print(_cameras())
    out.print()
    out.print(_methods())
    return 0


def _machine() -> Table:
    import psutil

    table = Table("what", "found", box=None, header_style="bold")
    table.add_row("Python", f"{platform.python_version()}, {platform.platform()}")
    for name in LIBRARIES:
        table.add_row(name, _version(name))
    memory = psutil.virtual_memory()
    table.add_row("memory", f"{memory.available / 1e9:.1f} of {memory.total / 1e9:.1f} GB free")
    for name, text in _devices():
        table.add_row(f"device {name}", text)
    return table


def _cameras() -> Table:
    cameras = Table(
        "camera preset", "", "e-/ADU", "offset ADU", "read noise e-", box=None, header_style="bold"
    )
    for preset in PRESETS.values():
        numbers = (f"{preset.gain:g}", f"{preset.offset:g}", f"{preset.read_noise:g}")
        em = " (before EM gain)" if preset.em else ""
        cameras.add_row(preset.key, preset.title + em, *numbers)
    return cameras


def _methods() -> Table:
    methods = Table("method", "parameter", "default", "range", "", box=None, header_style="bold")
    for key, kind in METHODS.items():
        for part in declared_parameters(kind):
            limits = f"{part.ge:g} to {part.le:g}"
            methods.add_row(key, part.flag, part.default_with_unit, limits, part.text)
    return methods


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _devices() -> list[tuple[str, str]]:
    devices = [("cpu", f"{os.cpu_count()} cores")]
    if find_spec("torch"):
        from napari_photon_denoise.networks.device import describe_devices

        devices += describe_devices()
    return devices
