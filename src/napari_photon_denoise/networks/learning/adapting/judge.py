"""Whether an adapted network is kept: only if it errs less on pixels that it never learnt from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from napari_photon_denoise.networks.learning.adapting.lesson import AdaptingLesson
from napari_photon_denoise.networks.learning.plan import Judgement
from napari_photon_denoise.networks.photon_network import PhotonNetwork

LEAST = 1e-12  # e-²; an image without any noise has no errors
SURE = 2.0  # standard errors; less is perhaps chance


@dataclass(frozen=True, eq=False)
class AdaptingJudge:
    """Gives the network back its weights if what it has learnt does not help.

    Parameters
    ----------
    network : PhotonNetwork
        The one that learns.
    lesson : AdaptingLesson
        Whose held-out pixels decide.
    there : int
        Held-out pixels of all images: patches may show some of them twice.
    """

    network: PhotonNetwork
    lesson: AdaptingLesson
    there: int

    def before(self, device: str) -> None:
        """Do nothing: the lesson has kept the network as it was."""

    def after(self, device: str) -> Judgement:
        """Compare before and after by the same pixels."""
        gain, error = self._gain(device)
        if gain > 0:
            sure = "" if gain > SURE * error else ", which may be chance"
            sentence = (
                "The adapted network has won: on pixels that were kept aside it errs by "
                f"{gain:.2f} ± {error:.2f} % less than before{sure}. The larger part of that error "
                "is the noise of those pixels themselves."
            )
        else:
            self.network.load_state_dict(self.lesson.before.state_dict())
            sentence = (
                "The network as it was has won: adapted to the image it would err by "
                f"{-gain:.2f} ± {error:.2f} % more on pixels that were kept aside."
            )
        return Judgement(notes=(sentence,))

    def _gain(self, device: str) -> tuple[float, float]:
        """By how much less it errs than before, and how sure that is, %."""
        errors = self.lesson.errors(self.network.to(device).eval(), device, "float32")
        before, after = (one.numpy().astype(np.float64) for one in errors)
        smaller = before - after
        unit = 100 / max(float(before.mean()), LEAST)
        spread = smaller.std() / np.sqrt(max(1, min(smaller.size, self.there)))
        return unit * float(smaller.mean()), unit * float(spread)
