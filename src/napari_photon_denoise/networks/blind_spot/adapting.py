"""Adapting a pretrained network to images, and keeping what came of it only if it is better."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.networks.architecture import Network
from napari_photon_denoise.networks.blind_spot import plan
from napari_photon_denoise.networks.blind_spot.adapt import JUDGED, Sorted, ThinningLesson, sort
from napari_photon_denoise.networks.blind_spot.learning_plan import LearningPlan
from napari_photon_denoise.networks.blind_spot.patches import (
    NoisyPatches,
    check_size,
    read_small_job,
)
from napari_photon_denoise.networks.blind_spot.settings import BlindSettings
from napari_photon_denoise.networks.training import Training
from napari_photon_denoise.networks.weights import Model
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.pipeline import Job

MULTIPLE = 16  # px; of patches
HELD_OUT_BATCHES, HELD_OUT_SEED = 8, 10**6
SURE = 2.0  # standard errors by which the held-out error must be smaller


def plan_adapting_job(
    images: Sequence[Photons], model: Model, settings: BlindSettings
) -> Job[LearningPlan]:
    """Read what fits into memory, and plan some steps from a model's weights on.

    Parameters
    ----------
    images : sequence of Photons
    model : Model
        Is changed: its network is the one that learns.
    settings : BlindSettings
        Of which length, rate, patches and seed count.

    Returns
    -------
    LearningPlan
        Through the generator's return value.

    Raises
    ------
    PhotonDenoiseError
        If neighbours share noise, or an image is too small or holds NaN.
    """
    if any(image.calibration.correlated for image in images):
        raise PhotonDenoiseError(
            "Neighbouring pixels share noise, which adapting would learn as if it were structure: "
            "use RESUNET as it is, or Noise2Void with the blind spot 'measured'."
        )
    check_size(images, settings.depth_axis, 1)
    held = yield from read_small_job(images)
    patches = _patches(held, model.network, settings)
    lesson = ThinningLesson(patches, _held_out(patches))
    steps = settings.epochs * plan.STEPS
    return LearningPlan(
        model.architecture,
        model.network,
        lesson,
        Training(
            steps=steps,
            learning_rate=settings.learning_rate,
            warm_up=max(1, plan.STEPS // 5),
            seed=settings.seed,
            validate_every=plan.STEPS,
            patience=settings.patience,
        ),
        {
            "method": "adapted",
            "start": model.name,
            "noise": model.facts.get("noise"),
            "settings": asdict(settings),
            "camera": images[0].calibration.describe(),
            "camera_sha256": images[0].calibration.digest,
            "pixel_size": dict(images[0].pixel_size),
        },
        tuple(batch.photons for batch in lesson.held_out),
        Judge(copy.deepcopy(model.network), model.network, lesson),
    )


@dataclass(frozen=True, eq=False)
class Judge:
    """Keeps the adapted network only if it is surely better.

    Parameters
    ----------
    before, after : Network
        As it was shipped, and the one that learns.
    lesson : ThinningLesson
        Whose held-out pixels decide.
    """

    before: Network
    after: Network
    lesson: ThinningLesson

    def __call__(self, device: str) -> tuple[str, ...]:
        """Compare the two by the same photons; give back the old weights if they are as good."""
        self.before.to(device).eval()
        errors = [
            self.lesson.errors(network, device, "float32").numpy().astype(np.float64)
            for network in (self.before, self.after)
        ]
        apart = errors[0] - errors[1]
        unit = 100 / float(errors[0].mean())
        gain, error = unit * float(apart.mean()), unit * float(apart.std() / np.sqrt(apart.size))
        if gain > SURE * error:
            return (
                f"Adapting made the held-out error {gain:.2f} ± {error:.2f} % smaller, so the "
                "adapted network was used.",
            )
        self.after.load_state_dict(self.before.state_dict())
        return (
            f"Adapting changed the held-out error by {-gain:+.2f} ± {error:.2f} %, not surely for "
            "the better, so the network was used as it was.",
        )


def _patches(images: Sequence[Photons], network: Network, settings: BlindSettings) -> NoisyPatches:
    thinnest = min(min(image.sizes["Y"], image.sizes["X"]) for image in images)
    return NoisyPatches(
        images,
        settings.depth_axis,
        settings.batch,
        min(settings.patch, thinnest) // MULTIPLE * MULTIPLE,
        network.planes,
        turned=all(
            image.pixel_size.get("Y", 1.0) == image.pixel_size.get("X", 1.0) for image in images
        ),
    )


def _held_out(patches: NoisyPatches) -> tuple[Sorted, ...]:
    """Cut fixed patches and sort their photons once and for all."""
    rngs = (np.random.default_rng(HELD_OUT_SEED + number) for number in range(HELD_OUT_BATCHES))
    return tuple(sort(patches(rng), rng, (JUDGED, JUDGED), held_out=True) for rng in rngs)
