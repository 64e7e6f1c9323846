"""Networks with and without clusters: a CNN and DnCNN, whole, masked, and shown the masks.

``python benchmarks/clusters.py -o FOLDER [--layers 17 --channels 64 --steps 600]``: every network
learns from the same patches, in the stabilised domain, with each seed; what is there is not learnt
again. PSNR of held-out scenes, in photons; the mean over the seeds, and their spread.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from napari_photon_denoise.camera.anscombe import anscombe, inverse_anscombe
from napari_photon_denoise.job import run
from napari_photon_denoise.metrics.clusters import ClusterSettings, features_of, find_clusters
from napari_photon_denoise.metrics.clusters.masks import masks_of
from napari_photon_denoise.networks.dense_cnn import DenseCnn
from napari_photon_denoise.networks.dncnn import Dncnn
from napari_photon_denoise.networks.learning.training import Trainer, Training
from napari_photon_denoise.networks.masked import Conditioned, Masked, Residual, Whole
from napari_photon_denoise.virtual.content import draw

EDGE, SCENE = 32, 128  # px
TRAINING, HELD_OUT = 48, 12  # scenes
PHOTONS, READ_NOISE = 10.0, 1.5
UNIT = 2.0  # by which stabilised values are divided, to be of order one
BATCH, RATE = 8, 1e-2


@dataclass(frozen=True, eq=False)
class Scenes:
    """Stabilised patches: noisy, clean, and masks of K clusters of the whole noisy scene."""

    noisy: Tensor
    clean: Tensor
    masks: Tensor
    truth: np.ndarray


@lru_cache(maxsize=8)
def make_scenes(first: int, count: int, clusters: int) -> Scenes:
    """Draw scenes, take pictures of them, and cut all of both into patches."""
    parts: list[list[np.ndarray]] = [[], [], [], []]
    for number in range(first, first + count):
        rng = np.random.default_rng([17, number])
        truth = PHOTONS * draw((SCENE, SCENE), rng).astype(np.float32)
        noisy = (rng.poisson(truth) + rng.normal(0, READ_NOISE, truth.shape)).astype(np.float32)
        settings = ClusterSettings(clusters=clusters)
        features = features_of(noisy, READ_NOISE, settings)
        labels = find_clusters(features.reshape(-1, 1), settings).assign(features)
        whole = (
            anscombe(noisy, READ_NOISE)[None] / UNIT,
            anscombe(truth, READ_NOISE)[None] / UNIT,
            masks_of(labels, clusters).astype(np.float32),
            truth[None],
        )
        for part, image in zip(parts, whole, strict=True):
            part.append(_cut(image))
    noisy_, clean_, masks_, truth_ = (np.concatenate(part) for part in parts)
    return Scenes(*(torch.from_numpy(one) for one in (noisy_, clean_, masks_)), truth_)


def _cut(image: np.ndarray) -> np.ndarray:
    """Cut (C, 128, 128) into (16, C, 32, 32)."""
    count = SCENE // EDGE
    cut = image.reshape(len(image), count, EDGE, count, EDGE)
    return np.ascontiguousarray(cut.transpose(1, 3, 0, 2, 4).reshape(-1, len(image), EDGE, EDGE))


@dataclass(frozen=True, eq=False)
class ClusterLesson:
    """Squares in the stabilised domain."""

    training: Scenes
    held_out: Scenes

    def draw(self, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Return patches, mirrored and turned alike."""
        chosen = torch.from_numpy(rng.integers(len(self.training.noisy), size=BATCH))
        turns, mirrored = int(rng.integers(4)), rng.random() < 0.5
        found = []
        for part in (self.training.noisy, self.training.clean, self.training.masks):
            one = part[chosen].rot90(turns, (-2, -1))
            found.append(one.flip(-1) if mirrored else one)
        return found[0], found[1], found[2]

    def loss(self, network: nn.Module, batch: Any, device: str, precision: str) -> Tensor:
        """Mean square of what is wrong."""
        noisy, clean, masks = batch
        return (network(noisy, masks) - clean).square().mean()

    def score(self, network: nn.Module, device: str, precision: str) -> float:
        """Return the same of what is never trained on."""
        with torch.inference_mode():
            wrong = network(self.held_out.noisy, self.held_out.masks) - self.held_out.clean
        return float(wrong.square().mean())

    def describe(self, score: float) -> str:
        """Say a score."""
        return f"held-out error {score:.5f}"


