"""EMCCDs: the register multiplies electrons, and adds noise in doing so."""

from __future__ import annotations

from dataclasses import dataclass

from napari_photon_denoise.errors import PhotonDenoiseError


@dataclass(frozen=True)
class EmGain:
    """What the electron-multiplying register does.

    Parameters
    ----------
    em_gain : float
        Electrons out for one electron in.
    excess_noise : float
        F²: variance over that of Poisson noise.
    gain : float, e-/ADU
        Electrons before the register: the mean signal. `Calibration.gain` is this over F²,
        in which the variance equals the mean.
    gain_before : float, e-/ADU
        Gain with the register off: electrons after the register.
    """

    em_gain: float
    excess_noise: float
    gain: float
    gain_before: float


def excess_noise(em_gain: float, stages: int | None = None) -> float:
    """Excess noise factor F² of an EM register.

    ``2 (G - 1) G^(-(m + 1) / m) + 1 / G`` for m stages (Robbins & Hadwen 2003,
    doi:10.1109/TED.2003.813462); where their number is unknown, its limit ``2 - 1 / G``.

    Raises
    ------
    PhotonDenoiseError
        For a gain below 1 or no stage.
    """
    if em_gain < 1 or (stages is not None and stages < 1):
        raise PhotonDenoiseError(
            f"An EM gain of {em_gain:g} can't be: it is 1 (off) or more, in 1 stage or more."
        )
    if stages is None:
        return 2 - 1 / em_gain
    power: float = em_gain ** (-(stages + 1) / stages)
    return 2 * (em_gain - 1) * power + 1 / em_gain


def split_em(slope: float, em_gain: float, stages: int | None = None) -> EmGain:
    """Split the slope of a photon transfer curve into gain and excess noise.

    Parameters
    ----------
    slope : float, ADU/e-
        Slope of variance on mean: ``F² K``.
    em_gain : float
        As set on the camera.
    stages : int, optional
        Of the register (iXon: 536).
    """
    factor = excess_noise(em_gain, stages)
    return EmGain(em_gain, factor, factor / slope, em_gain * factor / slope)


def em_from_series(
    gain_off: float, gain_on: float, *, light: float | None = None, stages: int | None = None
) -> EmGain:
    """Find the EM gain from calibrations with the register off and on.

    Parameters
    ----------
    gain_off, gain_on : float, e-/ADU
        `Calibration.gain` measured without and with EM gain.
    light : float, optional
        Mean signal with EM gain over that without, of the same light (ADU/ADU); with it the
        excess noise is measured, without it it is taken from the formula.
    stages : int, optional
        Of the register.

    Raises
    ------
    PhotonDenoiseError
        If EM gain did not raise the signal.
    """
    ratio = gain_off / gain_on  # F² G
    if light is not None:
        em_gain = light
    else:
        em_gain = max(1.0, ratio / 2)
        for _ in range(50):
            em_gain = max(1.0, ratio / excess_noise(em_gain, stages))
    if ratio <= 1 or em_gain <= 1:
        raise PhotonDenoiseError(
            f"The gain is {gain_off:.4g} e-/ADU without and {gain_on:.4g} with EM gain, which is "
            "no amplification: swap the two."
        )
    factor = ratio / em_gain
    return EmGain(em_gain, factor, factor * gain_on, gain_off)
