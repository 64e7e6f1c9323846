"""A training that can be watched, stopped, taken up again, ended early and scored."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch
from torch import nn

from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.networks.architecture import Architecture, Network
from napari_photon_denoise.networks.learning.checkpoint import Curve
from napari_photon_denoise.networks.learning.folder import TrainingFolder, now
from napari_photon_denoise.networks.learning.plan import Judgement, Plan
from napari_photon_denoise.networks.learning.training import Trainer
from napari_photon_denoise.networks.precision import Precision
from napari_photon_denoise.networks.weights import save_model


@dataclass(frozen=True, eq=False)
class Learned:
    """A network and how it came to be.

    Parameters
    ----------
    network : PhotonNetwork or BlindNetwork
        On the CPU.
    architecture : Architecture
    facts : dict
        What is noted in the model, as JSON has it.
    curve : Curve
    kept : int
        Of which point of the curve the network is; -1 if it was ended before the first.
    said : str
        Figures of before and after, in a line for people; empty for lessons that have none.
    notes : tuple of str
        What the user should know, a sentence each.
    """

    network: Network
    architecture: Architecture
    facts: dict[str, Any]
    curve: Curve
    kept: int
    said: str = ""
    notes: tuple[str, ...] = ()

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write the model; the file is there as a whole, or not at all.

        Raises
        ------
        PhotonDenoiseError
            If it can't be written, or is there and may not be replaced.
        """
        return save_model(path, self.network, self.architecture, self.facts, overwrite=overwrite)


class Learner:
    """Carries out a plan; between two steps of its job it can be looked at.

    Parameters
    ----------
    plan : Plan
    folder : TrainingFolder, optional
        Where the checkpoint is kept, at most a minute old; None keeps none.
    device : {"auto", "cpu", "cuda", "mps"}
    precision : {"float32", "bfloat16"}, optional
        As for `Trainer`.

    Attributes
    ----------
    plan : Plan
    device : {"cpu", "cuda", "mps"}
        Where it learns.
    averaged : nn.Module
        The network with the weights that are scored, of now; there.

    Raises
    ------
    PhotonDenoiseError
        If the folder holds another training.
    """

    def __init__(
        self,
        plan: Plan,
        folder: TrainingFolder | None = None,
        device: str = "auto",
        precision: Precision | None = None,
    ) -> None:
        self.plan = plan
        self._started = now() if folder is None else folder.begin(plan.say())
        checkpoint = None if folder is None else folder.checkpoint
        self._trainer = Trainer(
            plan.network,
            plan.lesson,
            plan.training,
            checkpoint=checkpoint,
            device=device,
            precision=precision,
        )
        self.device = self._trainer.device
        self.averaged: nn.Module = self._trainer.averaged
        self._is_judged = plan.judge is None  # before it learns

    @property
    def curve(self) -> Curve:
        """What was seen so far."""
        return self._trainer.curve

    @property
    def step(self) -> int:
        """Steps that were made so far."""
        return self._trainer.step

    def job(self) -> Job[Learned]:
        """Learn, or go on from the checkpoint; closed before its end, it can be finished.

        Returns
        -------
        Learned
            Through the generator's return value.

        Raises
        ------
        PhotonDenoiseError
            If the training diverges, or the checkpoint can't be written.
        """
        if not self._is_judged:
            yield Progress("Scoring held-out patches", 0, 1)  # no measure of the time
        self._look()
        yield from self._trainer.job()
        return self._learned()

    def finish(self) -> Learned:
        """End here with the best so far: of this training once its job is closed, or of its file.

        Raises
        ------
        PhotonDenoiseError
            If nothing was learnt yet, or the checkpoint is damaged.
        """
        self._look()
        self._trainer.finish()
        return self._learned()

    def _look(self) -> None:
        """Have the network judged as it is before it learns: once, and before any checkpoint."""
        if self.plan.judge is not None and not self._is_judged:
            self.plan.judge.before(self.device)
        self._is_judged = True

    def _learned(self) -> Learned:
        plan, judge = self.plan, self.plan.judge
        judgement = Judgement() if judge is None else judge.after(self.device)
        facts = {
            **plan.say(),
            "seed": plan.training.seed,
            "started": self._started,
            "finished": now(),
            "device": self.device,
            "precision": self._trainer.precision,
            "versions": {"torch": torch.__version__, "napari-photon-denoise": _version()},
            **judgement.facts,
            "curve": vars(self.curve),
            "notes": judgement.notes,
        }
        return Learned(
            plan.network.cpu(),
            plan.architecture,
            # As a reader of the file will see it: tuples are lists there.
            json.loads(json.dumps(facts)),
            self.curve,
            self._trainer.kept,
            judgement.said,
            judgement.notes,
        )


def _version() -> str:
    """Return the version of this program."""
    try:
        return version("napari-photon-denoise")
    except PackageNotFoundError:
        return "unknown"
