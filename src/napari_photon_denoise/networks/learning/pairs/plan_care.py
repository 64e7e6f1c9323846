"""What a plan for CARE has beside that of other networks: members apart, and intervals measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch

from napari_photon_denoise.networks.committee import Committee
from napari_photon_denoise.networks.learning.apart import Apart
from napari_photon_denoise.networks.learning.pairs.coverage import CoverageJudge, HeldOut
from napari_photon_denoise.networks.learning.pairs.patches import PairPatches
from napari_photon_denoise.networks.learning.pairs.regions import Region
from napari_photon_denoise.networks.learning.plan import Plan
from napari_photon_denoise.networks.learning.supervised import Supervised
from napari_photon_denoise.networks.percentile_network import PercentileNetwork

# As published: the learning rate is halved when the held-out error has not fallen for so many
# epochs. Of a short training an epoch is a hundredth.
PLATEAU, EPOCH = 10, 400  # epochs, steps


def plan_care(plan: Plan, source: PairPatches, aside: Sequence[Region]) -> Plan:
    """Teach members apart, and measure their intervals in the end.

    Parameters
    ----------
    plan : Plan
        Of a committee, as if it were one network.
    source : PairPatches
    aside : sequence of Region
        What is never learnt from.
    """
    network, judge = plan.network, plan.judge
    if not (isinstance(network, Committee) and isinstance(plan.lesson, Supervised) and judge):
        raise TypeError("a committee is planned, taught by pairs and judged")
    by_percentiles = source.percentiles is not None
    if source.percentiles is not None:
        for member in network.each:
            if isinstance(member, PercentileNetwork):
                member.usual.copy_(torch.tensor(source.percentiles.usual))
    if network.uncertainty:
        held_out = HeldOut(source.pairs, aside, source.ratio, by_percentiles)
        judge = CoverageJudge(network, held_out, judge)
    lesson = Apart(plan.lesson, len(network.members))
    return replace(plan, lesson=lesson, judge=judge)
