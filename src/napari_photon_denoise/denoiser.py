"""What a method is: the contract that the pipeline and every face hold it to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Protocol, Self, TypeAlias

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.job import Job
from napari_photon_denoise.parameters import Declared
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.tiles import (
    DepthAxis,
)

Filter: TypeAlias = Callable[[Float32, "float | Float32"], Float32]


@dataclass(frozen=True)
class Prepared:
    """A filter that has something to say about the image, or gives more than one result.

    Parameters
    ----------
    function : Filter
    notes : tuple of str
        What the user should know, a sentence each.
    extras : tuple of str
        What there is beside the denoised image, such as "standard deviation".
    all_results : Filter, optional
        Returns ``(1 + extras, Z, Y, X)``: the denoised block, then the extras.
    """

    function: Filter
    notes: tuple[str, ...]
    extras: tuple[str, ...] = ()
    all_results: Filter | None = None

    def __call__(self, block: Float32, read_noise: float | Float32) -> Float32:
        """Denoise a block."""
        return self.function(block, read_noise)


class Denoiser(Protocol):
    """What the pipeline asks of a method."""

    @property
    def method(self) -> str:
        """Its key, kebab-case."""

    @property
    def halo(self) -> tuple[int, int, int]:
        """How far a pixel sees in z, y and x, px; 0 in z means that planes are independent.

        A method that pools states multiples of `tiles.STEP`: every block that it is given then
        begins at such a multiple, wherever tiles are cut.
        """

    @property
    def depth_axis(self) -> DepthAxis:
        """The axis whose planes are a block's depth, for methods that look across planes."""

    def resolved(self, photons: Photons) -> Denoiser:
        """Return the method with everything decided that it leaves to the image."""

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


class Method(Declared):
    """Base of every method: its parameters, and what it is."""

    title: ClassVar[str]

    @property
    def depth_axis(self) -> DepthAxis:
        """The axis whose planes are a block's depth, for methods that look across planes."""
        return "Z"

    def resolved(self, photons: Photons) -> Self:
        """Return the method with everything decided that it leaves to the image.

        A recipe holds this one.
        """
        return self
