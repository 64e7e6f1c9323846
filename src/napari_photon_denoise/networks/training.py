"""Training as a job: seeded, resumable, in mixed precision, with averaged weights.

A batch depends on the seed and the number of the step alone, so a training that was stopped and
resumed sees what one that ran through would have seen.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.whole import whole_file
from napari_photon_denoise.networks.degrade import Batch
from napari_photon_denoise.networks.device import choose_device, kept_memory, memory_errors
from napari_photon_denoise.networks.ema import averaged
from napari_photon_denoise.networks.objective import Objective
from napari_photon_denoise.networks.optimiser import Optimiser
from napari_photon_denoise.networks.photon_network import PhotonNetwork
from napari_photon_denoise.networks.precision import Precision, autocast, choose_precision
from napari_photon_denoise.pipeline import Job, Progress

Source = Callable[[np.random.Generator], Batch]


@dataclass(frozen=True)
class Training:
    """How long and how fast.

    Parameters
    ----------
    steps : int
    learning_rate : float
        At its highest.
    warm_up : int
        Steps of rising learning rate.
    decay : float
        Share of the steps at the end in which the learning rate falls to zero.
    clip : float
        Largest norm of the gradient.
    average : float
        Decay of the averaged weights.
    seed : int
    validate_every : int
        Steps between held-out scores.
    checkpoint_seconds : float
        What a crash loses at most.
    """

    steps: int = 20_000
    learning_rate: float = 2e-3
    warm_up: int = 200
    decay: float = 0.5
    clip: float = 5.0
    average: float = 0.999
    seed: int = 0
    validate_every: int = 500
    checkpoint_seconds: float = 60.0

    def rate(self, step: int) -> float:
        """Learning rate of a step, counted from 0."""
        rising = min(1.0, (step + 1) / max(1, self.warm_up))
        falling = min(1.0, (self.steps - step) / max(1.0, self.decay * self.steps))
        return self.learning_rate * rising * falling


@dataclass
class Curve:
    """What a training has seen so far.

    Parameters
    ----------
    steps : list of int
    training : list of float
        Objective, averaged since the last point.
    held_out : list of float, dB
        Squared error of the averaged weights over that of the noisy input; lower is better.
    """

    steps: list[int] = field(default_factory=list)
    training: list[float] = field(default_factory=list)
    held_out: list[float] = field(default_factory=list)


def train_job(
    network: PhotonNetwork,
    source: Source,
    held_out: Sequence[Batch],
    objective: Objective,
    training: Training,
    *,
    checkpoint: Path | None = None,
    device: str = "auto",
) -> Job[Curve]:
    """Train a network in place; in the end it holds the averaged weights.

    Parameters
    ----------
    network : PhotonNetwork
    source : function of a random generator
        Returns the next batch.
    held_out : sequence of Batch
        Never trained on.
    objective : Objective
    training : Training
    checkpoint : Path, optional
        File to resume from, where it is there, and to write to: every minute, at the end, and
        when the job is closed.
    device : {"auto", "cpu", "cuda", "mps"}

    Returns
    -------
    Curve
        Through the generator's return value.

    Raises
    ------
    PhotonDenoiseError
        If the training diverges, or the checkpoint is of another network or can't be written.
    """
    chosen = choose_device(device)
    network.to(chosen)
    optimiser = Optimiser(network)
    ema = averaged(network, training.average)
    state = _State(checkpoint, network, ema, optimiser)
    first = state.load()
    with kept_memory(), memory_errors():
        if state.precision is None or chosen != "cpu":
            network.eval()  # a trial must not move the averages of batch normalisation
            trial = source(np.random.default_rng(0))
            state.precision = choose_precision(network, trial, chosen)
        curve, precision = state.curve, state.precision
        saved, seen = time.monotonic(), []
        for step in range(first, training.steps):
            batch = to_device(source(np.random.default_rng([training.seed, step])), chosen)
            seen.append(_step(network, optimiser, objective, batch, training, step, precision))
            ema.update_parameters(network)
            last = step + 1 == training.steps
            if (step + 1) % training.validate_every == 0 or last:
                curve.steps.append(step + 1)
                curve.training.append(float(np.mean(seen)))
                curve.held_out.append(_validate(ema.module, held_out, chosen, precision))
                seen = []
            if last or time.monotonic() - saved > training.checkpoint_seconds:
                state.save(step + 1)
                saved = time.monotonic()
            try:
                yield Progress(_text(curve), step + 1, training.steps)
            except GeneratorExit:
                state.save(step + 1)
                raise
    network.load_state_dict(ema.module.state_dict())
    network.eval()
    return curve


def _step(
    network: PhotonNetwork,
    optimiser: Optimiser,
    objective: Objective,
    batch: Batch,
    training: Training,
    step: int,
    precision: Precision,
) -> float:
    """One step of the optimiser; return the objective."""
    network.train()
    network.zero_grad()
    with autocast(batch.photons.device.type, precision):
        output = network(batch.photons, batch.read_noise, batch.lengths, batch.present)
    loss = objective(output, batch)
    if not torch.isfinite(loss):
        raise PhotonDenoiseError(
            f"The training diverged at step {step}: try a lower learning rate, and check that the "
            "images hold what they should."
        )
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(network.parameters(), training.clip)
    optimiser.step(training.rate(step))
    return float(loss.detach())


def _validate(
    network: nn.Module, batches: Sequence[Batch], device: str, precision: Precision
) -> float:
    """Mean over patches of the squared error over the noise variance, dB."""
    scores = []
    with torch.inference_mode(), autocast(device, precision):
        for batch in batches:
            there = to_device(batch, device)
            output = network(there.photons, there.read_noise, there.lengths, there.present)
            inner = tuple(range(1, output.ndim))
            error = (output - there.target).square().mean(inner)
            variance = (there.target + there.read_noise.square()).mean(inner).clamp(min=1e-2)
            scores.append(10 * torch.log10(error / variance + 1e-4))
    return float(torch.cat(scores).mean())


def to_device(batch: Batch, device: str) -> Batch:
    """Bring a batch onto a device."""
    parts = (batch.photons, batch.read_noise, batch.lengths, batch.target, batch.present)
    return Batch(*(part.to(device, non_blocking=True) for part in parts))


def _text(curve: Curve) -> str:
    if not curve.held_out:
        return "Training"
    return f"Training; held-out error {curve.held_out[-1]:.2f} dB"


class _State:
    """Everything that a resumed training needs, as tensors and a little JSON."""

    def __init__(
        self,
        path: Path | None,
        network: PhotonNetwork,
        ema: AveragedModel,
        optimiser: Optimiser,
    ) -> None:
        self._path = path
        self._network, self._ema, self._optimiser = network, ema, optimiser
        self.curve = Curve()
        self.precision: Precision | None = None

    def save(self, step: int) -> None:
        """Write a whole file, or none."""
        if self._path is None:
            return
        tensors = {f"network.{name}": part for name, part in self._network.state_dict().items()}
        tensors |= {f"average.{name}": part for name, part in self._ema.state_dict().items()}
        tensors |= {f"optimiser.{name}": part for name, part in self._optimiser.state().items()}
        words = {"step": step, "curve": vars(self.curve), "precision": self.precision}
        facts = {name: json.dumps(value) for name, value in words.items()}
        with whole_file(self._path) as part:
            try:
                save_file({name: one.contiguous() for name, one in tensors.items()}, part, facts)
            except SafetensorError as error:  # what it makes of a full disk
                raise OSError(str(error)) from error

    def load(self) -> int:
        """Take up where a file stopped, if there is one; return the next step."""
        path = self._path
        if path is None or not path.exists():
            return 0
        try:
            with safe_open(path, "pt") as file:
                facts = file.metadata()
                tensors: dict[str, Tensor] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            step, curve = json.loads(facts["step"]), Curve(**json.loads(facts["curve"]))
        except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
            raise PhotonDenoiseError(
                f"{path} is damaged or no checkpoint: remove it to start anew."
            ) from error
        try:
            self._network.load_state_dict(_part(tensors, "network."))
            self._ema.load_state_dict(_part(tensors, "average."))
        except RuntimeError:
            raise PhotonDenoiseError(
                f"{path} is the checkpoint of another network: choose another folder to train in."
            ) from None
        self._optimiser.restore(_part(tensors, "optimiser."))
        self.curve = curve
        # The same arithmetic as before, else a resumed training would give something else.
        self.precision = json.loads(facts.get("precision", "null"))
        return int(step)


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name[len(prefix) :]: t for name, t in tensors.items() if name.startswith(prefix)}
