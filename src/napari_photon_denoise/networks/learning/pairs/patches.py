"""Batches of a user's own pairs: patches cut, turned and told their noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.networks.batch import Batch
from napari_photon_denoise.networks.learning.pairs.images import Pair
from napari_photon_denoise.networks.learning.pairs.percentiles import Percentiles
from napari_photon_denoise.networks.learning.pairs.regions import Region
from napari_photon_denoise.networks.learning.pairs.survey import Survey, brightness

KEPT = 0.2  # of the background patches
TRIES = 10  # for one with something in it
PATIENT = 100  # likewise, where no background is to be kept
ALONE = 0.1  # share of patches whose neighbours are hidden, as for single planes


@dataclass(frozen=True, eq=False)
class PairPatches:
    """Patches of pairs; calling it returns a batch.

    Parameters
    ----------
    pairs : sequence of Pair
    regions : sequence of Region
        Where patches may lie; drawn in proportion to their pixels.
    survey : Survey
        Says what is background, of which a fifth is kept.
    ratio : float
        The target is the clean image times this.
    positive : bool
        True takes negative clean photons for none.
    batch, patch : int
        Patches a batch, and their edge in px.
    planes : int
        Odd; neighbouring planes that a 2.5-D network is shown.
    depth : int
        Planes of a 3-D patch; 0 for 2-D.
    percentiles : Percentiles, optional
        Of a network that is told those: batches then have limits, and the published rule says
        what is background, of which nothing is kept.
    """

    pairs: Sequence[Pair]
    regions: Sequence[Region]
    survey: Survey
    ratio: float
    positive: bool
    batch: int
    patch: int
    planes: int = 1
    depth: int = 0
    percentiles: Percentiles | None = None

    def __call__(self, rng: np.random.Generator) -> Batch:
        """Return a batch; what it holds depends on the generator alone."""
        weights = np.array([self._samples(region) for region in self.regions], float)
        chosen = rng.choice(len(self.regions), self.batch, p=weights / weights.sum())
        columns = zip(*(self._cut(self.regions[number], rng) for number in chosen), strict=True)
        photons, read_noise, lengths, target, present = (
            torch.from_numpy(np.ascontiguousarray(np.stack(column))) for column in columns
        )
        if self.percentiles is None:
            return Batch(photons, read_noise, lengths, target, present)
        pairs = (self.regions[number].pair for number in chosen)
        limits = np.stack([self.percentiles.draw(pair, rng) for pair in pairs])
        return Batch(photons, read_noise, lengths, target, present, torch.from_numpy(limits))

    def _samples(self, region: Region) -> int:
        return region.area * int(np.prod(self.pairs[region.pair].noisy.shape[:-2]))

    def _cut(self, region: Region, rng: np.random.Generator) -> tuple[NDArray[np.generic], ...]:
        """Photons, read noise, lengths, target and presence of one patch."""
        pair = self.pairs[region.pair]
        for _ in range(TRIES if self.percentiles is None else PATIENT):
            place, places, present = self._place(pair, region, rng)
            clean = _read(pair.clean.read(place), pair, places)
            if self._is_wanted(clean, region.pair, _channel(pair, place), rng):
                break
        noisy = _read(pair.noisy.read(place), pair, places)
        target = clean if self.depth else clean[self.planes // 2][None]
        target = target * np.float32(self.ratio)
        if self.positive:
            target = np.maximum(target, 0)
        noise = np.broadcast_to(np.float32(pair.noisy.read_noise(place)), noisy.shape[-2:])[None]
        camera = pair.noisy.calibration
        lengths = np.array([camera.length_y, camera.length_x], np.float32)
        turns = int(rng.integers(4)) if pair.is_square else 2 * int(rng.integers(2))
        if turns % 2:
            lengths = lengths[::-1]  # what was shared along y is now shared along x
        mirror, around = rng.random(2) < 0.5
        noisy, noise, target = (_turned(part, turns, mirror) for part in (noisy, noise, target))
        if around:
            noisy, present = noisy[::-1], present[::-1]
            target = target[::-1] if self.depth else target
        if self.depth:
            # One channel of a volume: (1, Z, Y, X); the noise is that of each plane.
            return noisy[None], noise[None], lengths, target[None], np.ones(1, bool)
        return noisy, noise, lengths, target, present

    def _is_wanted(self, clean: Float32, pair: int, channel: int, rng: np.random.Generator) -> bool:
        """Whether a patch shows something, or is of the background that is kept."""
        if self.percentiles is not None:
            shown = clean if self.depth else clean[self.planes // 2]
            return not self.percentiles.is_background(pair, shown)
        level = self.survey.background.get((pair, channel), 0.0)
        return bool(brightness(clean) >= level or rng.random() < KEPT)

    def _place(
        self, pair: Pair, region: Region, rng: np.random.Generator
    ) -> tuple[tuple[slice, ...], NDArray[np.intp], NDArray[np.bool_]]:
        """Draw what to read, which of its planes to take, and which of those exist."""
        axis, deep = pair.depth_axis, self.depth or self.planes
        box = {}
        for letter, size in pair.noisy.sizes.items():
            if letter in "YX":
                low, high = region.y if letter == "Y" else region.x
                start = int(rng.integers(low, high - self.patch + 1))
                box[letter] = slice(start, start + self.patch)
            elif letter != axis:
                at = int(rng.integers(size))
                box[letter] = slice(at, at + 1)
        reach = deep // 2
        first = int(rng.integers(pair.depth - deep + 1 if self.depth else pair.depth))
        wanted = np.arange(first, first + deep) - (0 if self.depth else reach)
        present = (wanted >= 0) & (wanted < pair.depth)
        if not self.depth and self.planes > 1 and rng.random() < ALONE:
            present = np.arange(deep) == reach
        wanted = wanted.clip(0, pair.depth - 1)
        box[axis] = slice(int(wanted[0]), int(wanted[-1]) + 1)
        place = tuple(box[letter] for letter in pair.noisy.axes)
        return place, wanted - wanted[0], present


def _read(block: Float32, pair: Pair, places: NDArray[np.intp]) -> Float32:
    """Planes of a block that was read, (planes, Y, X); the outermost stand in for missing ones."""
    return block.reshape(-1, *block.shape[-2:])[places]


def _channel(pair: Pair, place: tuple[slice, ...]) -> int:
    axes = pair.noisy.axes
    return int(place[axes.index("C")].start) if "C" in axes else 0


def _turned(image: Float32, turns: int, mirror: bool) -> Float32:
    image = np.rot90(image, turns, axes=(-2, -1))
    return image[..., ::-1] if mirror else image
