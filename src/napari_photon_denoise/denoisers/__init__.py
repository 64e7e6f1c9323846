"""The methods: one file each, and this list.

A denoiser is a frozen value that holds a method's parameters and nothing else. Its one
verb, `prepare`, is a job that returns a function ``(photons, read_noise) -> photons`` on
``(Z, Y, X)`` blocks. To add a method: write its file, import it here, add it to the union.
"""

from __future__ import annotations

from typing import Annotated, Any, Protocol, get_args

from pydantic import Field

from napari_photon_denoise.denoisers.box import Box
from napari_photon_denoise.denoisers.gaussian import Gaussian
from napari_photon_denoise.denoisers.median import Median
from napari_photon_denoise.denoisers.nonlocal_means import NonlocalMeans
from napari_photon_denoise.denoisers.parameters import Method
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.pipeline import Filter, Job

AnyMethod = Gaussian | Box | Median | NonlocalMeans
Choice = Annotated[AnyMethod, Field(discriminator="method")]
METHODS: dict[str, type[AnyMethod]] = {
    kind.model_fields["method"].default: kind for kind in get_args(AnyMethod)
}

__all__ = [
    "METHODS",
    "AnyMethod",
    "Box",
    "Choice",
    "Denoiser",
    "Gaussian",
    "Median",
    "Method",
    "NonlocalMeans",
    "make_denoiser",
]


class Denoiser(Protocol):
    """What the pipeline asks of a method."""

    @property
    def method(self) -> str:
        """Its key, kebab-case."""

    @property
    def halo(self) -> tuple[int, int, int]:
        """How far a pixel sees in z, y and x, px; 0 in z means that planes are independent."""

    def prepare(self, photons: Photons, device: str) -> Job[Filter]:
        """Load, train or build what denoises; return ``(photons, read_noise) -> photons``.

        Parameters
        ----------
        photons : Photons
            The whole image, of which a method may read what it needs.
        device : {"auto", "cpu", "cuda", "mps"}

        Returns
        -------
        function of a ``(Z, Y, X)`` float32 block (e-) and its read noise (a number or
        ``(Y, X)``, e- rms), which returns float32 photons of the same shape
        """


def make_denoiser(method: str, parameters: dict[str, Any] | None = None) -> AnyMethod:
    """Make a denoiser from its key and parameters.

    Raises
    ------
    PhotonDenoiseError
        If the method is unknown, or a parameter unknown or out of range.
    """
    if method not in METHODS:
        raise PhotonDenoiseError(
            f"There is no method '{method}'; the methods are {', '.join(METHODS)}."
        )
    return METHODS[method](**(parameters or {}))
