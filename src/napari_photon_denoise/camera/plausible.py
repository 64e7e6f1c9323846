"""Whether a camera's numbers are such as cameras have, said where they were read from a file.

A file that is misread (slices in another order, a gain in the inverse unit) gives numbers of the
wrong size. Nobody sees that who is not shown them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Quantity = float | NDArray[np.float32]


@dataclass(frozen=True)
class Usual:
    """What most cameras have of a quantity.

    Parameters
    ----------
    name, unit : str
    low, high : float
        What lies outside is warned of.
    """

    name: str
    unit: str
    low: float
    high: float

    def doubt(self, value: float, advice: str) -> tuple[str, ...]:
        """Say so if a number is none that cameras have."""
        if self.low <= value <= self.high:
            return ()
        return (
            f"Caution: {self.name} {value:.3g} {self.unit} is not what most cameras have "
            f"({self.low:g} to {self.high:g} {self.unit}): {advice}.",
        )


# sCMOS and CCD: 0.1 (photon-counting CMOS) to 8 e-/ADU (12 bits of a full well), dark at 30 to
# 1000 ADU, 0.7 (back-illuminated sCMOS) to 12 e- (fast CCD). PYME, Picasso, makers' sheets.
GAIN = Usual("a gain of", "e-/ADU", 0.05, 20)
OFFSET = Usual("an offset of", "ADU", 10, 2000)
READ_NOISE = Usual("a read noise of", "e-", 0.5, 20)
# Before the register of an EMCCD: 4 to 50 e-/ADU and 40 to 150 e-.
EM_GAIN = Usual("before its EM register a gain of", "e-/ADU", 0.5, 100)
EM_READ_NOISE = Usual("before its EM register a read noise of", "e-", 5, 300)
MOST_SPREAD = 0.3  # half of the gains within; an sCMOS camera's lie within some percent

CHECK_UNIT = (
    "check in which unit the file states it (e-/ADU or ADU/e-), and whether its parts are in the "
    "order that the program writes"
)
CHECK_ORDER = "check whether the file's parts are in the order that the program writes"


def doubt_numbers(
    gain: Quantity, offset: Quantity, read_noise: Quantity | None, *, em: bool = False
) -> tuple[str, ...]:
    """Say which numbers are none that cameras have, a sentence each; nothing if all are.

    Parameters
    ----------
    gain : float or (Y, X) float32, e-/ADU
        Before the register of an EMCCD.
    offset : float or (Y, X) float32, ADU
    read_noise : float or (Y, X) float32, e- rms, or None
        Of an EMCCD, at the output of its register; None where it is not known.
    em : bool
        True of an EMCCD whose register multiplies.
    """
    sentences = [
        *(EM_GAIN if em else GAIN).doubt(float(np.median(gain)), CHECK_UNIT),
        *OFFSET.doubt(float(np.median(offset)), CHECK_ORDER),
    ]
    if read_noise is not None:
        usual = EM_READ_NOISE if em else READ_NOISE
        sentences += usual.doubt(float(np.median(read_noise)), CHECK_ORDER)
    low, middle, high = np.percentile(gain, [25, 50, 75])
    if high - low > MOST_SPREAD * middle:
        sentences.append(
            f"Caution: half of the pixels' gains spread over {100 * (high - low) / middle:.0f} % "
            f"(real ones over some percent): {CHECK_ORDER}."
        )
    return tuple(sentences)
