"""``photon-denoise info``: versions, devices, memory, cameras, methods and models."""

from __future__ import annotations

import argparse
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rich.table import Table

from napari_photon_denoise.camera.presets import PRESETS
from napari_photon_denoise.cli.console import out, say
from napari_photon_denoise.denoisers import METHODS
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.models import (
    card,
    describe,
    digest,
    find_model,
    is_shipped,
    shipped_models,
)
from napari_photon_denoise.models.coverage import say_coverage
from napari_photon_denoise.parameter_kinds import ChoiceParameter, Parameter
from napari_photon_denoise.parameters import declared_parameters

LIBRARIES = ("napari-photon-denoise", "numpy", "scipy", "numba", "tifffile", "torch", "napari")


def add_command(commands: Any) -> None:
    """Add ``info``."""
    parser = commands.add_parser(
        "info",
        help="versions, devices, memory, cameras, methods and models",
        description="Show what is installed, what can be computed on, and what can be chosen; or "
        "the card of one model: what it was trained on, how good it is, where it fails.",
    )
    parser.add_argument("model", nargs="?", metavar="MODEL", help="name of a model, or its file")
    parser.set_defaults(command=_info)


def _info(chosen: argparse.Namespace) -> int:
    if chosen.model is not None:
        return _show_model(chosen.model)
    out.print(_machine())
    out.print("\nTypical numbers of cameras; yours differs by some percent:")
    out.print(_cameras())
    out.print()
    out.print(_methods())
    out.print("\nModels of resunet; 'photon-denoise info MODEL' shows the card of one:")
    out.print(_models())
    return 0


def _show_model(name: str) -> int:
    """Print what a model's file says, and its card."""
    path = find_model(name)
    say(f"{path.stem}: {_model_facts(path)}")
    say(f"SHA-256 {digest(path)}")
    if measured := say_coverage(describe(path)["facts"]):
        say(measured)
    if is_shipped(name):
        from rich.markdown import Markdown  # slow to import

        out.print()
        out.print(Markdown(card(name)))
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
        methods.add_row(key, "", "", "", kind.title)
        for part in declared_parameters(kind):
            methods.add_row(key, part.flag, part.default_text, part.range_text, _about(part))
    return methods


def _models() -> Table:
    models = Table("model", "", "trained on", box=None, header_style="bold")
    for name, shipped in shipped_models().items():
        try:
            facts = _model_facts(find_model(name))
        except PhotonDenoiseError as error:
            facts = str(error)
        models.add_row(name, shipped.text, facts)
    return models


def _model_facts(path: Path) -> str:
    """Size of a model's file, and the noise that it was trained on."""
    facts = describe(path)["facts"]
    noise = facts.get("noise")
    words = [f"{path.stat().st_size / 1e6:.1f} MB"]
    if isinstance(noise, dict):
        words += [
            f"{text} {noise[key][0]:g} to {noise[key][1]:g} {unit}"
            for key, text, unit in (
                ("photons", "", "photons a pixel"),
                ("read_noise", "read noise", "e-"),
                ("additive_read_noise", "in rescaled images", "e-"),
                ("lengths", "noise shared over", "px"),
            )
            if key in noise
        ]
    return "; ".join(word.strip() for word in words)


def _about(part: Parameter) -> str:
    """Its help, and that of each option of a choice."""
    options = part.options if isinstance(part, ChoiceParameter) else {}
    return "\n".join([part.text, *(f"{name}: {text}" for name, text in options.items())])


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
