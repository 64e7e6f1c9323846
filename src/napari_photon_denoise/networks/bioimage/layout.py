"""Axes and sizes of the images that a packaged network takes and gives."""

from __future__ import annotations

from dataclasses import dataclass
from math import lcm

from napari_photon_denoise.networks.architecture import Network
from napari_photon_denoise.networks.photon_network import FAR_POOL
from napari_photon_denoise.networks.predict import ALIGNED, needed_halo


@dataclass(frozen=True)
class Layout:
    """What a network's tensors look like, (B, C, [Z,] Y, X).

    Parameters
    ----------
    dimensions : {2, 3}
    planes : int
        Channels that go in: the plane to denoise, amid its neighbours.
    results : tuple of str
        Channels that come out.
    step : int
        What Y and X must be multiples of, and where tiles must start, px.
    halo : int
        What is wrong at the border of a tile along Y and X, px; a multiple of `step`.
    halo_z : int
        The same along Z, planes; 0 in 2-D.
    """

    dimensions: int
    planes: int
    results: tuple[str, ...]
    step: int
    halo: int
    halo_z: int

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels that go in."""
        reach = self.planes // 2
        before = tuple(f"plane_before_{away}" for away in range(reach, 0, -1))
        after = tuple(f"plane_after_{away}" for away in range(1, reach + 1))
        return (*before, "plane", *after)

    @property
    def smallest(self) -> tuple[int, ...]:
        """Smallest size of a tile, ([Z,] Y, X); something is left between its halos."""
        edge = 2 * (self.halo + self.step)
        return (edge, edge) if self.dimensions == 2 else (2 * self.halo_z + 2, edge, edge)


def layout_of(network: Network) -> Layout:
    """Return the layout of a network."""
    body = network.body
    step = lcm(body.multiple, FAR_POOL, ALIGNED)
    across, around, _ = needed_halo(network)
    return Layout(
        dimensions=body.dimensions,
        planes=network.planes,
        results=("denoised", *(name.replace(" ", "_") for name in network.results)),
        step=step,
        halo=-(-around // step) * step,
        halo_z=across if body.dimensions == 3 else 0,
    )
