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
    return ", ".join([denoiser.name, *_differing(denoiser)])


def result_name(denoiser: Method, extra: str = "") -> str:
    """Name what a method gives, as the layer of a result is called after it.

    Parameters
    ----------
    denoiser : Method
        As the user set it: one that is resolved differs from its defaults by what the image
        decided.
    extra : str
        What is given beside the denoised image, such as "standard deviation".

    Returns
    -------
    str
        Such as "NLM, strength 1.2", or "RESUNET"; own models go by their names.
    """
    label = denoiser.label
    parts = _differing(denoiser)
    if label != denoiser.name:  # it tells the model already
        parts = [part for part in parts if part != f"model {label}"]
    return ", ".join([f"{label} {extra}".strip(), *parts])


def _differing(denoiser: Method) -> list[str]:
    """Say each parameter that differs from its default, such as "sigma 2 px"."""
    return [
        f"{parameter.name.replace('_', ' ')} {_text(parameter, value)}"
        for parameter in declared_parameters(type(denoiser))
        if (value := getattr(denoiser, parameter.name)) != parameter.default
    ]


def _text(parameter: Parameter, value: Any) -> str:
    if isinstance(parameter, NumberParameter):
        # "epochs 3" says it once.
        return counted(value, parameter.unit if parameter.unit != parameter.name else "")
    if isinstance(parameter, ChoiceParameter):
        return value if value in parameter.options else Path(value).stem
    return "on" if value else "off"
