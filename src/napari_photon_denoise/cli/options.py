"""Options that several commands share: camera, and the parameters of every method."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.presets import PRESETS
from napari_photon_denoise.camera.stated import STATED, StatedCamera
from napari_photon_denoise.cli.cameras import find_camera
from napari_photon_denoise.denoisers import (
    DEFAULT_METHOD,
    METHODS,
    AnyMethod,
    make_denoiser,
    spell_methods,
)
from napari_photon_denoise.denoisers.backend import DEVICES
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.named_camera import ONE_LEVEL
from napari_photon_denoise.parameter_kinds import (
    ChoiceParameter,
    NumberParameter,
    Parameter,
    SwitchParameter,
)
from napari_photon_denoise.parameters import Declared, declared_parameters

D = TypeVar("D", bound=Declared)

# Nothing is assumed of a camera: what is not said is read, estimated or left out.
NOT_SAID = {name: replace(part, default=None) for name, part in STATED.items()}


def add_camera_options(parser: argparse.ArgumentParser) -> None:
    """Add what names or describes the camera."""
    group = parser.add_argument_group(
        "camera",
        "a calibration file or a preset, or the numbers themselves; a read noise of 0, unless said",
    )
    group.add_argument(
        "--camera",
        metavar="FILE|PRESET",
        help=f"calibration file (.tif), or one of the presets {', '.join(PRESETS)}; "
        f"{ONE_LEVEL} takes one level of noise for images that have none that could be told",
    )
    for name in ("em_gain", "gain", "offset", "read_noise"):
        add_flag(group, NOT_SAID[name])
    shared = NOT_SAID["shared_noise_y"]
    group.add_argument(
        "--noise-correlation",
        type=float,
        nargs=2,
        metavar=("Y", "X"),
        help=f"{shared.text} ({_limits(shared)}; default: what the camera's file or the recipe "
        "says, or 0 0; estimated with the rest where no camera is given)",
    )
    group.add_argument(
        "--mend-hot-pixels",
        action="store_true",
        help="replace lone pixels far above all around them by the median of those beside them "
        "before denoising, as is done without being asked where the camera is estimated",
    )
    add_flag(group, NOT_SAID["binning"])
    group.add_argument("--mode", help="read-out mode of the image, checked against the file")
    group.add_argument(
        "--roi-origin",
        type=int,
        nargs=2,
        metavar=("Y", "X"),
        help="row and column of the image's first pixel on the calibration's maps",
    )
    group.add_argument(
        "--verbose",
        action="store_true",
        help="say all that was found of a camera that is estimated, not just its line",
    )


def camera_from(chosen: argparse.Namespace) -> Calibration | None:
    """Return the calibration that the options describe; None if they describe none.

    Raises
    ------
    PhotonDenoiseError
        If they contradict each other, or describe half of a camera.
    """
    stated = stated_by(vars(chosen), StatedCamera)
    numbers = stated.model_fields_set & {"gain", "offset", "read_noise"}
    if chosen.camera is None:
        if not numbers:
            return None
        if not {"gain", "offset"} <= numbers:
            raise PhotonDenoiseError("A camera needs both --gain (e-/ADU) and --offset (ADU).")
        return stated.calibration()
    if numbers:
        raise PhotonDenoiseError(
            "Give either --camera, or the numbers --gain, --offset and --read-noise."
        )
    if chosen.camera == ONE_LEVEL:
        return None
    return find_camera(chosen.camera, stated.em_gain)


def stated_by(said: Mapping[str, Any], kind: type[D]) -> D:
    """Make a declared value of what the options say; the rest has its default.

    Raises
    ------
    PhotonDenoiseError
        If something is out of range.
    """
    names = [name for name in kind.model_fields if said.get(name) is not None]
    return kind(**{name: said[name] for name in names})


def camera_words(chosen: argparse.Namespace) -> list[str]:
    """Say again on a command line what the options say of the camera."""
    words = []
    for name in (
        "camera", "em_gain", "gain", "offset", "read_noise", "noise_correlation",
        "mend_hot_pixels", "binning", "mode",
    ):  # fmt: skip
        value = getattr(chosen, name)
        flag = f"--{name.replace('_', '-')}"
        if isinstance(value, list):
            words += [flag, *map(str, value)]
        elif isinstance(value, bool):
            words += [flag] if value else []
        elif value is not None:
            # One word, since a negative number after a space looks like a flag.
            words.append(f"{flag}={value}")
    return words


def add_flag(group: Any, part: Parameter, more: str = "", default: Any = None) -> None:
    """Add the flag of a parameter that is no method's.

    Parameters
    ----------
    group : of an argument parser
    part : Parameter
        A switch can be switched on, not off.
    more : str
        What else its help says.
    default : any
        What the flag holds where it is not said.
    """
    # What can only be switched on is off without it.
    said = part.text if isinstance(part, SwitchParameter) else _about(part)
    about = f"{said}{more}".replace("%", "%%")
    add = partial(group.add_argument, part.flag, default=default, help=about)
    if isinstance(part, SwitchParameter):
        add(action="store_true")
    elif isinstance(part, NumberParameter):
        add(type=part.kind, nargs="+" if part.row else None, metavar="N")
    else:
        add(metavar=_metavar(part))


def add_method_options(
    parser: argparse.ArgumentParser,
    methods: Mapping[str, type[AnyMethod]] = METHODS,
    default: str = DEFAULT_METHOD,
) -> None:
    """Add the choice of a method and, from their declarations, the parameters of all.

    A parameter whose name the command has given to something else gets "method-" before it.
    """
    group = parser.add_argument_group("method")
    group.add_argument(
        "--method",
        default=default,
        metavar="METHOD",
        help=f"one of {spell_methods(methods)} (default: {default})",
    )
    uses: dict[str, list[tuple[str, Parameter]]] = {}
    for method, kind in methods.items():
        for part in declared_parameters(kind):
            uses.setdefault(part.name, []).append((method, part))
    for name, parts in uses.items():
        taken = parser.get_default(name) is not None
        flag = f"--method-{parts[0][1].flag[2:]}" if taken else parts[0][1].flag
        text = _help(parts).replace("%", "%%")
        # Methods that share a flag share its kind.
        first = parts[0][1]
        if isinstance(first, SwitchParameter):
            group.add_argument(flag, action=argparse.BooleanOptionalAction, help=text)
        else:
            group.add_argument(flag, metavar=_metavar(first), help=text)


def method_from(
    chosen: argparse.Namespace, methods: Mapping[str, type[AnyMethod]] = METHODS
) -> AnyMethod:
    """Make the denoiser that the options describe; `methods` are those that had options.

    Raises
    ------
    PhotonDenoiseError
        If the method is unknown, or a parameter is not its own or out of range.
    """
    return make_denoiser(chosen.method, given_parameters(chosen, methods))


def given_parameters(
    chosen: argparse.Namespace, methods: Mapping[str, type[AnyMethod]] = METHODS
) -> dict[str, Any]:
    """Return what the options say of a method's parameters, by name."""
    parts = (part for kind in methods.values() for part in declared_parameters(kind))
    said = vars(chosen)
    # Where the command has an option of that name for itself, see `add_method_options`.
    given = {part.name: said.get(f"method_{part.name}", said[part.name]) for part in parts}
    return {name: value for name, value in given.items() if value is not None}


