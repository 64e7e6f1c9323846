"""Everything that was read from an image, as tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from napari_photon_denoise.camera.estimate.lattice import Kind
from napari_photon_denoise.camera.estimate.out_of_band import Tiles
from napari_photon_denoise.camera.estimate.regions import Regions, Steps

LEFT = 1e-3  # of the power outside the band; rounding adds less where noise is below one ADU
FEWEST_TILES = 20
DARKEST = 0.005  # of the regions, darker than which no noise is expected to be


@dataclass(frozen=True, eq=False)
class Measured:
    """Everything that was read from the image, as tables.

    Parameters
    ----------
    tiles : Tiles
        Those that show noise.
    quiet : float
        Share of the tiles that were left out because they show none at all.
    regions : Regions
    rounding : float, ADU²
        Variance that saving as whole numbers added.
    movie : bool
    zeros : float
        Share of the pixels at zero counts or below.
    steps : Steps
    lattice : str
        What noise on a lattice says was done to the image, or "none".
    check_slope : float or None, ADU/e-
        Of the independent check; None where there is none.
    edge : int
        Of the tiles, px.
    finest : float or None, ADU²
        Variance of the finest detail where there are few tiles; None elsewhere.
    cut_off : bool
        Whether dark noise was cut off at zero; tiles are then as they were before.
    """

    tiles: Tiles
    quiet: float
    regions: Regions
    rounding: float
    movie: bool
    zeros: float
    steps: Steps
    lattice: Kind
    check_slope: float | None
    edge: int
    finest: float | None = None
    cut_off: bool = False

    @property
    def few(self) -> bool:
        """Whether too little of the image shows noise to tell how it grows with brightness."""
        return len(self.tiles) < FEWEST_TILES

    @property
    def outside(self) -> float:
        """Mean power (ADU²) outside the band, without that of the rounding; something is left."""
        power = float(self.tiles.bands[:, 0].mean())
        return max(power - self.rounding, LEFT * power, 1e-30)

    @property
    def darkest(self) -> float:
        """Brightness (ADU) of the darkest regions."""
        means = self.regions.mean if len(self.regions) else self.tiles.mean
        return float(min(np.quantile(means, DARKEST), self.tiles.mean.min()))
