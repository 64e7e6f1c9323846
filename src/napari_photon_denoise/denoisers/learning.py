"""What all methods share that learn from the noisy image itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from napari_photon_denoise.denoisers.parameters import Method, choice, parameter
from napari_photon_denoise.errors import DeviceError, PhotonDenoiseError
from napari_photon_denoise.networks.blind_spot.extents import EXTENTS
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.pipeline import Filter, Job, Prepared, Progress
from napari_photon_denoise.tiles import DepthAxis

if TYPE_CHECKING:
    from napari_photon_denoise.networks.blind_spot.settings import BlindSettings

AUTO = "auto"
NEIGHBOURS = 5  # planes that a network in 2.5-D sees


class Learning(Method):
    """Base of the methods that learn from the noisy image: how long, and from what."""

    learns: ClassVar[bool] = True
    blind_spot: str = choice(
        "pixel", "What the network may not see, so that it can't learn the noise.", options=EXTENTS
    )
    dimensions: str = choice(
        AUTO,
        "How many planes are looked at together.",
        options={
            AUTO: "2.5-D where there are neighbours, else 2-D.",
            "2-D": "Each plane by itself.",
            "2.5-D": f"{NEIGHBOURS} neighbouring planes or frames for each plane.",
            "3-D": "Convolutions across planes: several times slower.",
        },
    )
    neighbours: str = choice(
        AUTO,
        "Which planes are neighbours; all others are examples to learn from.",
        options={
            AUTO: "Planes if there are any, else frames.",
            "z": "Planes above and below.",
            "t": "Frames before and after.",
        },
    )
    epochs: int = parameter(
        20, "How long it learns at most; an epoch is 50 steps.", unit="epochs", ge=1, le=10_000
    )
    patience: int = parameter(
        5,
        "It stops when the held-out score has not improved for so long; 0 never stops.",
        unit="epochs",
        ge=0,
        le=1000,
    )
    patch: int = parameter(
        64, "Edge of the patches it learns from.", unit="px", ge=16, le=512, step=16
    )
    batch: int = parameter(16, "Patches a step.", unit="", ge=1, le=256)
    learning_rate: float = parameter(
        2e-3, "Step size of the optimiser, at its highest.", unit="", ge=1e-6, le=0.1, step=1e-3
    )
    seed: int = parameter(0, "Same seed, same result.", unit="", ge=0, le=2**31 - 1)

    @property
    def depth_axis(self) -> DepthAxis:
        """The axis across which planes are neighbours."""
        return "T" if self.neighbours == "t" else "Z"

    @property
    def halo(self) -> tuple[int, int, int]:
        """How far a pixel sees in z, y and x, px."""
        from napari_photon_denoise.networks.blind_spot.plan import make_architecture
        from napari_photon_denoise.networks.predict import needed_halo

        return needed_halo(make_architecture(self.settings()).build())

    def settings(self) -> BlindSettings:
        """Return what the training is told; of a method that is resolved."""
        raise NotImplementedError

    def resolved(self, photons: Photons) -> Self:
        """Return this method with every "auto" decided for an image.

        Raises
        ------
        PhotonDenoiseError
            If the image has no planes where some are wanted.
        """
        sizes = photons.sizes
        neighbours = self.neighbours
        if neighbours == AUTO:
            neighbours = "z" if sizes.get("Z", 1) > 1 or sizes.get("T", 1) == 1 else "t"
        count = sizes.get(neighbours.upper(), 1)
        dimensions = self.dimensions
        if dimensions == AUTO:
            dimensions = "2.5-D" if count > 1 else "2-D"
        if dimensions != "2-D" and count == 1:
            raise PhotonDenoiseError(
                f"The image has one plane along {neighbours}: choose the dimensions 2-D, or name "
                "the axes if it is a stack."
            )
        return self.model_copy(update={"neighbours": neighbours, "dimensions": dimensions})

    def prepare(self, photons: Photons, device: str) -> Job[Filter]:
        """Learn from the image."""
        yield Progress("Getting ready to learn", 0, 1)
        chosen = self.resolved(photons)
        load_torch(self.title)
        from napari_photon_denoise.networks.blind_spot.plan import plan_blind_job
        from napari_photon_denoise.networks.predict import Predictor

        plan = yield from plan_blind_job([photons], chosen.settings())
        curve = yield from plan.trainer(None, device).job()
        predictor = Predictor(plan.network, device)
        return Prepared(
            predictor,
            tuple(self.notes(curve.held_out)),
            plan.network.results,
            predictor.all_results if plan.network.results else None,
        )

    def notes(self, scores: list[float]) -> list[str]:
        """Say what the user should know of a training, a sentence each."""
        best = scores.index(min(scores)) + 1 if scores else 0
        if self.patience and best < len(scores):
            return []
        return [
            f"The held-out score was still getting better after {len(scores)} epochs: give it more "
            "epochs for a better result."
        ]


def load_torch(title: str) -> None:
    """Import torch, or say what is missing.

    Raises
    ------
    DeviceError
        If PyTorch is not there, or its libraries can't be loaded.
    """
    from napari_photon_denoise.networks.early import load_libraries

    try:
        load_libraries()
        import safetensors  # noqa: F401
        import torch  # noqa: F401
    except (ImportError, OSError) as error:
        raise DeviceError(
            f"{title} needs PyTorch, which can't be loaded ({error}): install torch and "
            "safetensors (see pytorch.org), or choose another method, such as non-local means."
        ) from error
