"""Whether intervals hold what they say: measured on pairs that were kept aside, and put right.

A network's scale tells where it is less sure than elsewhere, not how much a Laplace law would hold
of its true error. So half of what was kept aside decides by how many scales an interval reaches,
which is the quantile of error over scale there; how many pixels such intervals really hold is then
counted on the other half (Lei et al. 2018, doi:10.1080/01621459.2017.1307116, split conformal
prediction).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import torch

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.networks.committee import LAPLACE, LEVELS, Committee
from napari_photon_denoise.networks.learning.pairs.images import Pair
from napari_photon_denoise.networks.learning.pairs.regions import Region
from napari_photon_denoise.networks.learning.plan import Judge, Judgement
from napari_photon_denoise.networks.percentiles import limits_of, read_planes
from napari_photon_denoise.networks.predict import Predictor
from napari_photon_denoise.tiles import Size3

PLANE, BLOCK = (1, 512, 512), (16, 256, 256)  # planes, px, px; of the pieces that are denoised
MOST = 2**21  # pixels that are looked at
FEWEST = 4096  # pixels, of each half; fewer say nothing of one in ten
BRIGHT = 0.5  # of the way from the least to the brightest, by rank: where structure is
OFF = (0.03, 0.02)  # from 50 % and 90 %; more is said


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Parts of pairs that are never learnt from, and how to read them.

    Parameters
    ----------
    pairs : sequence of Pair
    regions : sequence of Region
    ratio : float
        The target is the clean image times this.
    by_percentiles : bool
        Whether the network is told those of the whole image.
    """

    pairs: Sequence[Pair]
    regions: Sequence[Region]
    ratio: float
    by_percentiles: bool


@dataclass(eq=False)
class CoverageJudge:
    """Measures a committee's intervals, and sets its factors; all else is another judge's.

    Parameters
    ----------
    network : Committee
        With uncertainty; its factors are set.
    held_out : HeldOut
    inner : Judge
        Compares with the time before.
    """

    network: Committee
    held_out: HeldOut
    inner: Judge

    def before(self, device: str) -> None:
        """Look at the network before it learns."""
        self.inner.before(device)

    def after(self, device: str) -> Judgement:
        """Compare, and measure the intervals."""
        judged = self.inner.after(device)
        tune, test = _halves(self.network, self.held_out, device)
        if min(len(tune), len(test)) < FEWEST:
            note = (
                "Too little was kept aside to measure how many pixels the intervals hold: they are "
                "those of a Laplace law, so give more pairs before you rely on them."
            )
            return Judgement(judged.facts, judged.said, (*judged.notes, note))
        factors = np.quantile(tune[:, 0], LEVELS)
        self.network.get_buffer("factors").copy_(torch.from_numpy(factors))
        facts = {
            "factors": factors.tolist(),
            "held": _held(test, factors),
            "held_where_bright": _held(_bright(test), factors),
            "held_by_laplace": _held(test, LAPLACE),
            "pixels": len(test),
            "light": _light(self.held_out.pairs),
        }
        return Judgement(
            {**judged.facts, "coverage": facts},
            f"{judged.said}\n{_said(facts)}",
            (*judged.notes, *_notes(facts)),
        )


def _light(pairs: Sequence[Pair]) -> tuple[float, float]:
    """Mean photons of the dimmest and of the brightest of the noisy images, e-."""
    means = [float(read_planes(pair.noisy).mean()) for pair in pairs]
    return min(means), max(means)


def _held(found: Float32, factors: Sequence[float] | Float32) -> list[float]:
    """Share of pixels within each interval."""
    return [float((found[:, 0] <= factor).mean()) for factor in factors]


def _bright(found: Float32) -> Float32:
    """Return the brighter half of the pixels, as the network sees them."""
    return found[found[:, 1] >= np.quantile(found[:, 1], BRIGHT)]