def psnr(photons: np.ndarray, truth: np.ndarray) -> float:
    """Mean over scenes of the PSNR, dB; the range is that of each scene's truth."""
    scenes = truth.reshape(-1, SCENE * SCENE)
    error = np.square(photons.reshape(scenes.shape) - scenes).mean(1)
    return float(np.mean(10 * np.log10(np.ptp(scenes, axis=1) ** 2 / error)))


def build(name: str, clusters: int, chosen: argparse.Namespace) -> nn.Module:
    """Build a network, such as "DnCNN masked"."""
    body, told = name.split()
    if body == "CNN":
        network: nn.Module = DenseCnn(EDGE)
    else:
        ins = 1 + clusters if told == "conditioned" and clusters > 1 else 1
        body_ = Dncnn(ins, 1, chosen.channels, chosen.layers)
        nn.init.zeros_(body_.tail.weight)  # it begins as the identity
        network = Residual(body_)
    return {"whole": Whole, "masked": Masked, "conditioned": Conditioned}[told](network)


def learn(name: str, clusters: int, seed: int, chosen: argparse.Namespace) -> dict[str, Any]:
    """Train a network, and score it."""
    lesson = ClusterLesson(
        make_scenes(0, TRAINING, clusters), make_scenes(TRAINING, HELD_OUT, clusters)
    )
    torch.manual_seed(seed)
    network = build(name, clusters, chosen)
    training = Training(
        steps=chosen.steps,
        learning_rate=RATE,
        warm_up=20,
        seed=seed,
        validate_every=max(1, chosen.steps // 5),
    )
    start = time.process_time()
    trainer = Trainer(network, lesson, training, device="cpu", precision="float32")  # type: ignore[arg-type]
    run(trainer.job())
    taken = time.process_time() - start
    with torch.inference_mode():
        clean = trainer.averaged(lesson.held_out.noisy, lesson.held_out.masks).numpy()
    photons = inverse_anscombe(UNIT * clean, READ_NOISE)
    return {"psnr": psnr(photons, lesson.held_out.truth), "cpu_seconds": taken}


def baselines() -> dict[str, float]:
    """PSNR of the noisy scenes, and of the best of some Gaussian filters."""
    from scipy.ndimage import gaussian_filter

    held = make_scenes(TRAINING, HELD_OUT, 1)
    noisy = UNIT * held.noisy.numpy()
    raw = noisy**2 / 4 - 0.375 - READ_NOISE**2
    filtered = {
        sigma: psnr(gaussian_filter(raw, (0, 0, sigma, sigma)), held.truth)
        for sigma in (0.7, 1.0, 1.4, 2.0)
    }
    return {"raw": psnr(raw, held.truth), "best Gaussian": max(filtered.values())}


def main() -> None:
    """Train what is missing, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--layers", type=int, default=17)
    parser.add_argument("--channels", type=int, default=64)
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--clusters", type=int, nargs="+", default=[3])
    parser.add_argument("--seeds", type=int, default=3)
    chosen = parser.parse_args()
    chosen.output.mkdir(parents=True, exist_ok=True)
    file = chosen.output / f"clusters_{chosen.layers}x{chosen.channels}_{chosen.steps}.json"
    found = json.loads(file.read_text()) if file.exists() else {}
    print(baselines(), flush=True)
    wanted = [(name, 1) for name in ("CNN whole", "DnCNN whole")]
    for count in chosen.clusters:
        wanted += [(name, count) for name in ("CNN masked", "DnCNN masked", "DnCNN conditioned")]
    for seed in range(chosen.seeds):
        for name, count in wanted:
            key = f"{name}|{count}|{seed}"
            if key not in found:
                found[key] = learn(name, count, seed, chosen)
                file.write_text(json.dumps(found, indent=1))
                print(key, found[key], flush=True)
    show(found, wanted, chosen.seeds)


def show(found: dict[str, Any], wanted: list[tuple[str, int]], seeds: int) -> None:
    """Print the table as Markdown."""
    print("| network | K | PSNR, dB | processor time, s |\n|---|---|---|---|")
    for name, value in baselines().items():
        print(f"| {name} | | {value:.2f} | |")
    for name, count in wanted:
        rows = [found[f"{name}|{count}|{seed}"] for seed in range(seeds)]
        scores = np.array([row["psnr"] for row in rows])
        spent = np.mean([row["cpu_seconds"] for row in rows])
        print(
            f"| {name} | {count} | {scores.mean():.2f} ± {scores.std(ddof=1):.2f} | {spent:.0f} |"
        )


if __name__ == "__main__":
    main()
