"""What image, photons and camera say together, without a truth and without the method."""

from __future__ import annotations

from dataclasses import dataclass

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.metrics.conservation import (
    PhotonBalance,
    find_unbalanced,
    measure_photon_balance,
)
from napari_photon_denoise.metrics.consistency import Consistency, measure_consistency
from napari_photon_denoise.metrics.flags import Flags, find_flags
from napari_photon_denoise.metrics.regions import (
    RegionConsistency,
    find_inconsistent,
    measure_region_consistency,
    tile_labels,
)
from napari_photon_denoise.metrics.support import Support, measure_support


@dataclass(frozen=True, eq=False)
class Evidence:
    """What a finished image, its photons and its camera say together.

    Parameters
    ----------
    consistency : Consistency
    regions : tuple of RegionConsistency
        Tiles of 64 px.
    balances : tuple of PhotonBalance
        Of the same tiles.
    balance : PhotonBalance
        Of the whole image.
    support : Support
        Of the whole image.
    flags : Flags
    """

    consistency: Consistency
    regions: tuple[RegionConsistency, ...]
    balances: tuple[PhotonBalance, ...]
    balance: PhotonBalance
    support: Support
    flags: Flags

    @property
    def inconsistent(self) -> tuple[int, ...]:
        """Labels of `regions` whose residual is more than noise."""
        return find_inconsistent(self.regions)

    @property
    def unbalanced(self) -> tuple[int, ...]:
        """Labels of `balances` that lost or gained photons."""
        return find_unbalanced(self.balances)


def find_evidence(noisy: Float32, denoised: Float32, read_noise: float | Float32 = 0.0) -> Evidence:
    """Take everything that needs no truth and no method.

    Parameters
    ----------
    noisy, denoised : (..., Y, X) float32, e-
    read_noise : float or array that fits the image, e- rms

    Raises
    ------
    PhotonDenoiseError
        If the shapes differ, a pixel is not finite, read noise is negative, or no noise is
        expected anywhere.
    """
    images = noisy, denoised, read_noise
    return Evidence(
        consistency=measure_consistency(*images),
        regions=measure_region_consistency(*images),
        balances=measure_photon_balance(*images, tile_labels(noisy.shape)),
        balance=measure_photon_balance(*images)[0],
        support=measure_support(*images)[0],
        flags=find_flags(*images),
    )
