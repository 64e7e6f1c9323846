"""What an image tells about its camera, and what it can't."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.errors import PhotonDenoiseError

Interval = tuple[float, float]
Rung = Literal["line", "slope", "regions", "counted", "level"]


@dataclass(frozen=True)
class NoiseEstimate:
    """Noise of an image, estimated from the image itself.

    An image shows one line, ``variance = (counts - offset_eff) / gain``, and therefore two
    numbers. The effective offset is ``offset - read_noise**2 / gain``: the camera's offset
    and its read noise can't be told apart.

    Parameters
    ----------
    gain : float
        e-/ADU, such that the variance of a pixel equals its photons. For an EMCCD it
        holds the excess noise; for smoothed or averaged images, what that did to it.
    gain_interval : tuple of float, e-/ADU
        Holds the truth in about 95 of 100 images.
    offset_eff : float
        Counts (ADU) at which the noise would vanish.
    offset_eff_interval : tuple of float, ADU
    length_y, length_x : float, px
        How far neighbours share noise: sigma of a Gaussian blur of white noise; 0 if white.
    inflation : float
        Variance of the noise over the variance outside the microscope's band; 1 if white.
    source : {"image", "movie"}
        Single frames, or differences of successive ones.
    sentences : tuple of str
        What the user should know.
    rung : {"line", "slope", "regions", "counted", "level"}
        How much the image could tell: variance against mean with its zero; the slope alone,
        with a zero that is only bounded; the same from the smoothest regions; single photons
        counted; or one level of noise for the whole image.
    floor : float, optional, ADU
        Where photons start in an estimate that can't tell their number: below the darkest
        pixels. What noise there is at that brightness becomes read noise.
    hot : int
        Hot pixels that were met, and left out; they are mended before denoising.
    """

    gain: float
    gain_interval: Interval
    offset_eff: float
    offset_eff_interval: Interval
    length_y: float
    length_x: float
    inflation: float
    source: Literal["image", "movie"]
    sentences: tuple[str, ...]
    rung: Rung = "line"
    floor: float | None = None
    hot: int = 0

    @property
    def correlated(self) -> bool:
        """True if neighbouring pixels share noise."""
        return self.length_y > 0 or self.length_x > 0

    @property
    def relative(self) -> bool:
        """True where the noise is right but the photons are proportional numbers only."""
        return self.floor is not None

    @property
    def gain_sd(self) -> float:
        """One standard deviation of the gain, e-/ADU."""
        return _sd(self.gain_interval)

    @property
    def offset_eff_sd(self) -> float:
        """One standard deviation of the effective offset, ADU."""
        return _sd(self.offset_eff_interval)

    def variance(self, counts: float) -> float:
        """Variance (ADU²) of the noise of a pixel whose expected counts (ADU) are these."""
        return (counts - self.offset_eff) / self.gain

    def calibration(
        self, offset: float | None = None, read_noise: float | None = None
    ) -> Calibration:
        """Calibration from the estimate and from what is known of the camera besides.

        Parameters
        ----------
        offset : float, optional
            Mean counts in the dark, ADU; the read noise then follows.
        read_noise : float, optional
            e- rms; the offset then follows. With neither, all noise is laid to the photons:
            the variance of each pixel is right, the photons are `read_noise`**2 too many; and
            where photon numbers can't be told, they are relative ones.

        Raises
        ------
        PhotonDenoiseError
            If the offset lies below what the image allows.
        """
        offset_sd: float | None = self.offset_eff_sd
        # A read noise does not tell the offset, and one level of noise tells no gain at all.
        relative = self.relative and (offset is None or self.rung == "level")
        if relative and self.floor is not None:
            offset, offset_sd = self.floor, None
            noise = self._read_noise(offset)
        elif offset is None:
            noise = read_noise or 0.0
            offset = self.offset_eff + noise**2 / self.gain
        elif read_noise is None:
            noise = self._read_noise(offset)
            offset_sd = None
        else:
            noise, offset_sd = read_noise, None
        return Calibration(
            gain=self.gain,
            offset=offset,
            read_noise=noise,
            gain_sd=self.gain_sd,
            offset_sd=offset_sd,
            source="estimated",
            length_y=self.length_y,
            length_x=self.length_x,
            relative=relative,
            mends_hot=self.hot > 0,
        )

    @property
    def badge(self) -> str:
        """The estimate in a few words, for beside the name of its image."""
        if self.rung == "level":
            return "estimated from this image, one level of noise, photon numbers not known"
        low, high = self.gain_interval
        gain = f"gain {self.gain:.2g} ({low:.2g} to {high:.2g}) e-/ADU"
        return f"estimated from this image, {gain}, offset not known"

    def describe(self) -> str:
        """One line for people."""
        if self.rung == "level":
            dark = self._read_noise(self.offset_eff if self.floor is None else self.floor)
            return (
                f"estimate: one level of noise, {dark / self.gain:.3g} ADU; gain and offset not "
                "known"
            )
        low, high = self.gain_interval
        return (
            f"estimate: gain {self.gain:.3g} e-/ADU ({low:.3g} to {high:.3g}), effective offset "
            f"{self.offset_eff:.4g} ADU ({self.offset_eff_interval[0]:.4g} to "
            f"{self.offset_eff_interval[1]:.4g})"
        )

    def __str__(self) -> str:
        """Return the estimate in a line, then what the user should know, a sentence a line."""
        return "\n".join([self.describe(), *self.sentences])

    def _read_noise(self, offset: float) -> float:
        """Read noise (e- rms) that an offset (ADU) leaves."""
        if offset < self.offset_eff_interval[0]:
            raise PhotonDenoiseError(
                f"An offset of {offset:.4g} ADU does not fit the image, whose noise would vanish "
                f"at {self.offset_eff:.4g} ADU ({self.offset_eff_interval[0]:.4g} to "
                f"{self.offset_eff_interval[1]:.4g}): check the offset, or leave it out."
            )
        return float(max(0.0, (offset - self.offset_eff) * self.gain) ** 0.5)


def _sd(interval: Interval) -> float:
    return (interval[1] - interval[0]) / (2 * 1.96)
