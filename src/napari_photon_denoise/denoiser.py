"""What a method is: the contract that the pipeline and every face hold it to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, Self, TypeAlias

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.job import Job
from napari_photon_denoise.parameters import Declared
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.tiles import (
    DepthAxis,
)

Group = Literal["classical", "pretrained", "self-supervised"]
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
    method : Method, optional
        With everything decided, where more was decided than `Denoiser.resolved` does.
    """

    function: Filter
    notes: tuple[str, ...]
    extras: tuple[str, ...] = ()
    all_results: Filter | None = None
    method: Method | None = None

    def __call__(self, block: Float32, read_noise: float | Float32) -> Float32:
        """Denoise a block."""
        return self.function(block, read_noise)

    @classmethod
    def of(cls, function: Filter) -> Prepared:
        """Return a filter as one that has nothing to say, unless it is prepared already."""
        return function if isinstance(function, cls) else cls(function, ())

    @property
    def results(self) -> Filter:
        """Returns all results of a block, or the denoised block where there are no others."""
        return self.all_results or self.function


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

    def ready_job(self, photons: Photons, device: str) -> Job[Filter]:
        """Do as `prepare` without looking at the image, in each of several processes.

        Of a method that has learnt.
        """


class Method(Declared):
    """Base of every method: its parameters, and what it is.

    Attributes
    ----------
    title : str
        In the list of methods.
    group : {"classical", "pretrained", "self-supervised"}
        What it knows before it sees the image.
    """

    title: ClassVar[str]
    group: ClassVar[Group] = "classical"

    @property
    def name(self) -> str:
        """Its title without what stands in brackets, such as "RESUNET"."""
        return self.title.partition(" (")[0]

    @property
    def label(self) -> str:
        """What a result of it is called: its name, or that of the user's own model."""
        return self.name

    @property
    def learns(self) -> bool:
        """Whether it takes minutes to learn from each image that it is given."""
        return self.group == "self-supervised"

    @property
    def previews(self) -> bool:
        """Whether it is fast enough to show what it does while its parameters are changed."""
        return not self.learns

    @property
    def is_told_lengths(self) -> bool:
        """Whether it makes use of how far neighbours share noise, as the calibration says."""
        return False

    @property
    def tells_noise(self) -> bool:
        """Whether what it takes out of an image, told how strong noise is, tells that again."""
        return False

    @property
    def card(self) -> str:
        """Name of the model whose card tells of it, once it is resolved; empty without one."""
        return ""

    @property
    def extras(self) -> tuple[str, ...]:
        """What a result has beside the denoised image, such as "standard deviation"."""
        return ()

    @property
    def depth_axis(self) -> DepthAxis:
        """The axis whose planes are a block's depth, for methods that look across planes."""
        return "Z"

    def resolved(self, photons: Photons) -> Self:
        """Return the method with everything decided that it leaves to the image.

        A recipe holds this one.
        """
        return self

    if TYPE_CHECKING:  # each has its own; here it is for those that are only described

        def prepare(self, photons: Photons, device: str) -> Job[Filter]:
            """Load, train or build what denoises, as `Denoiser.prepare`."""

    def ready_job(self, photons: Photons, device: str) -> Job[Filter]:
        """Do as `prepare` without looking at the image, as `Denoiser.ready_job`."""
        return self.prepare(photons, device)

    def on(self, device: str) -> Self:
        """Return the method with everything decided that it leaves to the device.

        The recipe of what was done holds this one, so that another computer repeats it.

        Parameters
        ----------
        device : {"auto", "cpu", "cuda", "mps"}
        """
        return self
