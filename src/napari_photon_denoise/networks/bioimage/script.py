"""A network as TorchScript: it runs in Python, Java and C++ without this program."""

from __future__ import annotations

import io
import warnings

import torch
from torch import Tensor, nn
from torch.jit._trace import TracerWarning

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.networks.architecture import Network
from napari_photon_denoise.networks.bioimage.conditions import Conditions
from napari_photon_denoise.networks.bioimage.layout import Layout


class FixedNoise(nn.Module):
    """A network of one input: what it is told of the noise is part of it.

    Parameters
    ----------
    network : PhotonNetwork or BlindNetwork
    conditions : Conditions
    """

    read_noise: Tensor
    lengths: Tensor

    def __init__(self, network: Network, conditions: Conditions) -> None:
        super().__init__()
        self.network = network
        # Buffers follow the network onto a GPU; numbers in the trace would stay behind.
        self.register_buffer("read_noise", torch.tensor(conditions.read_noise))
        self.register_buffer("lengths", torch.tensor([conditions.lengths]))

    def forward(self, photons: Tensor) -> Tensor:
        """Denoise ``(B, planes, [Z,] Y, X)`` float32, e-, to ``(B, results, [Z,] Y, X)``."""
        lengths = self.lengths.expand(photons.shape[0], -1)
        clean: Tensor = self.network(photons, self.read_noise, lengths)
        return clean


def script_of(
    network: Network, conditions: Conditions, layout: Layout, tile: Float32
) -> tuple[bytes, Float32]:
    """Return a network as TorchScript, and what it makes of the test tile.

    Parameters
    ----------
    network : PhotonNetwork or BlindNetwork
        On the CPU.
    conditions : Conditions
    layout : Layout
    tile : (1, planes, [Z,] Y, X) float32, e-

    Returns
    -------
    bytes
        A TorchScript file.
    (1, results, [Z,] Y, X) float32, e-

    Raises
    ------
    PhotonDenoiseError
        If the script does not do what the network does.
    """
    fixed = FixedNoise(network, conditions).eval()
    photons = torch.from_numpy(tile)
    with torch.no_grad(), warnings.catch_warnings():
        # That TorchScript is deprecated is no news for a user; the tracer warns of sizes that it
        # takes for constants, which an image of another size puts to the test.
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", TracerWarning)
        file = io.BytesIO()
        traced = torch.jit.trace(fixed, photons, check_trace=False)  # type: ignore[no-untyped-call]
        torch.jit.save(traced, file)
        script = torch.jit.load(io.BytesIO(file.getvalue()), "cpu")  # type: ignore[no-untyped-call]
        _check(script, fixed, _larger(photons, layout))
        clean: Float32 = fixed(photons).numpy()
    return file.getvalue(), clean


def _larger(photons: Tensor, layout: Layout) -> Tensor:
    """Return an image of another size in all that may vary: batch in 2-D, Z, Y and X."""
    image = torch.cat([photons, photons.narrow(-2, 0, layout.step)], -2)
    image = torch.cat([image, image.narrow(-1, 0, 2 * layout.step)], -1)
    if layout.dimensions == 2:
        return image.repeat(2, 1, 1, 1)
    return torch.cat([image, image.narrow(2, 0, 1)], 2)


def _check(script: torch.jit.ScriptModule, network: nn.Module, image: Tensor) -> None:
    """Refuse a script that fails, or gives something else than the network."""
    try:
        same = torch.allclose(script(image), network(image), rtol=1e-4, atol=1e-4)
    except RuntimeError:
        same = False
    if not same:
        raise PhotonDenoiseError(
            "This kind of network can't be packed as TorchScript, other programs would get other "
            "results from it: share its .safetensors file instead."
        )
