"""Two independent images from one, by sorting its photons at random.

Each photon goes to the first image with probability p, else to the second. If the photons are
Poisson of mean λ, the two are independent and Poisson, of means pλ and (1 - p)λ (Neufeld et
al. 2024, doi:10.48550/arXiv.2301.07276; for microscopy Krull et al. 2023,
doi:10.48550/arXiv.2307.06607). What a method makes of the first can then be judged by the
second, which it has never seen.

A camera's photons are not whole and carry read noise σ, so they are first made as good as
Poisson: photons plus σ² have mean and variance λ + σ² alike, and only then are rounded and
sorted; each image gives its share of σ² back. Without that step the two halves share noise, and
the second praises what the first has kept of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.checks import check_image, check_read_noise

ROUNDING = 1 / 12  # e-², variance that rounding to whole photons adds
UNEVEN = 0.07  # e-², mean square of what rounding moved; less, and whole photons show
MOST = 1e15  # e-; larger numbers of photons are no longer exact


@dataclass(frozen=True, eq=False)
class Thinned:
    """One image sorted into two.

    Parameters
    ----------
    kept : (..., Y, X) float32, e-
        Of mean ``share`` times the image's: what a method is given.
    read_noise : float or array that fits the image, e- rms
        Of `kept`: what the method is told.
    held : (..., Y, X) float32, e-
        The other photons plus `extra`: whole and as good as Poisson.
    extra : float or array that fits the image, e-
        What read noise adds to the mean of `held`.
    share : float
        p.
    """

    kept: Float32
    read_noise: float | Float32
    held: Float32
    extra: float | NDArray[np.float64]
    share: float

    def expected(self, estimate: Float32) -> NDArray[np.float64]:
        """Mean of `held` if `estimate`, of the full exposure and in e-, were the truth."""
        mean: NDArray[np.float64] = (1 - self.share) * estimate.astype(np.float64) + self.extra
        return mean


def thin(
    photons: Float32,
    read_noise: float | Float32 = 0.0,
    *,
    share: float = 0.8,
    rng: np.random.Generator,
) -> Thinned:
    """Sort the photons of an image into two independent images.

    Parameters
    ----------
    photons : (..., Y, X) float32, e-
    read_noise : float or array that fits the image, e- rms
    share : float, from 0 to 1
        Photons that go to the first image.
    rng : numpy.random.Generator

    Returns
    -------
    Thinned

    Raises
    ------
    PhotonDenoiseError
        If the share is not between 0 and 1, a pixel is not finite, or read noise is negative.
    """
    return next(split(photons, read_noise, share=share, folds=1, rng=rng))


def split(
    photons: Float32,
    read_noise: float | Float32 = 0.0,
    *,
    share: float = 0.8,
    folds: int = 1,
    rng: np.random.Generator,
) -> Iterator[Thinned]:
    """Sort the photons several times, such that no photon is held back twice.

    Parameters
    ----------
    photons : (..., Y, X) float32, e-
    read_noise : float or array that fits the image, e- rms
    share : float, from 0 to 1
        Photons that go to the first image.
    folds : int
        How many times; at most ``1 / (1 - share)``.
    rng : numpy.random.Generator

    Yields
    ------
    Thinned

    Raises
    ------
    PhotonDenoiseError
        If share or folds can't be, a pixel is not finite, or read noise is negative.
    """
    check_image(photons, "raw image")
    check_read_noise(read_noise, photons.shape)
    if not 0 < share < 1:
        raise PhotonDenoiseError(f"The share of photons to keep is from 0 to 1, not {share:g}.")
    if not 1 <= folds <= round(1 / (1 - share), 9):
        raise PhotonDenoiseError(
            f"With {100 * (1 - share):.3g} % of the photons held back, there are 1 to "
            f"{int(1 / (1 - share) + 1e-9)} folds, not {folds}."
        )
    counts, added = _as_poisson(photons, read_noise)
    return _folds(counts, added, share, folds, rng)


def _as_poisson(
    photons: Float32, read_noise: float | Float32
) -> tuple[NDArray[np.int64], float | NDArray[np.float64]]:
    """Whole counts of equal mean and variance, and what was added to the mean."""
    if float(np.abs(photons).max()) > MOST:
        raise PhotonDenoiseError(
            f"The raw image holds more than {MOST:g} photons in a pixel: check the gain."
        )
    added: Any = np.square(read_noise, dtype=np.float64)
    shifted = photons.astype(np.float64) + added
    moved = np.mean(np.square(np.rint(shifted) - shifted))
    # Rounding adds 1/12 to the variance, so the mean must follow; but where whole photons
    # show, rounding takes away what little noise there is.
    rounding = ROUNDING if moved > UNEVEN else 0.0
    counts = np.maximum(np.rint(shifted + rounding), 0).astype(np.int64)
    return counts, added + rounding


def _folds(
    counts: NDArray[np.int64],
    added: float | NDArray[np.float64],
    share: float,
    folds: int,
    rng: np.random.Generator,
) -> Iterator[Thinned]:
    # A pixel of mean pλ and variance p(λ + σ²) is that of a camera with read noise √p σ: to
    # tell pσ would be to promise a quieter camera, and to tell σ a noisier one.
    told = np.sqrt(share * added)
    read_noise = float(told) if told.ndim == 0 else told.astype(np.float32)
    extra = (1 - share) * added
    waiting, left = counts, 1.0
    for _ in range(folds):
        # Of what earlier folds left, so that the parts are those of one multinomial draw.
        held = rng.binomial(waiting, min(1.0, (1 - share) / left))
        waiting, left = waiting - held, left - (1 - share)
        kept = (counts - held) - share * added
        yield Thinned(
            kept=kept.astype(np.float32),
            read_noise=read_noise,
            held=held.astype(np.float32),
            extra=extra,
            share=share,
        )