def _said(facts: dict[str, Any]) -> str:
    fifty, ninety = (f"{100 * share:.1f} %" for share in facts["held"])
    first, second = (f"{100 * share:.1f} %" for share in facts["held_by_laplace"])
    return (
        f"Of {facts['pixels']} pixels that were kept aside, the 50 % interval holds {fifty} and "
        f"the 90 % interval {ninety} (a Laplace law's own would hold {first} and {second})"
    )


def _notes(facts: dict[str, Any]) -> Iterator[str]:
    for level, held, off in zip(LEVELS, facts["held"], OFF, strict=True):
        if abs(held - level) > off:
            yield (
                f"The {100 * level:.0f} % interval holds {100 * held:.0f} % of the pixels of other "
                "images than those that it was set by: images differ too much for it, so give "
                "more pairs."
            )


def _halves(network: Committee, held_out: HeldOut, device: str) -> tuple[Float32, Float32]:
    """Error over scale, and photons, of both halves of the pixels, each (pixels, 2).

    Pairs are not torn apart where there are two or more.
    """
    is_deep = network.body.dimensions == 3 or network.planes > 1
    pieces = _pieces(held_out, BLOCK if is_deep else PLANE)
    pairs = sorted({pair for pair, _ in pieces})
    halves: list[list[Float32]] = [[], []]
    predictors = {pair: _predictor(network, held_out, pair, device) for pair in pairs}
    for number, (pair, place) in enumerate(pieces):
        side = pairs.index(pair) if len(pairs) > 1 else number
        halves[side % 2].append(_look(predictors[pair], held_out, pair, place))
    nothing = np.zeros((0, 2), np.float32)
    first, second = (np.concatenate([nothing, *half]) for half in halves)
    return first, second


def _pieces(held_out: HeldOut, size: Size3) -> list[tuple[int, tuple[slice, ...]]]:
    """Pieces of the regions, about as many pixels of each."""
    found = []
    for region in held_out.regions:
        pair = held_out.pairs[region.pair]
        depth, edge, _ = size
        if len(held_out.regions) == 1:  # of which there must be two
            longest = max(high - low for low, high in (region.y, region.x))
            edge = min(edge, -(-longest // 2))
        spans = {
            "Y": _cut(*region.y, edge),
            "X": _cut(*region.x, edge),
            pair.depth_axis: _cut(0, pair.depth, depth),
        }
        grid = [spans.get(axis, _cut(0, pair.noisy.sizes[axis], 1)) for axis in pair.noisy.axes]
        places = list(product(*grid))
        room = MOST / len(held_out.regions) / (depth * edge**2)
        # Shuffled: neighbours are alike.
        order = np.random.default_rng(region.pair).permutation(len(places))
        found += [(region.pair, places[i]) for i in order[: max(2, round(room))]]
    return found


def _cut(low: int, high: int, step: int) -> list[slice]:
    return [slice(start, min(start + step, high)) for start in range(low, high, step)]


def _predictor(network: Committee, held_out: HeldOut, number: int, device: str) -> Predictor:
    """Return the network at work on a pair, as it will be on other images."""
    noisy = held_out.pairs[number].noisy
    lengths = noisy.calibration.length_y, noisy.calibration.length_x
    limits = limits_of(noisy) if held_out.by_percentiles else None
    return Predictor(network, device, lengths, limits=limits)


def _look(
    predictor: Predictor, held_out: HeldOut, number: int, place: tuple[slice, ...]
) -> Float32:
    """Error over scale of each pixel of a piece, and its photons, (pixels, 2)."""
    pair = held_out.pairs[number]
    shape = (-1, *(side.stop - side.start for side in place[-2:]))
    results = predictor.all_results(
        pair.noisy.read(place).reshape(shape), pair.noisy.read_noise(place)
    )
    target = pair.clean.read(place).reshape(shape) * np.float32(held_out.ratio)
    error = np.abs(results[0] - target) / results[1]
    return np.stack([error.ravel(), results[0].ravel()], 1)
