"""A recipe as text that runs as it is: a line of Python, a line for the terminal."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from napari_photon_denoise.calibration import LENGTHS, QUANTITIES, Calibration
from napari_photon_denoise.camera.presets import PRESETS
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.readers import outer_path
from napari_photon_denoise.io.write import result_path
from napari_photon_denoise.parameters import declared_parameters
from napari_photon_denoise.recipe import CalibrationRecord, Recipe

IMAGE = "image.tif"  # stands for an image that is in no file


def as_python(recipe: Recipe) -> str:
    """Python that does again what a recipe says.

    Parameters
    ----------
    recipe : Recipe

    Returns
    -------
    str
        A few lines that leave the result in `clean`.

    Raises
    ------
    PhotonDenoiseError
        If the calibration has maps that are in no file.
    """
    camera = _python_camera(recipe.calibration)
    arguments = [
        repr(recipe.input or IMAGE),
        camera,
        _python_method(recipe),
    ]
    if recipe.axes is not None:
        arguments.append(f"axes={recipe.axes!r}")
    arguments.append(f"units={recipe.units!r}")
    if recipe.tile is not None:
        arguments.append(f"tile={recipe.tile}")
    lines = ["import napari_photon_denoise as npd", ""]
    if camera.startswith("replace("):
        lines = ["from dataclasses import replace", "", *lines]
    if recipe.input is None:
        lines.append(f"# The image was in no file: save it as {IMAGE} first.")
    lines += ["clean = npd.denoise(", *(f"    {part}," for part in arguments), ")"]
    return "\n".join(lines) + "\n"


def as_command_line(recipe: Recipe) -> str:
    """Write a command for the terminal that does again what a recipe says.

    Parameters
    ----------
    recipe : Recipe

    Raises
    ------
    PhotonDenoiseError
        If the calibration has maps that are in no file.
    """
    source = Path(recipe.input or IMAGE)
    folder = outer_path(source).parent
    target = recipe.output or str(result_path(folder, source, recipe.denoiser.method))
    words = ["photon-denoise", "denoise", str(source), "-o", target]
    words += ["--method", recipe.denoiser.method]
    for parameter in declared_parameters(type(recipe.denoiser)):
        words += parameter.words(getattr(recipe.denoiser, parameter.name))
    words += _command_camera(recipe.calibration)
    if recipe.axes is not None:
        words += ["--axes", recipe.axes]
    words += ["--units", recipe.units]
    if recipe.tile is not None:
        words += ["--tile", str(recipe.tile)]
    return shlex.join(words)


def _python_method(recipe: Recipe) -> str:
    denoiser = recipe.denoiser
    values = {
        parameter.name: getattr(denoiser, parameter.name)
        for parameter in declared_parameters(type(denoiser))
    }
    return f"npd.{type(denoiser).__name__}({_keywords(values)})"


def _python_camera(record: CalibrationRecord) -> str:
    name = _named(record)
    said = {key: record.facts[key] for key in (*LENGTHS, "mends_hot") if key in record.facts}
    if name is not None and said:
        return f"replace(npd.find_camera({name!r}), {_keywords(said)})"
    if name is not None:
        return repr(name)
    default = Calibration(gain=1, offset=0).facts()
    values = {
        key: tuple(value) if key == "roi" and value else value
        for key, value in record.facts.items()
        if key in QUANTITIES or value != default.get(key)
    }
    return f"npd.Calibration({_keywords(values)})"


def _command_camera(record: CalibrationRecord) -> list[str]:
    name = _named(record)
    lengths = [repr(record.facts.get(key, 0.0)) for key in LENGTHS]
    said = ["--noise-correlation", *lengths] if record.facts.keys() & set(LENGTHS) else []
    said += ["--mend-hot-pixels"] if record.facts.get("mends_hot") else []
    if name is not None:
        return ["--camera", name, *said]
    # One word each, since a negative number after a space looks like a flag.
    return [f"--{key.replace('_', '-')}={record.facts[key]!r}" for key in QUANTITIES] + said


def _named(record: CalibrationRecord) -> str | None:
    """File or preset that holds the very calibration; None if its numbers say it all.

    Raises
    ------
    PhotonDenoiseError
        For maps that are in no file.
    """
    if record.file is not None:
        return record.file
    if any(record.facts.get(key) == "map" for key in QUANTITIES):
        raise PhotonDenoiseError(
            "The camera's calibration has maps that are in no file: save the calibration first, "
            "so that the text can name its file."
        )
    for key, preset in PRESETS.items():
        if not preset.em and preset.calibration().digest == record.sha256:
            return key
    return None


def _keywords(values: dict[str, Any]) -> str:
    return ", ".join(f"{key}={value!r}" for key, value in values.items())
