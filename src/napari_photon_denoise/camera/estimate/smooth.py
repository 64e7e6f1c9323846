"""Noise in smooth regions: its variance at each brightness, and what neighbours share of it.

Where the spectrum outside the microscope's band does not show the noise (rounding hides it, a
colour camera's filling-in or JPEG took it away), regions that are smooth above the scale of some
pixels do, below it. What they hold of structure grows with their roughness, and is taken off by
regression as for the spectrum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from napari_photon_denoise.camera.estimate.blur import fit_lengths, make_noise
from napari_photon_denoise.camera.estimate.line import Float64
from napari_photon_denoise.camera.estimate.regions import Regions, measure_noise
from napari_photon_denoise.camera.estimate.structure import CLASSES, Floor, calm, fit_floor

CLEAN = 0.15  # of the variance that may be structure's
UNEVEN = 1.5  # scatter of the variances over that of noise
CALM = 0.3  # of the regions of each brightness: the smoothest
START = (0.6, 0.6)  # px, lengths to begin with
STEPS = 2  # of refining the lengths
SIMULATED = 512  # px, edge of the noise that shows what the choice of regions does
MOST = 30_000  # regions; more say nothing new


@dataclass(frozen=True)
class Smooth:
    """What smooth regions show.

    Parameters
    ----------
    floor : Floor
        Of the true variance.
    drawn : tuple of Floor
        The same from resampled regions.
    length_y, length_x : float, px
        Of the Gaussian that blurs white noise alike.
    leak : float
        Share of the variance that was taken off as structure's.
    scatter : float
        How much the variances of regions of one brightness differ, over what those of noise do;
        those of texture differ more.
    """

    floor: Floor
    drawn: tuple[Floor, ...]
    length_y: float
    length_x: float
    leak: float
    scatter: float

    @property
    def clean(self) -> bool:
        """True if there is hardly anything but noise in the regions."""
        return self.leak < CLEAN and self.scatter < UNEVEN


@dataclass(frozen=True)
class _Choice:
    """What the choice of smooth regions does to noise of some lengths."""

    rough: float
    kept: float
    shift: Float64
    spread: float


def fit_smooth(regions: Regions, darkest: float) -> Smooth:
    """Fit variance and lengths to the smooth regions of each brightness.

    Parameters
    ----------
    regions : Regions
    darkest : float, ADU
        Brightness at which the floor starts.
    """
    if len(regions) > MOST:
        regions = regions.of(np.random.default_rng(0).choice(len(regions), MOST, replace=False))
    smooth = regions.of(calm(regions.mean, regions.roughness, CALM))
    lengths = START
    for _ in range(STEPS):
        choice = _choice(lengths)
        fit = fit_floor(
            smooth.mean, smooth.covariance[:, 0], smooth.roughness, darkest, choice.rough
        )
        lengths = fit_lengths(_shares(smooth, fit.floor, choice.rough) - choice.shift)
    choice = _choice(lengths)
    kept = choice.kept
    return Smooth(
        fit.floor.times(1 / kept),
        tuple(floor.times(1 / kept) for floor in fit.drawn),
        *lengths,
        fit.leak,
        _spread(smooth) / choice.spread,
    )


def _spread(smooth: Regions) -> float:
    """Relative standard deviation of the variance of regions of one brightness."""
    variance = smooth.covariance[:, 0]
    classes = np.array_split(np.argsort(smooth.mean, kind="stable"), CLASSES)
    return float(np.median([variance[each].std() / variance[each].mean() for each in classes]))


def _shares(smooth: Regions, floor: Floor, rough: float) -> Float64:
    """Correlations of the noise at each lag, structure's taken off."""
    noise = floor.at(smooth.mean)
    structure = np.maximum(smooth.roughness - rough * noise, 0)
    unit = float(smooth.covariance[:, 0].mean()) / max(float(structure.mean()), 1e-30)
    weight = 1 / np.maximum(noise + unit * structure, 1e-30)
    basis = np.stack([noise, structure], axis=1) * weight[:, None]
    found = np.linalg.lstsq(basis, smooth.covariance[:, 1:] * weight[:, None], rcond=None)[0]
    return np.asarray(found[0], dtype=np.float64)


def _choice(lengths: tuple[float, float]) -> _Choice:
    """Choose the smoothest regions of pure noise as of an image, and see what that does."""
    noise = make_noise(*lengths, SIMULATED, np.random.default_rng(0))
    roughness, covariance = measure_noise(noise)
    chosen = np.argsort(roughness)[: int(CALM * len(roughness))]
    some, whole = covariance[chosen].mean(axis=0), covariance.mean(axis=0)
    return _Choice(
        rough=float(roughness[chosen].mean() / some[0]),
        kept=float(some[0] / noise.var()),
        shift=some[1:] / some[0] - whole[1:] / whole[0],
        spread=float(covariance[chosen, 0].std() / some[0]),
    )
