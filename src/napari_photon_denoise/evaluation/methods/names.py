"""What a method with its parameters is called, so that two of a kind can be told apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from napari_photon_denoise.denoiser import Method
from napari_photon_denoise.parameter_kinds import ChoiceParameter, NumberParameter, Parameter
from napari_photon_denoise.parameters import declared_parameters
from napari_photon_denoise.words import counted


def name_of(denoiser: Method) -> str:
    """Name a method, and those of its parameters that differ from their defaults.

    Parameters
    ----------
    denoiser : Method

    Returns
    -------
    str
        Such as "Gaussian", or "Gaussian, sigma 2 px".
    """
    parts = [denoiser.name]
    for parameter in declared_parameters(type(denoiser)):
        value = getattr(denoiser, parameter.name)
        if value != parameter.default:
            parts.append(f"{parameter.name.replace('_', ' ')} {_text(parameter, value)}")
    return ", ".join(parts)


def _text(parameter: Parameter, value: Any) -> str:
    if isinstance(parameter, NumberParameter):
        return counted(value, parameter.unit)
    if isinstance(parameter, ChoiceParameter):
        return value if value in parameter.options else Path(value).stem
    return "on" if value else "off"
