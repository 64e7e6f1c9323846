"""A training on noisy images alone that can be watched, stopped and taken up again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import torch

from napari_photon_denoise.job import Job
from napari_photon_denoise.networks.architecture import Architecture, Network
from napari_photon_denoise.networks.learning.blind_spot.learning_plan import LearningPlan
from napari_photon_denoise.networks.learning.checkpoint import Curve
from napari_photon_denoise.networks.learning.plan import program_version
from napari_photon_denoise.networks.learning.work import Work, now


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
    notes : tuple of str
        What the user should know, a sentence each.
    """

    network: Network
    architecture: Architecture
    facts: dict[str, Any]
    curve: Curve
    notes: tuple[str, ...] = ()


class Learner:
    """Carries out a plan; between two steps of its job it can be looked at.

    Parameters
    ----------
    plan : LearningPlan
    work : Work, optional
        Where the checkpoint is kept, at most a minute old; None keeps none.
    device : {"auto", "cpu", "cuda", "mps"}

    Raises
    ------
    PhotonDenoiseError
        If the folder holds another training.
    """

    def __init__(self, plan: LearningPlan, work: Work | None = None, device: str = "auto") -> None:
        self.plan = plan
        said = {
            "architecture": plan.architecture.model_dump(mode="json"),
            "training": vars(plan.training),
            **plan.facts,
        }
        self._started = now() if work is None else work.begin(said)
        self.trainer = plan.trainer(None if work is None else work.checkpoint, device)

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
        yield from self.trainer.job()
        return self._learned()

    def finish(self) -> Learned:
        """End here with the best so far: of this training once its job is closed, or of its file.

        Raises
        ------
        PhotonDenoiseError
            If nothing was learnt yet, or the checkpoint is damaged.
        """
        self.trainer.finish()
        return self._learned()

    def _learned(self) -> Learned:
        curve = self.trainer.curve
        notes = self.plan.end(self.trainer.device)
        facts = {
            **self.plan.facts,
            "training": vars(self.plan.training),
            "seed": self.plan.training.seed,
            "started": self._started,
            "finished": now(),
            "device": self.trainer.device,
            "versions": {
                "torch": torch.__version__,
                "napari-photon-denoise": program_version(),
            },
            "curve": vars(curve),
            "notes": notes,
        }
        # As a reader of the file will see it: tuples are lists there.
        facts = json.loads(json.dumps(facts))
        return Learned(self.plan.network.cpu(), self.plan.architecture, facts, curve, notes)
