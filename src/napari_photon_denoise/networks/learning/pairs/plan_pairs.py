"""From a user's pairs to a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import lcm
from typing import Any

import numpy as np

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import Job
from napari_photon_denoise.networks.architecture import Architecture, Network
from napari_photon_denoise.networks.committee import Committee
from napari_photon_denoise.networks.learning.cluster_centres import BATCHES, find_centres
from napari_photon_denoise.networks.learning.laplace import LaplaceObjective
from napari_photon_denoise.networks.learning.lesson import held_out_rngs
from napari_photon_denoise.networks.learning.losses import Loss
from napari_photon_denoise.networks.learning.objective import Objective
from napari_photon_denoise.networks.learning.pairs.images import Pair, in_memory
from napari_photon_denoise.networks.learning.pairs.patches import PairPatches
from napari_photon_denoise.networks.learning.pairs.percentiles import percentiles_job
from napari_photon_denoise.networks.learning.pairs.plan_care import EPOCH, PLATEAU, plan_care
from napari_photon_denoise.networks.learning.pairs.regions import split
from napari_photon_denoise.networks.learning.pairs.settings import PairSettings
from napari_photon_denoise.networks.learning.pairs.survey import Survey, survey_job
from napari_photon_denoise.networks.learning.plan import Plan, build
from napari_photon_denoise.networks.learning.supervised import Supervised, plan_supervised
from napari_photon_denoise.networks.learning.training import Training
from napari_photon_denoise.networks.photon_network import FAR_POOL
from napari_photon_denoise.words import counted

HELD_OUT_BATCHES = 4
EPSILON = 1e-2  # e-, floor of the Poisson losses
POISSON_SHARE = 0.5  # beside the squared error, in "mixed"


def plan_pairs_job(
    pairs: Sequence[Pair], settings: PairSettings, facts: dict[str, Any]
) -> Job[Plan]:
    """Look at the pairs, keep some aside, and plan the training.

    Parameters
    ----------
    pairs : sequence of Pair
    settings : PairSettings
    facts : dict
        What else is noted in the model, such as the files.

    Returns
    -------
    Plan
        Through the generator's return value.

    Raises
    ------
    PhotonDenoiseError
        If pairs, patch and network do not fit together.
    """
    network, begun = build(architecture(settings), settings.start, settings.seed)
    _check_patch(settings.edge, network)
    training, aside = split(pairs, settings.edge, settings.seed)
    depth = _depth(pairs, settings)
    notes = [_about_depth(depth)] if 0 < depth < settings.depth else []
    survey = yield from survey_job(pairs, settings.edge)
    ratio = settings.exposure_ratio or survey.ratio
    notes += _about_light(survey, settings)
    kept = in_memory(pairs)
    by_percentiles = settings.normalisation == "percentiles"
    percentiles = (yield from percentiles_job(kept)) if by_percentiles else None
    source = PairPatches(
        kept,
        training,
        survey,
        ratio,
        positive=settings.loss in ("symmetric-kl", "poisson-deviance")
        and not settings.clean_is_noisy,
        batch=settings.patches * settings.networks,
        patch=settings.edge,
        planes=settings.planes,
        depth=depth,
        percentiles=percentiles,
    )
    if begun is None:  # else they come with the weights
        seen = (source(rng) for rng in held_out_rngs(BATCHES))
        find_centres(network, ((one.photons, one.read_noise) for one in seen), settings.seed)
    others = replace(source, regions=aside, batch=settings.patches)
    held_out = [others(rng) for rng in held_out_rngs(HELD_OUT_BATCHES)]
    plan = plan_supervised(
        architecture(settings),
        network,
        Supervised(source, held_out, objective(settings)),
        training_of(settings),
        {
            "settings": settings.model_dump(mode="json"),
            "noise": _noise(pairs, survey),
            "exposure_ratio": ratio,
            "start": begun,
            **facts,
        },
        notes,
    )
    return plan_care(plan, source, aside) if isinstance(network, Committee) else plan


def training_of(settings: PairSettings) -> Training:
    """Return how long and how fast the settings train."""
    usual = Training(
        steps=settings.steps,
        learning_rate=settings.rate,
        warm_up=max(1, min(200, settings.steps // 10)),
        seed=settings.seed,
        validate_every=max(1, min(500, settings.steps // 10)),
    )
    if settings.normalisation == "photons":
        return usual
    # As CARE was published; it takes twice the steps and more to where Muon comes.
    epoch = max(1, min(EPOCH, settings.steps // 100))
    return replace(usual, decay=0.0, validate_every=epoch, optimiser="adam", plateau=PLATEAU)


def architecture(settings: PairSettings) -> Architecture:
    """Return the network that the settings describe."""
    return Architecture(
        body=settings.method,
        dimensions=3 if settings.dimensions == 3 else 2,
        planes=settings.planes,
        widths=settings.channels,
        clusters=settings.clusters,
        form="percentiles" if settings.normalisation == "percentiles" else "stabilised",
        uncertainty=settings.states_laplace,
        members=settings.networks,
    )


def objective(settings: PairSettings) -> Objective | LaplaceObjective:
    """Return what the settings minimise: unbiased by noise in the targets, where there is some."""
    if settings.states_laplace:
        return LaplaceObjective()
    # The likelihood differs from the deviance by what the target alone decides, and bears
    # negative targets; it may itself be negative, and has no logarithm.
    noisy = settings.clean_is_noisy
    poisson = Loss("poisson-nll" if noisy else "poisson-deviance", EPSILON)
    if settings.minimised == "mixed":
        losses: tuple[tuple[Loss, float], ...] = ((Loss("mse"), 1.0), (poisson, POISSON_SHARE))
    elif settings.minimised == "poisson-deviance":
        losses = ((poisson, 1.0),)
    else:
        losses = ((Loss(settings.minimised, EPSILON), 1.0),)
    return Objective(losses, decibels=not noisy and settings.minimised != "symmetric-kl")


def _check_patch(patch: int, network: Network) -> None:
    multiple = lcm(int(network.body.multiple), FAR_POOL)
    if patch % multiple:
        raise PhotonDenoiseError(
            f"The patch must be a multiple of {multiple} px for this network, not {patch}: choose "
            f"{max(1, round(patch / multiple)) * multiple} px."
        )


def _depth(pairs: Sequence[Pair], settings: PairSettings) -> int:
    """Planes of a 3-D patch, as many as all pairs have; 0 for 2-D."""
    shallowest = min(pairs, key=lambda pair: pair.depth)
    if shallowest.depth == 1 and (settings.dimensions == 3 or settings.planes > 1):
        raise PhotonDenoiseError(
            f"{shallowest.name} is a single plane: give stacks, or train with dimensions 2 and "
            "planes 1."
        )
    return min(settings.depth, shallowest.depth) if settings.dimensions == 3 else 0


def _about_depth(depth: int) -> str:
    return f"The shallowest stack has {counted(depth, 'planes')}, so patches have as many."


def _about_light(survey: Survey, settings: PairSettings) -> list[str]:
    if settings.exposure_ratio is None:
        return [
            f"The clean images are multiplied by {survey.ratio:.4g}, the exposure ratio estimated "
            "from the light of both; give the exposure ratio if you know it.",
            *survey.notes,
        ]
    if not 0.8 < settings.exposure_ratio / survey.ratio < 1.25:
        return [
            f"The exposure ratio is given as {settings.exposure_ratio:.4g}, but the light of the "
            f"images says {survey.ratio:.4g}: check it, and the camera's offset.",
            *survey.notes,
        ]
    return list(survey.notes)


def _noise(pairs: Sequence[Pair], survey: Survey) -> dict[str, Any]:
    """Ranges that were seen, named as in `degrade.Noise`: outside of them a model is untested."""
    cameras = [pair.noisy.calibration for pair in pairs]
    most = max(float(np.median(np.asarray(camera.read_noise))) for camera in cameras)
    longest = max(max(camera.length_y, camera.length_x) for camera in cameras)
    return {
        "photons": survey.photons,
        "additive_read_noise": (0.0, most),
        "lengths": (0.0, longest),
    }
