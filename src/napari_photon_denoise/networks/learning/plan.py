"""A training from its plan to a model: score, train, score again, and note how it was made."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.models import digest, find_model
from napari_photon_denoise.networks.architecture import Architecture, Network
from napari_photon_denoise.networks.batch import Batch
from napari_photon_denoise.networks.device import choose_device
from napari_photon_denoise.networks.learning.checkpoint import Curve
from napari_photon_denoise.networks.learning.objective import Objective
from napari_photon_denoise.networks.learning.scores import psnr
from napari_photon_denoise.networks.learning.training import Source, Supervised, Trainer, Training
from napari_photon_denoise.networks.learning.warm_start import grow
from napari_photon_denoise.networks.learning.work import Work, now
from napari_photon_denoise.networks.weights import load_model

COPIES = 5  # of the weights in a checkpoint and the model: weights, average, moments


@dataclass(frozen=True, eq=False)
class Plan:
    """All that a training needs.

    Parameters
    ----------
    architecture : Architecture
    network : PhotonNetwork or BlindNetwork
        Of that architecture; is trained in place.
    source : function of a random generator
        Returns the next batch.
    held_out : sequence of Batch
    objective : Objective
    training : Training
    facts : dict
        What is noted in the model beside all that: "content", "noise", "start" and the like.
    notes : tuple of str
        What the user should know before it starts, a sentence each.
    """

    architecture: Architecture
    network: Network
    source: Source
    held_out: Sequence[Batch]
    objective: Objective
    training: Training
    facts: dict[str, Any]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Trained:
    """A finished training.

    Parameters
    ----------
    network : PhotonNetwork or BlindNetwork
    architecture : Architecture
    facts : dict
        What is noted in the model.
    noisy, start, trained : float, dB
        PSNR of held-out patches: as they are, denoised by the network before it was trained,
        and after.
    curve : Curve
    """

    network: Network
    architecture: Architecture
    facts: dict[str, Any]
    noisy: float
    start: float
    trained: float
    curve: Curve

    @property
    def is_worse(self) -> bool:
        """True if training helped neither the images nor the weights that it started from."""
        return self.trained < max(self.noisy, self.start)


def train_plan_job(plan: Plan, work: Work, device: str = "auto") -> Job[Trained]:
    """Carry out a plan; closed before its end, it goes on from there the next time.

    Parameters
    ----------
    plan : Plan
    work : Work
        Where the checkpoint is kept.
    device : {"auto", "cpu", "cuda", "mps"}

    Returns
    -------
    Trained
        Through the generator's return value.

    Raises
    ------
    PhotonDenoiseError
        If the folder holds another training, or this one diverges.
    """
    chosen = choose_device(device)
    said = {
        "architecture": plan.architecture.model_dump(mode="json"),
        "objective": asdict(plan.objective),
        "training": asdict(plan.training),
        **plan.facts,
    }
    started = work.begin(said)
    yield Progress("Scoring held-out patches", 0, plan.training.steps)
    network = plan.network.to(chosen)
    noisy = psnr(None, plan.held_out, chosen)
    start = psnr(network, plan.held_out, chosen)
    lesson = Supervised(plan.source, plan.held_out, plan.objective)
    trainer = Trainer(network, lesson, plan.training, checkpoint=work.checkpoint, device=chosen)
    curve = yield from trainer.job()
    trained = psnr(network, plan.held_out, chosen)
    facts = {
        **said,
        "seed": plan.training.seed,
        "started": started,
        "finished": now(),
        "device": chosen,
        "versions": {"torch": torch.__version__, "napari-photon-denoise": program_version()},
        "held_out": {
            "patches": sum(len(batch.photons) for batch in plan.held_out),
            "psnr_noisy": noisy,
            "psnr_start": start,
            "psnr_trained": trained,
        },
        "curve": vars(curve),
    }
    # As a reader of the file will see it: tuples are lists there.
    facts = json.loads(json.dumps(facts))
    return Trained(network.cpu(), plan.architecture, facts, noisy, start, trained, curve)


def build(
    architecture: Architecture, start: str | Path | None, seed: int
) -> tuple[Network, dict[str, str] | None]:
    """Build a network and give it the weights to start from.

    Parameters
    ----------
    architecture : Architecture
    start : str or path, optional
        A shipped model or a file; None for random weights.
    seed : int
        Of the random weights.

    Returns
    -------
    PhotonNetwork or BlindNetwork
    dict or None
        Name and SHA-256 of the weights that it starts from.

    Raises
    ------
    PhotonDenoiseError
        If there is no such model, or it does not fit.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = architecture.build()
    if start is None:
        return network, None
    grow(network, load_model(start).network)
    path = find_model(start)
    return network, {"model": path.stem, "sha256": digest(path)}


def bytes_needed(architecture: Architecture) -> int:
    """Bytes on disk that checkpoint and model take."""
    weights = sum(weight.numel() for weight in architecture.build().parameters())
    return COPIES * 4 * weights + 2**20


def program_version() -> str:
    """Return the version of this program."""
    try:
        return version("napari-photon-denoise")
    except PackageNotFoundError:
        return "unknown"
