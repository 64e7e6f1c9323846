"""A region that was read once, and its photons held back: what every candidate is run on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.evaluation.method_run import Runnable, run_method_job
from napari_photon_denoise.evaluation.methods.surroundings import (
    Region,
    cut,
    cut_thinned,
    stack_thinned,
    surroundings,
    within,
)
from napari_photon_denoise.evaluation.ranking import SHARE, estimate_held_out_job
from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.metrics.thinning import Thinned, split
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.pipeline import Denoised, denoise_job


@dataclass(frozen=True, eq=False)
class HeldBack:
    """The photons of a region, sorted into two once a fold.

    Parameters
    ----------
    parts : tuple of Thinned
        Of all that was read.
    judged : Thinned
        Of the region alone, folds stacked.
    """

    parts: tuple[Thinned, ...]
    judged: Thinned


@dataclass(frozen=True, eq=False)
class Scene:
    """A region and its surroundings.

    Parameters
    ----------
    photons : Photons
        The whole image.
    region, wide : tuple of slice
        The latter is what was read.
    block : Photons
        The pixels of `wide`.
    device : {"auto", "cpu", "cuda", "mps"}
    """

    photons: Photons
    region: Region
    wide: Region
    block: Photons
    device: str

    @property
    def raw(self) -> Photons:
        """The region alone."""
        return cut(self.block, within(self.region, self.wide))

    def hold_back(self, folds: int, seed: int) -> HeldBack:
        """Sort the photons, the same for all candidates."""
        every = [slice(None)] * len(self.wide)
        photons, noise = self.block.read(every), self.block.read_noise(every)
        rng = np.random.default_rng(seed)
        parts = tuple(split(photons, noise, share=SHARE, folds=folds, rng=rng))
        here = within(self.region, self.wide)
        return HeldBack(parts, stack_thinned([cut_thinned(part, here) for part in parts]))

    def denoise_job(self, method: Runnable) -> Job[Denoised]:
        """Denoise the region with all its photons."""
        read, inner = self._around(method)
        part = cut(self.block, read)
        if callable(method):
            data = yield from run_method_job(method, part, device=self.device)
            return Denoised(data[inner], ())
        result = yield from denoise_job(part, method, device=self.device)
        return replace(result, data=np.ascontiguousarray(result.data[inner]))

    def estimate_job(self, method: Runnable, held_back: HeldBack) -> Job[Float32]:
        """Denoise the region from a part of its photons, once a fold; ``(folds, ...)``, e-."""
        read, inner = self._around(method)
        like = cut(self.block, read)
        estimates = []
        for number, thinned in enumerate(held_back.parts):
            text = f"judging by photons held back, {number + 1} of {len(held_back.parts)}"
            yield Progress(text, number, len(held_back.parts))
            part = cut_thinned(thinned, read)
            whole = yield from estimate_held_out_job(method, part, like, device=self.device)
            estimates.append(whole[inner])
        return np.stack(estimates)

    def _around(self, method: Runnable) -> tuple[Region, Region]:
        """Return what a method reads, seen from the block, and the region, seen from there."""
        read = surroundings(self.photons, self.region, method)
        return within(read, self.wide), within(self.region, read)
