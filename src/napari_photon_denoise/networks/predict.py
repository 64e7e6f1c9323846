"""Blocks of photons through a network: padding, neighbours, flips, precision, device."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from copy import deepcopy
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.networks.architecture import Network
from napari_photon_denoise.networks.device import choose_device, kept_memory, memory_errors
from napari_photon_denoise.networks.photon_network import FAR_POOL
from napari_photon_denoise.networks.precision import Precision, autocast, choose_precision

ALIGNED = 16  # px; tiles start at multiples of this, see `tiles`
# Of RCAN, whose attention sees the whole tile: no halo makes its tiles equal, this hides seams.
BLENDED, BLENDED_PLANES = 32, 4  # px, planes

# Each as the axes that are turned around; the noise's correlation along y and x survives all.
FLIPS: tuple[tuple[int, ...], ...] = ((), (-1,), (-2,), (-2, -1))


@dataclass
class Predictor:
    """A network at work on a device.

    To another process it is sent with its weights, or with where those are found there; and finds
    its device there.

    Parameters
    ----------
    network : PhotonNetwork or BlindNetwork
    device : {"auto", "cpu", "cuda", "mps"}
    lengths : (float, float), px
        Noise correlation along y and x.
    flips : bool
        Average the results of four mirror images: four times the work, a little better.
    precision : {"float32", "bfloat16"}, optional
        Of the convolutions; None takes what the device is made for.
    origin : function of a device, optional
        Returns the same network in another process; None sends its weights.
    limits : (float, float), optional, e-
        Percentiles of the whole image, for a network that is told those; None takes the usual.

    Raises
    ------
    DeviceError
        If the device is not there.
    """

    network: Network
    device: str = "auto"
    lengths: tuple[float, float] = (0.0, 0.0)
    flips: bool = False
    precision: Precision | None = None
    limits: tuple[float, float] | None = None
    origin: Callable[[str], Network] | None = None
    asked: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Bring the network onto the device."""
        self.asked, self.device = self.device, choose_device(self.device)
        self.precision = self.precision or choose_precision(self.device)
        self.network = self.network.to(self.device).eval()
        # From tile to tile, for as long as there is a predictor.
        kept = ExitStack()
        kept.enter_context(kept_memory())
        weakref.finalize(self, kept.close)

    def __reduce__(self) -> tuple[Callable[..., Predictor], tuple[object, ...]]:
        """Send what makes it anew: nothing of this process's devices."""
        network = self.network if self.device == "cpu" else deepcopy(self.network).cpu()
        how = (self.asked, self.lengths, self.flips, self.precision, self.limits, self.origin)
        return _arrived, (None if self.origin else network, *how)

    def __call__(self, block: Float32, read_noise: float | Float32) -> Float32:
        """Denoise a block.

        Parameters
        ----------
        block : (Z, Y, X) float32, e-
            Planes or frames; each is shown those of its neighbours that are in the block.
        read_noise : float or (Y, X) float32, e- rms

        Returns
        -------
        (Z, Y, X) float32, e-, above zero

        Raises
        ------
        OutOfMemory
            If the device can't hold the block.
        PhotonDenoiseError
            If the result is not finite.
        """
        clean: Float32 = self.all_results(block, read_noise)[0]
        return clean

    def all_results(self, block: Float32, read_noise: float | Float32) -> Float32:
        """Denoise a block, and return what the network gives beside it.

        Parameters and errors as in `__call__`.

        Returns
        -------
        (1 + results, Z, Y, X) float32, e-
            The denoised block, then what `network.results` names.
        """
        with memory_errors(), torch.inference_mode():
            photons, noise = self._padded(block, read_noise)
            if self.network.body.dimensions == 3:
                clean = self._run(photons[None, None], noise[None, None], None)
            else:
                planes = [
                    self._run(nearby[None], noise[None], present[None])
                    for nearby, present in self._neighbours(photons)
                ]
                clean = torch.stack(planes, 2)
            # (1, results, Z, Y, X) in both cases; the padding is cut off.
            result: Float32 = clean[0, ..., : block.shape[1], : block.shape[2]].cpu().numpy()
        if not np.isfinite(result).all():  # the block has no such values: it was checked when read
            raise PhotonDenoiseError(
                "The network gives NaN or infinity where the image holds none, so its weights are "
                "wrong: train it again with a lower learning rate, or choose another."
            )
        return result

    def _padded(self, block: Float32, read_noise: float | Float32) -> tuple[Tensor, Tensor]:
        """Photons ``(Z, Y, X)`` and read noise ``(1, Y, X)``, Y and X multiples of the poolings."""
        multiple = int(np.lcm(self.network.body.multiple, FAR_POOL))
        pad = [(0, 0)] + [(0, -size % multiple) for size in block.shape[1:]]
        photons = np.pad(block, pad, mode="reflect" if min(block.shape[1:]) > 1 else "edge")
        noise = np.broadcast_to(np.float32(read_noise), block.shape[1:])[None]
        # A broadcast number would be as good, but a map and a number must round alike.
        noise = np.pad(noise, [(0, 0), *pad[1:]], mode="edge")
        return torch.from_numpy(photons).to(self.device), torch.from_numpy(noise).to(self.device)

    def _neighbours(self, photons: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """Each plane between its neighbours, and which of those exist."""
        reach = self.network.planes // 2
        for z in range(len(photons)):
            places = torch.arange(z - reach, z + reach + 1)
            there = (places >= 0) & (places < len(photons))
            yield photons[places.clamp(0, len(photons) - 1)], there.to(photons.device)

    def _run(self, photons: Tensor, noise: Tensor, present: Tensor | None) -> Tensor:
        """Run the network on an image, or on its mirror images: (1, results, [Z,] Y, X), e-."""
        lengths = torch.tensor([self.lengths], device=photons.device)
        given = None if self.limits is None else torch.tensor([self.limits], device=photons.device)
        more = () if given is None else (given,)
        total = torch.zeros((), device=photons.device)
        flips = FLIPS if self.flips else FLIPS[:1]
        precision = self.precision or choose_precision(self.device)
        for axes in flips:
            with autocast(self.device, precision):
                clean = self.network(photons.flip(axes), noise.flip(axes), lengths, present, *more)
            total = total + clean.flip(axes)
        return total / len(flips)


def _arrived(
    network: Network | None,
    device: str,
    lengths: tuple[float, float],
    flips: bool,
    precision: Precision | None,
    limits: tuple[float, float] | None,
    origin: Callable[[str], Network] | None,
) -> Predictor:
    """Make a predictor in the process that it was sent to."""
    found = network if origin is None else origin(device)
    if found is None:
        raise PhotonDenoiseError("A network was sent without its weights: send it again.")
    return Predictor(found, device, lengths, flips, precision, limits, origin)


def needed_halo(network: Network) -> tuple[int, int, int]:
    """How far a pixel sees in z, y and x, px, in whole steps of aligned tiles."""
    body = network.body
    reach = BLENDED if body.halo is None else body.halo
    reach += network.halo_around
    aligned = -(-reach // ALIGNED) * ALIGNED
    across = body.halo_z
    if across is None:
        across = BLENDED_PLANES if body.dimensions == 3 else 0
    across += network.halo_across
    return max(across, network.planes // 2), aligned, aligned
