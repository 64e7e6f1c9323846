"""The checkpoint of a training: a whole file that it goes on from, or none."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.whole import whole_file
from napari_photon_denoise.networks.learning.optimiser import Optimiser
from napari_photon_denoise.networks.precision import Precision


@dataclass
class Curve:
    """What a training has seen so far.

    Parameters
    ----------
    steps : list of int
    training : list of float
        Objective, averaged since the last point.
    held_out : list of float
        Score of the averaged weights, see `Lesson.score`; lower is better.
    """

    steps: list[int] = field(default_factory=list)
    training: list[float] = field(default_factory=list)
    held_out: list[float] = field(default_factory=list)


class State:
    """Everything that a resumed training needs, as tensors and a little JSON."""

    def __init__(
        self,
        path: Path | None,
        network: nn.Module,
        ema: AveragedModel,
        optimiser: Optimiser,
    ) -> None:
        self._path = path
        self._network, self._ema, self._optimiser = network, ema, optimiser
        self.curve = Curve()
        self.step = 0  # steps that were made
        self._best: dict[str, Tensor] = {}
        self.precision: Precision | None = None

    def note(self, step: int, loss: float, score: float) -> None:
        """Add a point to the curve, and keep weights that are better than all before."""
        curve = self.curve
        if not curve.held_out or score < min(curve.held_out):
            weights = self._ema.module.state_dict()
            self._best = {name: part.detach().clone() for name, part in weights.items()}
        curve.steps.append(step)
        curve.training.append(loss)
        curve.held_out.append(score)

    def is_flat(self, patience: int) -> bool:
        """Whether the last scores, as many as `patience` says, brought no new best."""
        scores = self.curve.held_out
        return 0 < patience <= len(scores) - 1 - scores.index(min(scores)) if scores else False

    def finished(self, best: bool) -> dict[str, Tensor]:
        """Weights to end with: the averaged ones that scored best, or the last."""
        return self._best if best and self._best else self._ema.module.state_dict()

    def point(self, best: bool) -> int:
        """Point of the curve that belongs to those weights; -1 before the first."""
        scores = self.curve.held_out
        return scores.index(min(scores)) if best and self._best else len(scores) - 1

    def save(self) -> None:
        """Write a whole file, or none."""
        if self._path is None:
            return
        tensors = {f"network.{name}": part for name, part in self._network.state_dict().items()}
        tensors |= {f"average.{name}": part for name, part in self._ema.state_dict().items()}
        tensors |= {f"best.{name}": part for name, part in self._best.items()}
        tensors |= {f"optimiser.{name}": part for name, part in self._optimiser.state().items()}
        words = {"step": self.step, "curve": vars(self.curve), "precision": self.precision}
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
        self._best = _part(tensors, "best.")
        self._optimiser.restore(_part(tensors, "optimiser."))
        self.curve = curve
        # The same arithmetic as before, else a resumed training would give something else.
        self.precision = json.loads(facts.get("precision", "null"))
        self.step = int(step)
        return self.step


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name[len(prefix) :]: t for name, t in tensors.items() if name.startswith(prefix)}
