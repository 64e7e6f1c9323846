"""Has the camera changed? Two calibrations of it, compared in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from napari_photon_denoise.calibration import QUANTITIES, Calibration

SURE = 3.0  # standard deviations
# Smaller changes don't matter to a measurement: shares, for the offset of the read noise.
MATTERS = {"gain": 0.02, "offset": 0.5, "read_noise": 0.10}
NAMES = {"gain": "Gain", "offset": "Offset", "read_noise": "Read noise"}


@dataclass(frozen=True)
class Change:
    """What became of one quantity.

    Parameters
    ----------
    quantity : {"gain", "offset", "read_noise"}
    now, before : float
        Medians, in the quantity's unit.
    share : float
        Relative change.
    sds : float or None
        The change in standard deviations; None where one is unknown.
    matters : bool
        True if it is sure and large.
    """

    quantity: str
    now: float
    before: float
    share: float
    sds: float | None
    matters: bool

    def describe(self) -> str:
        """One sentence."""
        sds = "uncertainty unknown" if self.sds is None else f"{abs(self.sds):.1f} SD"
        return (
            f"{NAMES[self.quantity]}: {self.before:.4g} → {self.now:.4g} "
            f"{QUANTITIES[self.quantity]}, {100 * self.share:+.2g} % ({sds}): {self._verdict()}."
        )

    def _verdict(self) -> str:
        if self.matters:
            return "changed"
        if self.sds is not None and abs(self.sds) <= SURE:
            return "no change beyond the uncertainty"
        return "too little to matter"


def compare(now: Calibration, before: Calibration) -> list[Change]:
    """Compare two calibrations of one camera.

    Parameters
    ----------
    now, before : Calibration
    """
    noise = float(np.median(before.read_noise / before.gain))
    changes = []
    for quantity in QUANTITIES:
        new, old = (float(np.median(getattr(one, quantity))) for one in (now, before))
        errors = [getattr(one, f"{quantity}_sd") for one in (now, before)]
        sd = float(np.hypot(*errors)) if all(error is not None for error in errors) else None
        sds = (new - old) / sd if sd else None
        share = new / old - 1 if old else 0.0
        size = abs(new - old) / noise if quantity == "offset" and noise else abs(share)
        sure = sds is None or abs(sds) > SURE
        changes.append(Change(quantity, new, old, share, sds, sure and size > MATTERS[quantity]))
    return changes


def describe_drift(now: Calibration, before: Calibration) -> list[str]:
    """Say in sentences what changed: the conclusion, each quantity, the pixels, doubts.

    Parameters
    ----------
    now, before : Calibration
    """
    changes = compare(now, before)
    changed = [NAMES[change.quantity].lower() for change in changes if change.matters]
    doubts = _doubts(now, before)
    if doubts:
        conclusion = "These are not the same camera in the same mode; differences are no drift."
    elif changed:
        conclusion = f"The camera has changed ({', '.join(changed)}): use the new calibration."
    else:
        conclusion = "The camera is as it was."
    return [conclusion, *doubts, *(change.describe() for change in changes), *_pixels(now, before)]


def _doubts(now: Calibration, before: Calibration) -> list[str]:
    """Reasons to think that these are two cameras, or two modes."""
    doubts = []
    for name in ("serial", "mode"):
        new, old = getattr(now, name), getattr(before, name)
        if new and old and new != old:
            doubts.append(f"The {name} was '{old}' and is '{new}'.")
    if now.binning != before.binning:
        doubts.append(f"The binning was {before.binning} and is {now.binning}.")
    return doubts


def _pixels(now: Calibration, before: Calibration) -> list[str]:
    """Say how many pixels moved, if both have maps of the same shape."""
    new, old = now.offset, before.offset
    if not (isinstance(new, np.ndarray) and isinstance(old, np.ndarray)):
        return []
    if new.shape != old.shape:
        return [
            f"The maps differ in size ({old.shape[0]}×{old.shape[1]} and "
            f"{new.shape[0]}×{new.shape[1]} px), so pixels were not compared."
        ]
    moved = np.abs(new - old) > before.read_noise / before.gain
    return [f"{100 * moved.mean():.2g} % of the pixels moved their offset by over one read noise."]