def _help(parts: list[tuple[str, Parameter]]) -> str:
    """Say what a flag does, once for methods that agree."""
    agreeing: dict[str, list[str]] = {}
    for method, part in parts:
        agreeing.setdefault(_about(part), []).append(method)
    return " | ".join(f"{', '.join(methods)}: {text}" for text, methods in agreeing.items())


def _about(part: Parameter) -> str:
    """Help of a parameter, its range and its default."""
    if isinstance(part, SwitchParameter):
        return f"{part.text} (default: {part.default_text})"
    if isinstance(part, NumberParameter) and part.default is None and not part.chosen:
        return f"{part.text} ({_limits(part)})"
    return f"{part.text} ({part.range_text}; default: {part.default_text})"


def _limits(part: NumberParameter) -> str:
    return f"{part.range_text} {part.unit}".strip()


def _metavar(part: Parameter) -> str:
    if not isinstance(part, ChoiceParameter):
        return "N"
    return "NAME|FILE" if part.suffix else "NAME"


def add_results_option(parser: argparse.ArgumentParser) -> None:
    """Add whether results of this program are taken for raw images."""
    parser.add_argument(
        "--allow-results",
        action="store_true",
        help="take results of this program for raw images, too: they are denoised already",
    )


def add_work_options(parser: argparse.ArgumentParser) -> None:
    """Add where to compute and whether to overwrite."""
    group = parser.add_argument_group("work")
    group.add_argument("--device", choices=DEVICES, default="auto", help="where to compute")
    group.add_argument(
        "--tile",
        type=int,
        help="edge of a tile, px, rounded up to a multiple of 16 (default: chosen)",
    )
    group.add_argument("--overwrite", action="store_true", help="replace files that are there")
