"""How many clusters a network is shown; declared here, for all that learn."""

from __future__ import annotations

from typing import Any

from napari_photon_denoise.metrics.clusters.settings import MOST
from napari_photon_denoise.parameters import parameter


def without_one(said: dict[str, Any]) -> dict[str, Any]:
    """Leave out clusters where there is one: trainings that began before there were any go on."""
    return {name: value for name, value in said.items() if (name, value) != ("clusters", 1)}


def clusters(default: int) -> Any:
    """Declare the number of clusters that DnCNN is told apart."""
    return parameter(
        default,
        "Clusters of brightness whose masks DnCNN is shown, of the smoothed image; 1 shows none.",
        unit="clusters",
        ge=1,
        le=MOST,
    )
