"""Typical numbers of common cameras, for a first look; your own camera differs by some percent.

Sources: PYME ``camera_noise.py``, Picasso ``config_template.yaml``, getframes presets,
Andor's manuals, published measurements of single units. Each holds for one read-out mode
only, and read noise is the median of the pixels (sCMOS have a long tail above it).
"""

from __future__ import annotations

from dataclasses import dataclass

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.errors import PhotonDenoiseError


@dataclass(frozen=True)
class Preset:
    """A camera in one mode.

    Parameters
    ----------
    key : str
        Kebab-case name for the command line and recipes.
    camera, mode : str
        As the maker names them.
    gain : float
        e-/ADU; for an EMCCD before the EM register.
    offset : float
        ADU.
    read_noise : float
        e- rms; for an EMCCD before the EM register.
    gain_sd : float, optional
        Half of the range seen between units, e-/ADU.
    em : bool
        True if the EM gain must be given.
    bits : int
        Of a grey value: the highest is ``2**bits - 1``; not heeded for an EMCCD, of which some
        have fewer.
    """

    key: str
    camera: str
    mode: str
    gain: float
    offset: float
    read_noise: float
    gain_sd: float | None = None
    em: bool = False
    bits: int = 16

    @property
    def title(self) -> str:
        """Camera and mode, for people."""
        return f"{self.camera}, {self.mode}"

    def calibration(self, em_gain: float | None = None) -> Calibration:
        """Calibration from this preset.

        Parameters
        ----------
        em_gain : float, optional
            EM gain as set on the camera; needed for an EMCCD, 1 if its EM gain is off.

        Raises
        ------
        PhotonDenoiseError
            If an EMCCD's EM gain is missing, or another camera is given one.
        """
        if not self.em:
            if em_gain is not None:
                raise PhotonDenoiseError(f"The {self.camera} has no EM gain: leave it out.")
            return self._calibration(1.0)
        if em_gain is None or em_gain < 1:
            raise PhotonDenoiseError(
                f"The {self.camera} multiplies its electrons: give the EM gain that was set "
                "(1 if it was off)."
            )
        from napari_photon_denoise.camera.transfer.em import excess_noise

        # The register raises the variance, at high gain to twice. Dividing by that too
        # gives effective photons, whose variance equals their mean.
        return self._calibration(em_gain * excess_noise(em_gain))

    def _calibration(self, divisor: float) -> Calibration:
        return Calibration(
            gain=self.gain / divisor,
            offset=self.offset,
            read_noise=self.read_noise / divisor,
            gain_sd=self.gain_sd / divisor if self.gain_sd else None,
            source="preset",
            camera=self.camera,
            mode=self.mode,
            saturation=None if self.em else float(2**self.bits - 1),
        )


PRESETS: dict[str, Preset] = {
    preset.key: preset
    for preset in (
        Preset("orca-flash4", "Hamamatsu ORCA-Flash4.0", "16-bit", 0.46, 100, 1.0, 0.03),
        Preset("orca-fusion-bt-fast", "Hamamatsu ORCA-Fusion BT", "fast", 0.224, 100, 1.3),
        Preset("orca-fusion-bt-standard", "Hamamatsu ORCA-Fusion BT", "standard", 0.24, 100, 1.0),
        Preset("orca-fusion-bt-quiet", "Hamamatsu ORCA-Fusion BT", "ultra quiet", 0.24, 100, 0.7),
        Preset(
            "zyla-4.2-12bit", "Andor Zyla 4.2", "12-bit low noise", 0.28, 100, 1.15, 0.02, bits=12
        ),
        Preset(
            "zyla-12bit-high-well", "Andor Zyla", "12-bit high well", 7.2, 100, 6.3, 0.2, bits=12
        ),
        Preset(
            "zyla-16bit", "Andor Zyla", "16-bit low noise and high well", 0.475, 100, 1.35, 0.025
        ),
        Preset("sona-12bit", "Andor Sona", "12-bit", 0.45, 100, 1.2, bits=12),
        Preset("sona-16bit", "Andor Sona", "16-bit", 1.08, 100, 1.8),
        Preset(
            "prime-95b-16bit", "Photometrics Prime 95B", "16-bit, low signal", 0.77, 100.5, 1.47
        ),
        Preset("pco-edge-4.2lt", "pco.edge 4.2 LT", "16-bit", 0.46, 100, 1.3),
        Preset("ixon-preamp-1", "Andor iXon", "EM amplifier, pre-amp 1", 17, 200, 80, 1, True),
        Preset("ixon-preamp-2", "Andor iXon", "EM amplifier, pre-amp 2", 8.85, 200, 60, 0.45, True),
        Preset("ixon-preamp-3", "Andor iXon", "EM amplifier, pre-amp 3", 4.95, 200, 50, 0.35, True),
    )
}


def find_preset(key: str) -> Preset:
    """Return the preset of that name.

    Raises
    ------
    PhotonDenoiseError
        If there is none; the sentence lists them.
    """
    if key not in PRESETS:
        raise PhotonDenoiseError(
            f"There is no camera preset '{key}'; the presets are {', '.join(PRESETS)}."
        )
    return PRESETS[key]
