"""The last check of an estimated camera, by what a network takes out of a piece of its image.

An image tells its noise; a network that is told it takes it out, and what was taken out tells
the noise again, in another way. Where the two contradict each other the estimate is corrected,
once, and only if the network then agrees. A camera that was measured, chosen or typed in is never
corrected: that it does not fit is said, see `metrics.hints`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import log, prod, sqrt
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.estimate import is_jpeg
from napari_photon_denoise.denoiser import Denoiser, Filter, Method
from napari_photon_denoise.denoisers import AnyMethod
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import Job, Progress, relabelled
from napari_photon_denoise.metrics.hints import SHARED, compare_residual, shared_lengths
from napari_photon_denoise.metrics.noise_found import NoiseFound, find_noise
from napari_photon_denoise.photons import Photons

EDGE = 256  # px, of the piece
SEEN = 2048  # px, of the image's middle, in which it is chosen
BRIGHT = 0.75  # of the pieces are darker
FEWEST = 64**2  # pixels; fewer can't tell
APART = 1.7  # times the noise that was told, or one in so many: more is corrected
# Where neighbours share noise it looks weaker than it is if much was kept: more, per unit of the
# correlation that is missing beyond some.
APART_SHARED, PER_MISSING, SOME = 2.0, 1.5, 0.15
CLOSER = 0.8  # of the contradiction (its logarithm) that may be left by the correction
CHECKING = "Checking the estimate"
ERRORS = 4  # standard errors that must be exceeded as well


_T = TypeVar("_T")


@dataclass(frozen=True, eq=False)
class Settled:
    """An image seen through the camera that its denoising agrees with.

    Parameters
    ----------
    photons : Photons
    notes : tuple of str
        What was corrected, a sentence; empty if nothing was.
    """

    photons: Photons
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class SettledProgress(Progress):
    """How the image is seen from here on, for who shows it beside what comes."""

    photons: Photons


@dataclass(frozen=True)
class _Look:
    """What the network took out: how strong noise is, and how far it is shared, if further."""

    noise: NoiseFound
    shared: tuple[float, float] | None = None

    @property
    def contradiction(self) -> float:
        """How far the noise is from that which was told: the logarithm of its ratio."""
        return abs(log(max(self.noise.ratio, 1e-6)))


def settle_job(
    photons: Photons, denoiser: Denoiser, *, own: bool, device: str = "auto"
) -> Job[Settled]:
    """Correct a camera that was estimated from this very image, where denoising contradicts it.

    Parameters
    ----------
    photons : Photons
        The image and its camera.
    denoiser : method and its parameters
        Only one that `tells_noise` can contradict.
    own : bool
        Whether the camera was estimated from this very image just now. One that comes with a
        recipe was checked when the recipe was made.
    device : {"auto", "cpu", "cuda", "mps"}

    Returns
    -------
    Settled
        Through the generator's return value.
    """
    telling = isinstance(denoiser, Method) and denoiser.tells_noise
    if not own or photons.calibration.map_shape is not None or not telling:
        return Settled(photons)
    region = choose_piece(photons)
    few = prod(side.stop - side.start for side in region[-2:]) < FEWEST
    if few or _from_jpeg(photons):
        return Settled(photons)
    found = yield from _look_job(photons, denoiser, region, device)
    camera = None if found is None else _corrected(photons.calibration, found)
    if found is None or camera is None:
        return Settled(photons)
    other = replace(photons, calibration=camera)
    again = yield from _look_job(other, denoiser, region, device)
    if again is None or not _agrees_better(again, found):
        return Settled(photons)
    return Settled(other, (_say(photons.calibration, camera),))


def settle_by_job(
    photons: Photons, methods: Iterable[object], *, own: bool, device: str = "auto"
) -> Job[Settled]:
    """Correct a camera by the first of several methods whose denoising can contradict it.

    Parameters
    ----------
    photons, own, device
        As for `settle_job`.
    methods : iterable of methods, or anything else that denoises
    """
    for method in methods:
        if isinstance(method, AnyMethod) and method.tells_noise:
            try:
                method.resolved(photons)
            except PhotonDenoiseError:  # who runs it says so
                continue
            return (yield from settle_job(photons, method, own=own, device=device))
    return Settled(photons)


def scaled(camera: Calibration, ratio: float) -> Calibration:
    """Return a camera whose noise has `ratio` times the variance at every brightness."""
    gain_sd = None if camera.gain_sd is None else camera.gain_sd / ratio
    return replace(
        camera,
        gain=float(np.median(camera.gain)) / ratio,
        gain_sd=gain_sd,
        read_noise=float(np.median(camera.read_noise)) / sqrt(ratio),
        path=None,
        report=None,
    )


def choose_piece(photons: Photons) -> tuple[slice, ...]:
    """Return the region that is looked at: of a middle plane, brighter than most, yet typical."""
    index, plane = _middle(photons)
    y, x = index[-2:]
    corners = [(top, left) for top in _starts(plane.shape[0]) for left in _starts(plane.shape[1])]
    means = [float(plane[y0 : y0 + EDGE, x0 : x0 + EDGE].mean(dtype=float)) for y0, x0 in corners]
    top, left = corners[int(np.argsort(means)[int(BRIGHT * (len(means) - 1))])]
    place = [
        slice(side.start + start, min(side.start + start + EDGE, side.stop))
        for start, side in ((top, y), (left, x))
    ]
    return (*index[:-2], *place)


def _middle(photons: Photons) -> tuple[list[slice], NDArray[Any]]:
    """Return the middle of a middle plane, as index and as counts, ``(Y, X)``."""
    index = []
    for axis, size in photons.sizes.items():
        if axis in "YX":
            index.append(slice(max(0, size // 2 - SEEN // 2), min(size, size // 2 + SEEN // 2)))
        else:
            index.append(slice(size // 2, size // 2 + 1))
    y, x = index[-2:]
    return index, photons.counts(index).reshape(y.stop - y.start, x.stop - x.start)


def _from_jpeg(photons: Photons) -> bool:
    """Tell if JPEG left its blocks: what a network takes out of them is not the noise alone."""
    index, plane = _middle(photons)
    return is_jpeg(plane, (index[-2].start, index[-1].start))


def _starts(size: int) -> list[int]:
    """Where pieces begin along an axis: side by side, around its middle."""
    count = max(1, size // EDGE)
    first = max(0, (size - count * EDGE) // 2)
    return [first + EDGE * number for number in range(count)]


def _look_job(
    photons: Photons, denoiser: Denoiser, region: tuple[slice, ...], device: str
) -> Job[_Look | None]:
    """Denoise the piece, and measure the noise by what was taken out; None if it can't tell."""
    chosen = denoiser.resolved(photons)
    function: Filter = yield from _labelled(chosen.prepare(photons, device))
    region, middle = _with_neighbours(photons, chosen, region)
    noisy = photons.read(region).reshape(-1, *(side.stop - side.start for side in region[-2:]))
    yield Progress(CHECKING, 0, 1)
    read_noise, camera = photons.read_noise(region), photons.calibration
    clean, noisy = function(noisy, read_noise)[middle], noisy[middle]
    noise = find_noise(noisy, clean, read_noise, (camera.length_y, camera.length_x))
    if noise is None:
        return None
    shared = shared_lengths(compare_residual(noisy, clean, read_noise), camera)
    # Dark pixels in which no noise is expected must not speak for all.
    if shared is None or camera.correlated or max(noise.correlation) < SHARED:
        return _Look(noise)
    return _Look(find_noise(noisy, clean, read_noise, shared) or noise, shared)


