"""Train the networks one after the other, each on the very same batches."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from benchmarks.study.content import scenes
from benchmarks.study.nets import NETS, SLUGS, WIDTHS, Net

from napari_photon_denoise.cli.console import run_with_bar
from napari_photon_denoise.job import Job
from napari_photon_denoise.models import describe
from napari_photon_denoise.networks.learning.degrade import Noise
from napari_photon_denoise.networks.learning.folder import TrainingFolder
from napari_photon_denoise.networks.learning.learner import Learned, Learner
from napari_photon_denoise.networks.learning.lesson import held_out_rngs
from napari_photon_denoise.networks.learning.plan import Plan, build
from napari_photon_denoise.networks.learning.recipes.patches import LibraryPatches
from napari_photon_denoise.networks.learning.supervised import Supervised, plan_supervised
from napari_photon_denoise.networks.learning.training import Training
from napari_photon_denoise.networks.weights import save_model

# What the study's images have: white noise of scientific CMOS and photon-counting cameras.
NOISE = Noise(
    photons=(0.2, 400), additive=0, maps=0.4, excess=0, correlated=0, rounded=0.1, miscalibrated=0
)
HELD_OUT_BATCHES = 6
POINTS = 12  # of the held-out curve


@dataclass(frozen=True)
class Settings:
    """What all networks have in common.

    Parameters
    ----------
    steps, batch, patch : int
    scenes, held_out : int
        Scenes to draw, and how many of them no network is trained on.
    widths : tuple of int
        Channels of the levels of RESUNET, U-Net and autoencoder.
    rate : float
        Learning rate at its highest.
    seed : int
    """

    steps: int = 600
    batch: int = 8
    patch: int = 64
    scenes: int = 240
    held_out: int = 24
    widths: tuple[int, ...] = WIDTHS
    rate: float = 2e-3
    seed: int = 0


def model_path(folder: Path, title: str) -> Path:
    """Name the file of a trained network."""
    return folder / "models" / f"{SLUGS[title]}.safetensors"


def train(folder: Path, title: str, settings: Settings) -> None:
    """Train a network unless it was trained with these settings; go on where it was stopped."""
    path = model_path(folder, title)
    # As JSON gives them back.
    noted = asdict(settings) | {"widths": list(settings.widths)}
    if path.exists() and describe(path)["facts"].get("study") == noted:
        print(f"{title}: trained already", flush=True)
        return
    plan = _plan(NETS[title], settings)
    kept = TrainingFolder(folder / "work", path.stem)
    for place in (path.parent, folder / "work"):
        place.mkdir(parents=True, exist_ok=True)
    seconds: list[float] = []
    trained = run_with_bar(_timed(Learner(plan, kept, "cpu").job(), seconds), title)
    facts = trained.facts | {
        "study": noted,
        "step_seconds": float(np.median(seconds)) if seconds else None,
    }
    save_model(path, trained.network, plan.architecture, facts, overwrite=True)
    kept.finish()


def _plan(net: Net, settings: Settings) -> Plan:
    drawn = scenes(net.content, settings.scenes, settings.seed)
    architecture = net.architecture(settings.widths)
    network, _ = build(architecture, None, settings.seed)
    held = settings.held_out
    source = LibraryPatches(drawn[:-held], NOISE, settings.batch, settings.patch)
    others = replace(source, scenes=drawn[-held:])
    held_out = [others(rng) for rng in held_out_rngs(HELD_OUT_BATCHES)]
    training = Training(
        steps=settings.steps,
        learning_rate=settings.rate,
        warm_up=min(200, max(1, settings.steps // 10)),
        validate_every=max(1, settings.steps // POINTS),
        seed=settings.seed,
    )
    return plan_supervised(
        architecture,
        network,
        Supervised(source, held_out, net.objective),
        training,
        {"noise": asdict(NOISE), "content": net.content, "scenes": settings.scenes},
    )


def _timed(job: Job[Learned], seconds: list[float]) -> Job[Learned]:
    """Note the processor's time of each training step, of all threads together.

    Unlike the time on the clock it does not depend on what else the computer does.
    """
    while True:
        start = time.process_time()
        try:
            progress = next(job)
        except StopIteration as end:
            trained: Learned = end.value
            return trained
        if progress.text.startswith("Training"):
            seconds.append(time.process_time() - start)
        yield progress
