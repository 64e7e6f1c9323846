"""Train the networks one after the other, each on the very same batches."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.study import cost
from benchmarks.study.content import scenes
from benchmarks.study.nets import NETS, WIDTHS, Net
from safetensors import safe_open

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


def model_path(folder: Path, name: str) -> Path:
    """Name the file of a trained network."""
    return folder / "models" / f"{name}.safetensors"


def train_all(folder: Path, settings: Settings, names: list[str]) -> None:
    """Train what is not trained yet with these settings; say what is going on."""
    for name in names:
        path = model_path(folder, name)
        if path.exists() and describe(path)["facts"].get("study") == _noted(settings):
            print(f"{name}: trained already", flush=True)
            continue
        train(folder, name, settings)


def train(folder: Path, name: str, settings: Settings) -> None:
    """Train one network, or go on where it was stopped, and write it."""
    net = NETS[name]
    plan = _plan(folder, net, settings)
    (folder / "work").mkdir(parents=True, exist_ok=True)
    model_path(folder, name).parent.mkdir(parents=True, exist_ok=True)
    kept = TrainingFolder(folder / "work", name)
    seconds: list[float] = []
    trained = _watched(Learner(plan, kept, "cpu").job(), name, seconds)
    facts = trained.facts | {
        "study": _noted(settings),
        "cost": {
            "parameters": cost.parameters(trained.network),
            "multiply_adds": cost.multiply_adds(plan.architecture),
            "cpu_seconds": float(np.median(seconds)) if seconds else None,
            "precision": _precision(kept.checkpoint),
        },
    }
    save_model(model_path(folder, name), trained.network, plan.architecture, facts, overwrite=True)
    kept.finish()


def _plan(folder: Path, net: Net, settings: Settings) -> Plan:
    drawn = scenes(folder / "content", net.content, settings.scenes, settings.seed)
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


def _precision(checkpoint: Path) -> str:
    """Return the arithmetic that a training chose."""
    with safe_open(checkpoint, "pt") as file:
        return str(json.loads(file.metadata()["precision"]))


def _noted(settings: Settings) -> dict[str, Any]:
    """Return the settings as JSON gives them back."""
    return asdict(settings) | {"widths": list(settings.widths)}


def _watched(job: Job[Learned], name: str, seconds: list[float]) -> Learned:
    """Drain a training; note the processor's time of each step, of all threads together.

    Unlike the time on the clock it does not depend on what else the computer does.
    """
    start, said = time.process_time(), time.monotonic() - 60
    while True:
        try:
            progress = next(job)
        except StopIteration as end:
            trained: Learned = end.value
            return trained
        now = time.process_time()
        if progress.text.startswith("Training"):
            seconds.append(now - start)
        start = now
        if time.monotonic() - said > 30:
            print(f"{name}: {progress.done}/{progress.total} {progress.text}", flush=True)
            said = time.monotonic()
