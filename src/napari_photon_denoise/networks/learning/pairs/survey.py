"""A look at all pairs before training: how their light compares, and what is background."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.networks.learning.pairs.images import Pair
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.tiles import frames

WINDOW = 1024  # px; of large planes only the middle is looked at
MOST_PLANES = 50  # of a pair, spread evenly
SPOT = 8  # px; brightness is judged by means over such squares
DARK = 0.1  # of the way from the dimmest to the brightest patch: below that lies background
SPREAD = 0.2  # between the exposure ratios of pairs that is worth a note


@dataclass(frozen=True)
class Survey:
    """What was seen.

    Parameters
    ----------
    ratio : float
        Exposure of the noisy images over that of the clean ones.
    ratios : tuple of float
        That of each pair by itself.
    background : dict
        For each pair and channel the brightness, e- of the clean image, below which a patch
        is background; see `brightness`.
    photons : (float, float), e-
        Mean of the dimmest and the brightest patch, of noisy images.
    """

    ratio: float
    ratios: tuple[float, ...]
    background: dict[tuple[int, int], float]
    photons: tuple[float, float]

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for the user."""
        low, high = min(self.ratios), max(self.ratios)
        if high > low * (1 + SPREAD):
            return (
                f"The exposure ratio differs between pairs, from {low:.3g} to {high:.3g}: check "
                "the camera's offset, and whether light or dye faded between the two images.",
            )
        return ()


def survey_job(pairs: Sequence[Pair], patch: int) -> Job[Survey]:
    """Look at some planes of each pair.

    Parameters
    ----------
    pairs : sequence of Pair
    patch : int
        Edge of the patches that will be cut, px.

    Returns
    -------
    Survey
        Through the generator's return value.

    Raises
    ------
    PhotonDenoiseError
        If there is NaN, or no light.
    """
    sums = np.zeros((len(pairs), 2))
    bright: dict[tuple[int, int], list[float]] = {}
    means: list[float] = []
    for number, pair in enumerate(pairs):
        yield Progress(f"Looking at {pair.name}", number, len(pairs))
        for channel, index in _planes(pair):
            noisy, clean = (_read(side, index) for side in (pair.noisy, pair.clean))
            sums[number] += noisy.sum(dtype=float), clean.sum(dtype=float)
            for cell in _cells(noisy.shape, patch):
                bright.setdefault((number, channel), []).append(brightness(clean[cell]))
                means.append(float(noisy[cell].mean()))
    for pair, (noisy_sum, clean_sum) in zip(pairs, sums, strict=True):
        if noisy_sum <= 0 or clean_sum <= 0:
            which = "noisy" if noisy_sum <= 0 else "clean"
            raise PhotonDenoiseError(
                f"The {which} image of {pair.name} holds no light above the camera's offset: "
                "check the offset, or leave the pair out."
            )
    total = sums.sum(axis=0)
    return Survey(
        ratio=float(total[0] / total[1]),
        ratios=tuple((sums[:, 0] / sums[:, 1]).tolist()),
        background={
            key: min(values) + DARK * (max(values) - min(values)) for key, values in bright.items()
        },
        photons=(max(0.0, min(means)), max(means)),
    )


def brightness(clean: Float32) -> float:
    """Brightest square of `SPOT` px of an image ``(..., Y, X)``, e-."""
    height, width = (max(SPOT, size - size % SPOT) for size in clean.shape[-2:])
    cut = clean[..., :height, :width]
    if min(cut.shape[-2:]) < SPOT:
        return float(cut.mean())
    squares = cut.reshape(-1, height // SPOT, SPOT, width // SPOT, SPOT).mean(axis=(2, 4))
    return float(squares.max())


def _planes(pair: Pair) -> list[tuple[int, tuple[slice, ...]]]:
    """Channel and place of the planes to look at."""
    photons = pair.noisy
    total = int(np.prod(photons.shape[:-2]))
    step = -(-total // MOST_PLANES)
    return [
        (frame.get("C", 0), _index(photons.axes, photons.shape, frame, z))
        for frame in frames(photons.sizes)
        for z in range(photons.sizes.get("Z", 1))
    ][::step]


def _index(axes: str, shape: tuple[int, ...], frame: dict[str, int], z: int) -> tuple[slice, ...]:
    place = {**frame, "Z": z}
    window = {
        axis: slice(max(0, size // 2 - WINDOW // 2), min(size, size // 2 + WINDOW // 2))
        for axis, size in zip(axes, shape, strict=True)
        if axis in "YX"
    }
    return tuple(
        window[axis] if axis in "YX" else slice(place[axis], place[axis] + 1) for axis in axes
    )


def _read(photons: Photons, index: tuple[slice, ...]) -> Float32:
    block = photons.read(index)
    return block.reshape(block.shape[-2:])


def _cells(shape: tuple[int, ...], patch: int) -> list[tuple[slice, slice]]:
    """Squares of a patch's size that cover a plane."""
    rows, columns = (range(0, max(1, size - patch + 1), patch) for size in shape)
    return [(slice(y, y + patch), slice(x, x + patch)) for y in rows for x in columns]
