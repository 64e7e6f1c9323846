"""Patches to train on: cut from a library of clean scenes, photographed anew each time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from napari_photon_denoise.networks.batch import Batch
from napari_photon_denoise.networks.learning.degrade import Noise, degrade

# Shares of 2.5-D patches at the end of a stack, and of those that are shown no neighbours.
AT_END, ALONE = 0.15, 0.15


@dataclass(frozen=True, eq=False)
class LibraryPatches:
    """Noisy patches of clean scenes; calling it returns a batch.

    Parameters
    ----------
    scenes : (N, Y, X) or (N, Z, Y, X) float16
        Densities of mean 1, planes or stacks (z or time).
    noise : Noise
    batch, patch : int
        Patches a batch, and their edge in px.
    planes : int
        Odd; neighbouring planes that a 2.5-D network is shown.
    depth : int
        Planes of a 3-D patch; 0 for 2-D.
    """

    scenes: NDArray[np.float16]
    noise: Noise
    batch: int = 16
    patch: int = 96
    planes: int = 1
    depth: int = 0

    def __call__(self, rng: np.random.Generator) -> Batch:
        """Return a batch of which every patch is turned, lit and noisy in its own way."""
        patches = np.stack([self._cut(rng) for _ in range(self.batch)])
        batch = degrade(torch.from_numpy(patches), self.noise, rng)
        if self.planes == 1:
            return batch
        present = torch.from_numpy(np.stack([self._present(rng) for _ in range(self.batch)]))
        return Batch(batch.photons, batch.read_noise, batch.lengths, batch.target, present)

    def _cut(self, rng: np.random.Generator) -> NDArray[np.float32]:
        """Cut (planes, [depth,] patch, patch) of one scene, flipped and turned."""
        scene = self.scenes[rng.integers(len(self.scenes))]
        y, x = (rng.integers(size - self.patch + 1) for size in scene.shape[-2:])
        cut = scene[..., y : y + self.patch, x : x + self.patch]
        deep = self.depth or self.planes
        if cut.ndim == 3:
            # Neighbours at a distance of 1 to 3 planes: faster films, coarser stacks.
            step = int(rng.integers(1, min(3, (len(cut) - 1) // max(1, deep - 1)) + 1))
            z = rng.integers(len(cut) - step * (deep - 1))
            cut = cut[z : z + step * (deep - 1) + 1 : step]
            if rng.random() < 0.5:
                cut = cut[::-1]
        cut = np.rot90(cut, int(rng.integers(4)), axes=(-2, -1))
        if rng.random() < 0.5:
            cut = cut[..., ::-1]
        shape = (1,) if self.depth or self.planes == 1 else ()
        return np.ascontiguousarray(cut, dtype=np.float32).reshape(shape + cut.shape)

    def _present(self, rng: np.random.Generator) -> NDArray[np.bool_]:
        """Which planes exist: nearly always all, at the ends of a stack fewer."""
        middle, kind = self.planes // 2, rng.random()
        there = np.ones(self.planes, dtype=bool)
        if kind < ALONE:
            there[:] = False
        elif kind < ALONE + AT_END:
            missing = int(rng.integers(1, middle + 1))
            there[:missing] = False
            if rng.random() < 0.5:
                there = there[::-1].copy()
        there[middle] = True
        return there
