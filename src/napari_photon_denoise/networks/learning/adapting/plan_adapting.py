"""From a pretrained network and noisy images to the plan of its adapting."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import numpy as np

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import Job
from napari_photon_denoise.metrics.hints import shares_noise
from napari_photon_denoise.networks.committee import Committee
from napari_photon_denoise.networks.learning.adapting.judge import AdaptingJudge
from napari_photon_denoise.networks.learning.adapting.lesson import AdaptingLesson
from napari_photon_denoise.networks.learning.blind_spot import plan_blind
from napari_photon_denoise.networks.learning.blind_spot.patches import (
    ONE_IN,
    check_size,
    read_small_job,
)
from napari_photon_denoise.networks.learning.blind_spot.settings import BlindSettings
from napari_photon_denoise.networks.learning.plan import Plan
from napari_photon_denoise.networks.learning.training import Training
from napari_photon_denoise.networks.photon_network import PhotonNetwork
from napari_photon_denoise.networks.predict import Predictor
from napari_photon_denoise.networks.weights import Model
from napari_photon_denoise.photons import Photons

HELD_OUT_BATCHES = 16
LOOKED_AT = 3  # images, at most, in which shared noise is looked for
WARM_UP = 10  # steps


def plan_adapting_job(
    images: Sequence[Photons], model: Model, settings: BlindSettings
) -> Job[Plan]:
    """Read what fits into memory, and plan some steps from a model's weights on.

    Parameters
    ----------
    images : sequence of Photons
        Of one camera.
    model : Model
        Is changed: its network is the one that learns.
    settings : BlindSettings
        Of which length, rate, patches and seed count.

    Returns
    -------
    Plan
        Through the generator's return value.

    Raises
    ------
    PhotonDenoiseError
        If the model learnt from blind spots itself, neighbours share noise, or an image is too
        small or holds NaN.
    """
    network = model.network
    if isinstance(network, Committee):
        raise PhotonDenoiseError(
            f"The model {model.name} is CARE's, which is not adapted: choose a RESUNET to adapt."
        )
    if not isinstance(network, PhotonNetwork):
        raise PhotonDenoiseError(
            f"The model {model.name} has learnt from noisy images alone: let Noise2Void learn from "
            "these images, or choose a RESUNET to adapt."
        )
    check_size(images, settings.depth_axis, 2 if network.body.dimensions == 3 else 1)
    held = yield from read_small_job(images)
    camera = images[0].calibration
    around = (settings.depth_axis, network.body.halo_z or network.planes // 2)
    # Of whatever length: neighbours that the mask leaves would tell of the hidden pixel's noise.
    looked = Predictor(network, "cpu")
    if any(image.calibration.correlated for image in images) or any(
        shares_noise(image, looked, around) for image in held[:LOOKED_AT]
    ):
        raise PhotonDenoiseError(
            "Neighbouring pixels share noise, which adapting would learn as if it were structure: "
            "use RESUNET as it is, which can be told of shared noise, or Noise2Void with the blind "
            "spot line-x or disc."
        )
    blind_spot = plan_blind.make_blind_spot(settings, images[0])
    patches = plan_blind.make_patches(held, settings, network, turned=True)
    held_out = plan_blind.make_held_out(patches, blind_spot, HELD_OUT_BATCHES)
    before = copy.deepcopy(network).requires_grad_(requires_grad=False).eval()
    lesson = AdaptingLesson(patches, blind_spot, before, held_out)
    there = sum(int(np.prod(image.shape)) for image in images) // ONE_IN
    return Plan(
        model.architecture,
        network,
        lesson,
        Training(
            steps=settings.epochs * plan_blind.STEPS,
            learning_rate=settings.learning_rate,
            warm_up=WARM_UP,
            seed=settings.seed,
            validate_every=plan_blind.STEPS,
            patience=settings.patience,
        ),
        {
            "method": "adapted",
            "start": model.name,
            "noise": model.facts.get("noise"),
            "settings": settings.model_dump(),
            "camera": camera.describe(),
            "camera_sha256": camera.digest,
            "pixel_size": dict(images[0].pixel_size),
        },
        AdaptingJudge(network, lesson, there),
        seen=tuple(batch.target for batch in held_out),
    )
