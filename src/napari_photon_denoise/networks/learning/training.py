"""Training as a job: seeded, resumable, in mixed precision, with averaged weights.

A batch depends on the seed and the number of the step alone, so a training that was stopped and
resumed sees what one that ran through would have seen.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Generic

import numpy as np
import torch
from torch import nn

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.networks.architecture import Network
from napari_photon_denoise.networks.device import choose_device, kept_memory, memory_errors
from napari_photon_denoise.networks.learning.checkpoint import Curve, State
from napari_photon_denoise.networks.learning.ema import averaged
from napari_photon_denoise.networks.learning.lesson import B, Lesson
from napari_photon_denoise.networks.learning.optimiser import Kind, Optimiser
from napari_photon_denoise.networks.precision import Precision, choose_precision

FIRST_CHECKPOINT = 10.0  # s
LATER = ("optimiser", "plateau")  # settings that came in later


@dataclass(frozen=True)
class Training:
    """How long and how fast.

    Parameters
    ----------
    steps : int
    learning_rate : float
        At its highest.
    outer : float
        That of the first and last layers over that of the others; AdamW's steps are larger than
        those of Muon at the same rate.
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
    patience : int
        Held-out scores in a row without a new best, after which the training ends; it then
        keeps the best weights. 0 makes all steps and keeps the last weights.
    checkpoint_seconds : float
        What a crash loses at most; in the first of them, 10 s.
    optimiser : {"muon", "adam"}
    plateau : int
        Held-out scores in a row without a new best, after which the learning rate is halved; 0
        never halves it.
    """

    steps: int = 20_000
    learning_rate: float = 2e-3
    outer: float = 0.5
    warm_up: int = 200
    decay: float = 0.5
    clip: float = 5.0
    average: float = 0.999
    seed: int = 0
    validate_every: int = 500
    patience: int = 0
    checkpoint_seconds: float = 60.0
    optimiser: Kind = "muon"
    plateau: int = 0

    def say(self) -> dict[str, Any]:
        """Return all settings; later ones only where they are used.

        A training that an earlier version began goes on.
        """
        return {
            part.name: getattr(self, part.name)
            for part in fields(self)
            if part.name not in LATER or getattr(self, part.name) != part.default
        }

    def rate(self, step: int) -> float:
        """Learning rate of a step, counted from 0."""
        rising = min(1.0, (step + 1) / max(1, self.warm_up))
        falling = min(1.0, (self.steps - step) / max(1.0, self.decay * self.steps))
        return self.learning_rate * rising * falling

    def slowed(self, scores: Sequence[float]) -> float:
        """Return what the learning rate is multiplied by after these held-out scores.

        Told by the scores alone, so that a training that is taken up again goes on alike.
        """
        best, waited, factor = float("inf"), 0, 1.0
        for score in scores if self.plateau else ():
            if score < best:
                best, waited = score, 0
                continue
            waited += 1
            if waited == self.plateau:
                waited, factor = 0, factor / 2
        return factor


class Trainer(Generic[B]):
    """A network that is being trained; between two steps it can be looked at.

    Parameters
    ----------
    network : PhotonNetwork or BlindNetwork
        Is trained in place; in the end it holds averaged weights.
    lesson : Lesson
    training : Training
    checkpoint : Path, optional
        File to resume from, where it is there, and to write to: after 10 s, every minute, at the
        end, and when the job is closed.
    device : {"auto", "cpu", "cuda", "mps"}
    precision : {"float32", "bfloat16"}, optional
        Of the convolutions; None takes what the device is made for. A checkpoint goes on in its
        own.

    Attributes
    ----------
    curve : Curve
    averaged : nn.Module
        The network with the averaged weights of now.
    kept : int
        Of which point of the curve the network has the weights in the end; -1 for none: it was
        ended before the first.
    """

    def __init__(
        self,
        network: Network,
        lesson: Lesson[B],
        training: Training,
        *,
        checkpoint: Path | None = None,
        device: str = "auto",
        precision: Precision | None = None,
    ) -> None:
        self.device = choose_device(device)
        self._asked = precision
        self.network = network.to(self.device)
        self._lesson, self._training = lesson, training
        self._optimiser = Optimiser(network, training.outer, training.optimiser)
        self._ema = averaged(network, training.average)
        self.averaged: nn.Module = self._ema.module
        self.kept = -1
        self._state = State(checkpoint, network, self._ema, self._optimiser)

    @property
    def curve(self) -> Curve:
        """What was seen so far."""
        return self._state.curve

    @property
    def step(self) -> int:
        """Steps that were made."""
        return self._state.step

    def job(self) -> Job[Curve]:
        """Train.

        Returns
        -------
        Curve
            Through the generator's return value.

        Raises
        ------
        PhotonDenoiseError
            If the training diverges, or the checkpoint is of another network or can't be written.
        """
        training, state = self._training, self._state
        first = state.load()
        with kept_memory(), memory_errors():
            self._choose_precision()
            saved, seen = time.monotonic(), []
            # A crash comes early more often than late.
            wait = min(FIRST_CHECKPOINT, training.checkpoint_seconds)
            for step in range(first, training.steps):
                if state.is_flat(training.patience):
                    state.save()
                    break
                seen.append(self._step(step))
                state.step = step + 1
                last = step + 1 == training.steps
                if (step + 1) % training.validate_every == 0 or last:
                    self._validate(step + 1, float(np.mean(seen)))
                    seen = []
                if last or time.monotonic() - saved > wait:
                    state.save()
                    saved, wait = time.monotonic(), training.checkpoint_seconds
                try:
                    yield Progress(self._text(), step + 1, training.steps)
                except GeneratorExit:
                    state.save()
                    raise
        self._end(best=training.patience > 0)
        return self.curve

    def finish(self) -> None:
        """End early, with the best so far: of a job that was closed, else of the checkpoint.

        Raises
        ------
        PhotonDenoiseError
            If nothing was learnt yet, or the checkpoint is damaged.
        """
        if not self._state.step and not self._state.load():
            raise PhotonDenoiseError(
                "Nothing was learnt yet: let it run for a while before it is finished."
            )
        self._end(best=True)

    def _end(self, *, best: bool) -> None:
        """Give the network the weights to keep."""
        self.network.load_state_dict(self._state.finished(best))
        self.kept = self._state.point(best)
        self.network.eval()

    def _choose_precision(self) -> None:
        if self._state.precision is None:
            self._state.precision = self._asked or choose_precision(self.device)

    @property
    def precision(self) -> Precision:
        """Of the convolutions."""
        return self._state.precision or self._asked or choose_precision(self.device)

    def _step(self, step: int) -> float:
        """One step of the optimiser; return the loss."""
        network, training = self.network, self._training
        batch = self._lesson.draw(np.random.default_rng([training.seed, step]))
        network.train()
        network.zero_grad()
        loss = self._lesson.loss(network, batch, self.device, self.precision)
        if not torch.isfinite(loss):
            raise PhotonDenoiseError(
                f"The training diverged at step {step}: try a lower learning rate, and check that "
                "the images hold what they should."
            )
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), training.clip)
        self._optimiser.step(training.rate(step) * training.slowed(self.curve.held_out))
        self._ema.update_parameters(network)
        return float(loss.detach())

    def _validate(self, step: int, loss: float) -> None:
        score = self._lesson.score(self.averaged, self.device, self.precision)
        self._state.note(step, loss, score)

    def _text(self) -> str:
        scores = self.curve.held_out
        return f"Training; {self._lesson.describe(scores[-1])}" if scores else "Training"
