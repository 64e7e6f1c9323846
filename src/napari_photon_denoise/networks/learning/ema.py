"""The exponential moving average of a network's weights, which denoises better than the last ones.

torch has the average; what is added is its warm-up. A decay of 0.999 from the first step on would
keep the random weights of the start for a thousand steps, which short trainings do not have.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel


def averaged(network: nn.Module, decay: float = 0.999) -> AveragedModel:
    """Return a copy of a network that follows its weights slowly.

    Call ``.update_parameters(network)`` after each step of the optimiser; ``.module`` is then the
    network to validate with and to save. Its state belongs in a checkpoint.

    Parameters
    ----------
    network : nn.Module
        On the device that it trains on. Buffers, as those of batch normalisation, are averaged
        too: they must fit the averaged weights.
    decay : float
        What is kept at each step in the long run. At step t it is at most (1 + t) / (10 + t),
        so that about the last tenth of the steps count.

    Returns
    -------
    AveragedModel
        In `eval` mode.
    """

    def update(averages: Sequence[Tensor], weights: Sequence[Tensor], taken: Tensor | int) -> None:
        share = 1 - min(decay, (1 + int(taken)) / (10 + int(taken)))
        for average, weight in zip(averages, weights, strict=True):
            if average.is_floating_point():
                average.lerp_(weight, share)
            else:
                average.copy_(weight)  # counters

    ema = AveragedModel(network, multi_avg_fn=update, use_buffers=True)
    ema.requires_grad_(False)
    return ema.eval()
