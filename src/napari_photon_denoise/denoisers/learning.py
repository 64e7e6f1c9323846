"""What all methods share that learn from the noisy image itself."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Self

from napari_photon_denoise.denoiser import Filter, Group, Prepared
from napari_photon_denoise.denoisers.neighbours import depth_axis, neighbours
from napari_photon_denoise.denoisers.networked import Networked, load_torch
from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.networks.learning import pace
from napari_photon_denoise.networks.learning.blind_spot.settings import BlindSettings
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.tiles import DepthAxis

if TYPE_CHECKING:
    from napari_photon_denoise.networks.learning.folder import TrainingFolder
    from napari_photon_denoise.networks.learning.learner import Learned
    from napari_photon_denoise.networks.learning.plan import Plan

STILL = 0.99  # of the best score before: what counts as still getting better


class Learning(Networked):
    """Base of the methods that learn from the noisy image: how long, and from what."""

    group: ClassVar[Group] = "self-supervised"
    neighbours: str = neighbours(
        "Which planes are neighbours; all others are examples to learn from."
    )
    epochs: int = pace.epochs(20)
    patience: int = pace.patience(5)
    patch: int = pace.patch(64)
    batch: int = pace.batch(16)
    learning_rate: float = pace.learning_rate(2e-3)
    seed: int = pace.seed()

    @property
    def depth_axis(self) -> DepthAxis:
        """The axis across which planes are neighbours."""
        return depth_axis(self.neighbours)

    def settings(self) -> BlindSettings:
        """Return what the training is told; of a method that is resolved."""
        return BlindSettings(
            depth_axis=self.depth_axis,
            epochs=self.epochs,
            patience=self.patience,
            learning_rate=self.learning_rate,
            batch=self.batch,
            patch=self.patch,
            seed=self.seed,
        )

    def prepare(self, photons: Photons, device: str) -> Job[Filter]:
        """Learn from the image."""
        chosen, learned = yield from self.learn_job(photons, device)
        from napari_photon_denoise.networks.folding import folded
        from napari_photon_denoise.networks.predict import Predictor

        network, camera = folded(learned.network.eval()), photons.calibration
        lengths = (camera.length_y, camera.length_x)
        predictor = Predictor(network, device, lengths, precision=chosen.precision or None)
        notes = yield from chosen.look_back_job(photons, learned, predictor)
        extras = network.results
        return Prepared(
            predictor,
            notes,
            extras,
            predictor.all_results if extras else None,
            chosen,
        )

    def learn_job(
        self, photons: Photons, device: str, folder: TrainingFolder | None = None
    ) -> Job[tuple[Self, Learned]]:
        """Learn from the image, or go on where that was broken off.

        Parameters
        ----------
        photons : Photons
        device : {"auto", "cpu", "cuda", "mps"}
        folder : TrainingFolder, optional
            Where the checkpoint is kept; None keeps none.

        Returns
        -------
        this method with everything decided, and what was learnt
        """
        yield Progress("Getting ready to learn", 0, 1)
        load_torch(self.title)
        from napari_photon_denoise.networks.device import choose_device
        from napari_photon_denoise.networks.learning.learner import Learner

        device = choose_device(device)  # before an image is read for one that is not there
        chosen = self.resolved(photons).with_precision(device)
        plan = yield from chosen.plan_job([photons])
        learner = Learner(plan, folder, device=device, precision=chosen.precision or None)
        return chosen, (yield from learner.job())

    def look_back_job(
        self, photons: Photons, learned: Learned, predictor: Filter
    ) -> Job[tuple[str, ...]]:
        """Look at what was learnt, and say what the user should know of it, a sentence each."""
        yield Progress("Looking at the result", 0, 1)
        from napari_photon_denoise.metrics.learning_hints import look_back
        from napari_photon_denoise.networks.predict import needed_halo

        around = (self.depth_axis, needed_halo(learned.network)[0])
        scores = learned.curve.held_out
        return (*self.notes(scores), *learned.notes, *look_back(photons, predictor, around))

    @property
    @abstractmethod
    def halo(self) -> tuple[int, int, int]:
        """How far a pixel sees in z, y and x, px; before it is resolved, at most."""

    @property
    @abstractmethod
    def extras(self) -> tuple[str, ...]:
        """What a result has beside the denoised image."""

    @abstractmethod
    def plan_job(self, images: Sequence[Photons]) -> Job[Plan]:
        """Read what fits into memory, and plan the training; of a method that is resolved.

        Raises
        ------
        PhotonDenoiseError
            If the images can't be learnt from, or PyTorch is too old.
        """

    def notes(self, scores: list[float]) -> list[str]:
        """Say what the user should know of a training, a sentence each."""
        late = max(1, len(scores) // 4)
        before = scores[:-late]
        if not before or min(scores[-late:]) > STILL * min(before):
            return []
        return [
            f"The held-out score still got better in the last of the {len(scores)} epochs: give "
            "it more epochs for a better result."
        ]
