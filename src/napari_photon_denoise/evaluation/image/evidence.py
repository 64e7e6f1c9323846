"""The lines of the table that need no truth: what image, photons and camera say together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isnan

import numpy as np

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.evaluation.figures import Figure, without_value
from napari_photon_denoise.evaluation.ranking import Comparison
from napari_photon_denoise.evaluation.resolution import ResolutionPair
from napari_photon_denoise.metrics.applicable import NotApplicable
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

# Key, name, unit and meaning of each line, so that one that does not apply has them too.
LINES: dict[str, tuple[str, str, str]] = {
    "residual-mean": (
        "Mean of the residual", "",
        "In units of its noise; 0 for the truth, off 0 where photons were lost or made up.",
    ),
    "residual-variance": (
        "Variance of the residual", "",
        "In units of its noise; 1 for the truth, above where structure was removed, a little "
        "below for a good denoiser that sees the pixel.",
    ),
    "whiteness-y": (
        "Correlation of the residual in y", "",
        "Of neighbours; 0 for noise, above where structure was removed.",
    ),
    "whiteness-x": (
        "Correlation of the residual in x", "",
        "Of neighbours; 0 for noise, above where structure was removed.",
    ),
    "inconsistent-regions": (
        "Regions whose residual is more than noise", "",
        "Of tiles of 64 px, beyond what chance does to one of all.",
    ),
    "unbalanced-regions": (
        "Regions that lost or gained photons", "",
        "Of tiles of 64 px, by more than 3 % and than chance does to one of all.",
    ),
    "photons-gained": (
        "Photons gained", "e-",
        "Sum of the denoised image minus the raw one's; the error is what noise allows.",
    ),
    "over-smoothed": (
        "Over-smoothed places", "", "Where photons show structure that the image has not.",
    ),
    "invented": (
        "Invented places", "", "Where the image shows structure that photons do not support.",
    ),
    "contrast-support": (
        "Fine contrast shown by the photons", "",
        "Share of it that the raw image has: 1 real, 0 invented, above 1 smoothed; left-over noise "
        "supports itself.",
    ),
    "held-out-mse": (
        "Mean squared error by photons held back", "e-²",
        "Distance to the unknown truth, of the method on 80 % of the photons.",
    ),
    "held-out-psnr": (
        "PSNR by photons held back", "dB", "From that error and the result's own range.",
    ),
    "held-out-deviance": (
        "Deviance of photons held back", "", "Poisson deviance of a pixel; less is better.",
    ),
    "held-out-support": (
        "Fine contrast shown by photons held back", "",
        "Share of it that unseen photons have: 1 real, 0 noise or invented, above 1 smoothed.",
    ),
    "resolution": (
        "Resolution (FRC, 1/7)", "px",
        "Finest detail that repeats in two halves of the photons, each denoised; says nothing of "
        "detail that the method makes alike in both.",
    ),
    "resolution-um": (
        "Resolution (FRC, 1/7)", "µm", "The same in µm.",
    ),
}  # fmt: skip
OF_IMAGE = 10  # lines that a finished image gives


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


def figures_of_evidence(found: Evidence | NotApplicable) -> Iterator[Figure]:
    """Lines of the table from a finished image."""
    if isinstance(found, NotApplicable):
        yield from _absent(tuple(LINES)[:OF_IMAGE], found)
        return
    z = found.consistency
    yield _line("residual-mean", z.mean, z.mean_error)
    yield _line("residual-variance", z.variance, z.variance_error)
    for axis in (-2, -1):
        key = f"whiteness-{'yx'[axis]}"
        yield _line(key, z.autocorrelation[axis], z.autocorrelation_error[axis])
    yield _line("inconsistent-regions", len(found.inconsistent), None)
    yield _line("unbalanced-regions", len(found.unbalanced), None)
    yield _line("photons-gained", found.balance.gained, found.balance.error)
    yield _line("over-smoothed", found.flags.over_smoothed, None)
    yield _line("invented", found.flags.invented, None)
    yield _line("contrast-support", found.support.slope, found.support.error)


def figures_held_out(found: Comparison | NotApplicable, method: str, raw: str) -> Iterator[Figure]:
    """Lines of the table from photons held back; `method` and `raw` are names in it."""
    if isinstance(found, NotApplicable):
        yield from _absent(tuple(key for key in LINES if key.startswith("held-out")), found)
        return
    after, before = found.scores[method], found.scores[raw]
    yield Figure(*_words("held-out-mse", after.mse), after.mse_error, before.mse, "lower")
    if isnan(after.psnr):
        uncertain = "The error is smaller than its own uncertainty: take a larger image."
        yield from _absent(("held-out-psnr",), NotApplicable(found.doubt or uncertain))
    else:
        yield Figure(*_words("held-out-psnr", after.psnr))
    yield Figure(
        *_words("held-out-deviance", after.deviance),
        after.deviance_error,
        before.deviance,
        "lower",
    )
    yield Figure(
        *_words("held-out-support", after.support), after.support_error, before.support, "one"
    )


def figures_of_resolution(found: ResolutionPair | NotApplicable) -> Iterator[Figure]:
    """Lines of the table from Fourier ring correlation."""
    keys = ("resolution", "resolution-um")
    if isinstance(found, NotApplicable):
        yield from _absent(keys, found)
        return
    raw, after = found.raw, found.denoised
    if isinstance(after, NotApplicable):
        # Of the raw image alone it is still worth a line.
        if isinstance(raw, NotApplicable):
            yield from _absent(keys, raw)
            return
        yield Figure(*_words(keys[0], None), before=raw.period, reason=after.reason)
        return
    before = None if isinstance(raw, NotApplicable) else raw
    yield Figure(
        *_words(keys[0], after.period), after.error, before.period if before else None, "lower"
    )
    if after.micrometres is not None and after.pixel_size is not None:
        yield Figure(
            *_words(keys[1], after.micrometres),
            after.error * after.pixel_size,
            before.micrometres if before else None,
            "lower",
        )


def _absent(keys: tuple[str, ...], obstacle: NotApplicable) -> Iterator[Figure]:
    for key in keys:
        name, unit, says = LINES[key]
        yield without_value(key, name, unit, says, obstacle)


def _line(key: str, value: float, error: float | None) -> Figure:
    if np.isnan(value):
        reason = "The image has no two neighbours, or no residual, to measure it of."
        return Figure(*_words(key, None), reason=reason)
    return Figure(*_words(key, float(value)), error)


def _words(key: str, value: float | None) -> tuple[str, str, float | None, str, str]:
    name, unit, says = LINES[key]
    return key, name, value, unit, says
