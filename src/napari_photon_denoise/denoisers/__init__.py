"""The methods: one file each, and this list.

A denoiser is a frozen value that holds a method's parameters and nothing else. Its one
verb, `prepare`, is a job that returns a function ``(photons, read_noise) -> photons`` on
``(Z, Y, X)`` blocks. To add a method: write its file, import it here, add it to the union
of its kind.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, get_args

from pydantic import Field

from napari_photon_denoise.denoisers.adapted_resunet import AdaptedResunet
from napari_photon_denoise.denoisers.box import Box
from napari_photon_denoise.denoisers.clustered_dncnn import ClusteredDncnn
from napari_photon_denoise.denoisers.gaussian import Gaussian
from napari_photon_denoise.denoisers.improved_blind_spot import ImprovedBlindSpot
from napari_photon_denoise.denoisers.median import Median
from napari_photon_denoise.denoisers.noise2void import Noise2Void
from napari_photon_denoise.denoisers.nonlocal_means import NonlocalMeans
from napari_photon_denoise.denoisers.probabilistic_noise2void import ProbabilisticNoise2Void
from napari_photon_denoise.denoisers.resunet import Resunet
from napari_photon_denoise.errors import PhotonDenoiseError

AnyLearning = (
    Noise2Void | ProbabilisticNoise2Void | ImprovedBlindSpot | ClusteredDncnn | AdaptedResunet
)
AnyMethod = Resunet | AnyLearning | Gaussian | Box | Median | NonlocalMeans
Choice = Annotated[AnyMethod, Field(discriminator="method")]
METHODS: dict[str, type[AnyMethod]] = {
    kind.model_fields["method"].default: kind for kind in get_args(AnyMethod)
}
LEARNING: dict[str, type[AnyLearning]] = {
    kind.model_fields["method"].default: kind for kind in get_args(AnyLearning)
}

DEFAULT_METHOD = "resunet"  # of the command line, of Python and of the form
ALIASES = {"nlm": "non-local-means"}  # that users may say; recipes and files have the key

__all__ = [
    "ALIASES",
    "DEFAULT_METHOD",
    "LEARNING",
    "METHODS",
    "AdaptedResunet",
    "AnyLearning",
    "AnyMethod",
    "Box",
    "Choice",
    "ClusteredDncnn",
    "Gaussian",
    "ImprovedBlindSpot",
    "Median",
    "Noise2Void",
    "NonlocalMeans",
    "ProbabilisticNoise2Void",
    "Resunet",
    "make_denoiser",
    "spell_methods",
]


def make_denoiser(method: str, parameters: dict[str, Any] | None = None) -> AnyMethod:
    """Make a denoiser from its key, or its short name, and parameters.

    Raises
    ------
    PhotonDenoiseError
        If the method is unknown, or a parameter unknown or out of range.
    """
    key = ALIASES.get(method, method)
    if key not in METHODS:
        raise PhotonDenoiseError(
            f"There is no method '{method}'; the methods are {', '.join(METHODS)}."
        )
    return METHODS[key](**(parameters or {}))


def spell_methods(keys: Iterable[str] = METHODS) -> str:
    """List methods as they may be named, such as "gaussian, non-local-means (nlm)"."""
    short = {key: alias for alias, key in ALIASES.items()}
    return ", ".join(f"{key} ({short[key]})" if key in short else key for key in keys)
