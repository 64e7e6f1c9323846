"""What a denoiser removed, as layers: in photons, and in units of the noise to expect.

Both are computed plane by plane when they are looked at; the layers that they are made of
stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import dask.array as da
import numpy as np
from napari.layers import Image
from napari.utils import Colormap

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.consistency import z_map
from napari_photon_denoise.widgets.parts.layers import PREVIEW, full_data, placement
from napari_photon_denoise.widgets.plots.planes import read_plane
from napari_photon_denoise.widgets.plots.values import PHOTONS, RELATIVE, VALUES, Source
from napari_photon_denoise.widgets.plots.view import Place

BLOCK = 2048  # px
Z_LIMIT = 5.0  # SD
Z_UNIT = "z (SD)"
INNER = 99.5  # % of the residual within its contrast limits
# Dark where both agree, told apart by colour-blind people; blue: fewer photons than denoised.
DIVERGING = Colormap(
    [[0.34, 0.71, 0.91, 1], [0, 0, 0, 1], [0.90, 0.62, 0, 1]],
    name="photon-denoise-diverging",
    display_name="blue-black-orange",
)

Maker = Callable[[Float32, Float32, "float | Float32"], Float32]


@dataclass(frozen=True, eq=False)
class Pair:
    """A raw image and what was made of it.

    Parameters
    ----------
    raw, denoised : Source
        Of the same shape in the same place; both in photons.

    Raises
    ------
    PhotonDenoiseError
        If they are no such pair.
    """

    raw: Source
    denoised: Source

    def __post_init__(self) -> None:
        """Refuse what can't be subtracted."""
        first, second = self.raw.layer, self.denoised.layer
        if first is second:
            raise PhotonDenoiseError("Choose two layers: the raw image and its denoised one.")
        for source in (self.raw, self.denoised):
            if source.unit not in (PHOTONS, RELATIVE):
                raise PhotonDenoiseError(
                    f"'{source.layer.name}' holds {source.unit}, not photons: say its camera "
                    "above (“Camera of layers that bring none”)."
                )
        shapes = [tuple(full_data(layer).shape) for layer in (first, second)]
        if shapes[0] != shapes[1]:
            raise PhotonDenoiseError(
                f"'{first.name}' has the shape {_by(shapes[0])}, '{second.name}' {_by(shapes[1])}: "
                "choose the raw image and its own result."
            )
        if not _same_place(first, second, shapes[0]):
            raise PhotonDenoiseError(
                f"'{first.name}' and '{second.name}' lie in different places (scale, translation "
                "or rotation), so pixels can't be compared."
            )

    def residual(self, place: Place | None) -> Image:
        """Make the layer raw - denoised, e-.

        Parameters
        ----------
        place : Place or None
            The plane whose contrast it is given; None for a fixed one.
        """
        reach = 10.0 if place is None else self._reach(place)
        unit = "relative e-" if self.raw.unit == RELATIVE else "e-"
        name = f"{self.denoised.layer.name} residual ({unit})"
        return self._layer(name, _residual, self.raw.unit, reach)

    def consistency(self) -> Image:
        """Make the layer residual / √(denoised + read noise²), which noise fills with SD 1."""
        return self._layer(f"{self.denoised.layer.name} consistency (z)", _z, Z_UNIT, Z_LIMIT)

    def compute(self, make: Maker) -> da.Array:
        """Compute pixel by pixel, when it is asked for.

        Parameters
        ----------
        make : callable
            Takes blocks of raw and denoised photons and the read noise, e-.
        """
        raw = _lazy(full_data(self.raw.layer))
        denoised = _lazy(full_data(self.denoised.layer)).rechunk(raw.chunks)

        def block(first: Any, second: Any, block_info: Any = None) -> Float32:
            y, x = (slice(*ends) for ends in block_info[0]["array-location"][-2:])
            noise = self._camera(self.raw).at(y, x)[2]
            return make(
                self._camera(self.raw).to_photons(first, y, x),
                self._camera(self.denoised).to_photons(second, y, x),
                noise,
            )

        return da.map_blocks(
            block, raw, denoised, dtype=np.float32, meta=np.empty((0,) * raw.ndim, np.float32)
        )

    @staticmethod
    def _camera(source: Source) -> Any:
        assert source.calibration is not None  # checked when the pair was made
        return source.calibration

    def _layer(self, name: str, make: Maker, unit: str, reach: float) -> Image:
        return Image(
            self.compute(make),
            name=name,
            colormap=DIVERGING,
            contrast_limits=(-reach, reach),
            metadata={VALUES: unit, PREVIEW: True},  # nothing to denoise
            **placement(self.raw.layer),
        )

    def _reach(self, place: Place) -> float:
        """Return how far nearly all of a plane's residual goes from 0."""
        residual = np.asarray(self.compute(_residual)[place.index])
        seen = np.abs(residual[np.isfinite(residual)])
        return max(float(np.percentile(seen, INNER)), 1e-3) if seen.size else 1.0


def check_readable(pair: Pair, place: Place) -> None:
    """Refuse a pair whose plane can't be read, before a layer of it is there.

    Raises
    ------
    PhotonDenoiseError
    """
    for source in (pair.raw, pair.denoised):
        read_plane(source.layer, place, place.index)


def _residual(raw: Float32, denoised: Float32, _noise: float | Float32) -> Float32:
    return raw - denoised


def _z(raw: Float32, denoised: Float32, noise: float | Float32) -> Float32:
    """Make the z-map; NaN where there is no number, which stays a hole in the picture."""
    good = np.isfinite(raw) & np.isfinite(denoised)
    if good.all():
        return z_map(raw, denoised, noise)
    z = z_map(np.where(good, raw, 0), np.where(good, denoised, 0), noise)
    z[~good] = np.nan
    return z


def _lazy(data: Any) -> da.Array:
    """See an array as dask's, in blocks of single planes; without looking at its pixels."""
    if isinstance(data, da.Array):
        return data
    chunks = getattr(data, "chunks", None) or (
        *(1 for _ in data.shape[:-2]),
        *(min(size, BLOCK) for size in data.shape[-2:]),
    )
    return da.from_array(data, chunks=chunks, name=False)


def _same_place(first: Image, second: Image, shape: tuple[int, ...]) -> bool:
    """Whether corners of two images coincide, to a hundredth of a pixel."""
    corners = [np.zeros(len(shape)), *(np.diag(shape).astype(float))]
    size = float(np.min(np.abs(first.scale)))
    here, there = (
        np.array([layer.data_to_world(corner) for corner in corners]) for layer in (first, second)
    )
    return bool(np.abs(here - there).max() <= 0.01 * size) and first.units == second.units


def _by(shape: tuple[int, ...]) -> str:
    return "×".join(str(size) for size in shape)
