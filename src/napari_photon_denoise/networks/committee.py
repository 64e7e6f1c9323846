"""Networks that learnt the same apart from each other, and how sure they are together.

Each may state a Laplace law of a pixel: its photons, and a scale, the mean absolute error that it
expects (Weigert et al. 2018, doi:10.1038/s41592-018-0216-7). All of them are one law, the mixture;
its mean is the result, and its mean absolute deviation about that is the scale. Intervals are
multiples of the scale. A Laplace law has ln 2 and ln 10 of them within 50 % and 90 %; which ones
hold as many pixels of images that were kept aside is measured after the training, and belongs to
the weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import cast

import torch
from torch import Tensor, nn

from napari_photon_denoise.networks.percentile_network import PercentileNetwork
from napari_photon_denoise.networks.photon_network import Body, PhotonNetwork

SCALE, DISAGREEMENT = "scale", "disagreement"
LEVELS = (0.5, 0.9)  # share of the pixels that an interval is to hold
INTERVALS = tuple(f"{100 * level:.0f} percent interval" for level in LEVELS)
LAPLACE = tuple(-log(1 - level) for level in LEVELS)  # half an interval, of the scale


class Committee(nn.Module):
    """One network or several, as one.

    Parameters
    ----------
    members : sequence of PhotonNetwork or PercentileNetwork
        Of one kind.
    uncertainty : bool
        Whether each gives a scale beside its photons.

    Attributes
    ----------
    factors : (2,) float32
        Half an interval of 50 % and of 90 %, in units of the scale.
    """

    def __init__(
        self, members: Sequence[PhotonNetwork | PercentileNetwork], uncertainty: bool
    ) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)
        self.uncertainty = uncertainty
        self.planes, self.form = members[0].planes, members[0].form
        self.register_buffer("factors", torch.tensor(LAPLACE) if uncertainty else None)

    @property
    def each(self) -> list[PhotonNetwork | PercentileNetwork]:
        """The members."""
        return cast("list[PhotonNetwork | PercentileNetwork]", list(self.members))

    @property
    def body(self) -> Body:
        """The body of one of them: all reach equally far."""
        return self.each[0].body

    @property
    def halo_around(self) -> int:
        """How much further than its body a pixel sees, px."""
        return self.each[0].halo_around

    @property
    def halo_across(self) -> int:
        """How many planes further than its body a pixel sees."""
        return self.each[0].halo_across

    @property
    def results(self) -> tuple[str, ...]:
        """What is returned beside the denoised image."""
        sure = (SCALE, *INTERVALS) if self.uncertainty else ()
        return (*sure, DISAGREEMENT) if len(self.members) > 1 else sure

    def forward(
        self,
        photons: Tensor,
        read_noise: Tensor,
        lengths: Tensor,
        present: Tensor | None = None,
        limits: Tensor | None = None,
    ) -> Tensor:
        """Denoise.

        Parameters
        ----------
        photons, read_noise, lengths, present
            As of `PhotonNetwork`.
        limits : (B, 2) float32, e-, optional
            As of `PercentileNetwork`; for those only.

        Returns
        -------
        (B, 1 + results, [Z,] Y, X) float32, e-
            The denoised image, then `results`. The disagreement is the standard deviation of
            what the members say.
        """
        given = (photons, read_noise, lengths, present)
        more = () if limits is None else (limits,)
        found = torch.stack([member(*given, *more) for member in self.members])
        means = found[:, :, :1]  # (K, B, 1, [Z,] Y, X)
        mean = means.mean(0)
        parts = [mean]
        if self.uncertainty:
            scale = mixed_scale(means - mean, found[:, :, 1:2])
            parts += [scale, *(factor * scale for factor in self.get_buffer("factors"))]
        if len(self.members) > 1:
            parts.append(means.std(0))
        return torch.cat(parts, 1)


def mixed_scale(away: Tensor, scales: Tensor) -> Tensor:
    """Mean absolute deviation of a mixture of Laplace laws.

    Parameters
    ----------
    away : (K, ...) float32
        How far the mean of each lies from the point that deviations are from.
    scales : (K, ...) float32
        Above zero.

    Returns
    -------
    (...) float32
        Of a single law about its own mean: its scale.
    """
    distance = away.abs()
    return (distance + scales * torch.exp(-distance / scales)).mean(0)
