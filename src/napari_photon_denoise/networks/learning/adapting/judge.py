"""Whether an adapted network is kept: only if it errs less on pixels that it never learnt from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from napari_photon_denoise.networks.learning.adapting.lesson import AdaptingLesson
from napari_photon_denoise.networks.photon_network import PhotonNetwork

LEAST = 1e-12  # e-²; an image without any noise has no errors
SURE = 2.0  # standard errors; less is perhaps chance


@dataclass(frozen=True, eq=False)
class Judge:
    """Gives the network back its weights if what it has learnt does not help.

    Parameters
    ----------
    after : PhotonNetwork
        The one that has learnt.
    lesson : AdaptingLesson
        Whose held-out pixels decide.
    there : int
        Held-out pixels of all images: patches may show some of them twice.
    """

    after: PhotonNetwork
    lesson: AdaptingLesson
    there: int

    def __call__(self, device: str) -> tuple[str, ...]:
        """Compare before and after by the same pixels; return a sentence for the user."""
        errors = self.lesson.errors(self.after.to(device).eval(), device, "float32")
        before, after = (one.numpy().astype(np.float64) for one in errors)
        smaller = before - after
        unit = 100 / max(float(before.mean()), LEAST)
        gain = unit * float(smaller.mean())
        error = unit * float(smaller.std() / np.sqrt(max(1, min(smaller.size, self.there))))
        if not gain > 0:
            self.after.load_state_dict(self.lesson.before.state_dict())
            return (
                "The network as it was has won: adapted to the image it would err by "
                f"{-gain:.2f} ± {error:.2f} % more on pixels that were kept aside.",
            )
        sure = "" if gain > SURE * error else ", which may be chance"
        return (
            f"The adapted network has won: on pixels that were kept aside it errs by {gain:.2f} ± "
            f"{error:.2f} % less than before{sure}. The larger part of that error is the noise of "
            "those pixels themselves.",
        )
