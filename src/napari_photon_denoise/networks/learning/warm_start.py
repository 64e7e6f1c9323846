"""Starting from weights that are there: the same network, or one that sees more planes.

A network for stacks begins as the one for single planes: the plane in the middle gets the
weights of the single plane, its neighbours get zeros, and learning finds out what they are
worth.
"""

from __future__ import annotations

import torch
from torch import Tensor

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.networks.architecture import Network


def grow(network: Network, start: Network) -> None:
    """Copy weights into a network, which then gives what the one they are from gives.

    Parameters
    ----------
    network : PhotonNetwork or BlindNetwork
        Is changed; may be shown more planes than `start`.
    start : PhotonNetwork or BlindNetwork
        Is left as it is.

    Raises
    ------
    PhotonDenoiseError
        If they differ in more than the number of planes.
    """
    weights = start.state_dict()
    own = network.state_dict()
    more = network.planes - start.planes
    if network.form != start.form or more < 0 or weights.keys() != own.keys():
        raise _no_fit()
    for name, weight in weights.items():
        if weight.shape != own[name].shape:
            weights[name] = _with_planes(weight, start.planes, more, own[name].shape)
    network.load_state_dict(weights)


def _with_planes(kernel: Tensor, planes: int, more: int, shape: torch.Size) -> Tensor:
    """Put zeros around the planes of a first convolution.

    Parameters
    ----------
    kernel : (C_out, planes + extras, ...)
        Of a convolution whose channels are the planes and then all else.
    planes, more : int
    shape : of the result
    """
    if kernel.shape[:1] + kernel.shape[2:] != shape[:1] + shape[2:] or (
        kernel.shape[1] + more != shape[1]
    ):
        raise _no_fit()
    grown = kernel.new_zeros(shape)
    first = more // 2
    grown[:, first : first + planes] = kernel[:, :planes]
    grown[:, planes + more :] = kernel[:, planes:]
    return grown


def _no_fit() -> PhotonDenoiseError:
    return PhotonDenoiseError(
        "The weights to start from are of another kind of network: start from those of the same "
        "method, widths and dimensions, or from none."
    )