def _with_neighbours(
    photons: Photons, denoiser: Denoiser, region: tuple[slice, ...]
) -> tuple[tuple[slice, ...], int]:
    """Return the piece with the planes around it that the method sees, and which of them is it."""
    wide, middle = list(region), 0
    if denoiser.depth_axis in photons.axes:
        at = photons.axes.index(denoiser.depth_axis)
        plane, reach = region[at].start, denoiser.halo[0]
        wide[at] = slice(max(0, plane - reach), min(photons.shape[at], plane + reach + 1))
        middle = plane - wide[at].start
    return tuple(wide), middle


def _labelled(job: Job[_T]) -> Job[_T]:
    """Say what the work is for."""
    return relabelled(job, lambda step: Progress(CHECKING, step.done, step.total))


def _corrected(camera: Calibration, found: _Look) -> Calibration | None:
    """Return the camera that fits what was found; None if this one does."""
    noise, shared = found.noise, found.shared
    if shared is not None:
        # Of noise that is shared much is kept: that there is less than was told is not sure.
        return replace(
            scaled(camera, max(1.0, noise.ratio)), length_y=shared[0], length_x=shared[1]
        )
    kept = max(0.0, noise.missing - SOME)
    apart = APART_SHARED + PER_MISSING * kept if camera.correlated else APART
    sure = abs(noise.ratio - 1) > ERRORS * noise.error
    if sure and found.contradiction > log(apart):
        return scaled(camera, noise.ratio)
    return None


def _agrees_better(again: _Look, found: _Look) -> bool:
    if found.shared is not None:
        return again.shared is None and again.contradiction < log(APART)
    return again.contradiction < CLOSER * found.contradiction


def _say(before: Calibration, after: Calibration) -> str:
    ratio = float(np.median(before.gain)) / float(np.median(after.gain))
    told = (
        f"{'' if ratio > 1 else 'only '}{ratio:.2g} times the variance that was estimated from it"
    )
    lengths = f"shared by neighbours over y {after.length_y:.2f} px and x {after.length_x:.2f} px"
    if (before.length_y, before.length_x) == (after.length_y, after.length_x):
        noise = f"of {told}"
    else:
        noise = lengths if ratio == 1 else f"{lengths}, of {told}"
    return (
        f"What the network took out of a piece of the image was noise {noise}: the estimate was "
        "corrected by that, and the recipe holds it."
    )
