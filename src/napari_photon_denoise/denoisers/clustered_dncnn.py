"""Clustered DnCNN: pixels are put into clusters first, and a plain network is told which.

DnCNN: Zhang et al. 2017, doi:10.1109/TIP.2017.2662206, shown the image and the masks of its
clusters, [x, m]. It learns from blind spots, as Noise2Void does, so that no clean image is needed.
See `networks.cluster_masks` and `networks.dncnn`.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from napari_photon_denoise.denoisers.blind_learning import NEIGHBOURS, BlindLearning
from napari_photon_denoise.denoisers.neighbours import AUTO
from napari_photon_denoise.networks.learning import pace
from napari_photon_denoise.networks.learning.blind_spot.settings import LOSSES, BlindSettings
from napari_photon_denoise.networks.learning.cluster_count import clusters
from napari_photon_denoise.parameters import choice


class ClusteredDncnn(BlindLearning):
    """DnCNN that is shown clusters of the image; with one cluster, plain DnCNN."""

    title: ClassVar[str] = "Clustered DnCNN (learns from the image)"
    method: Literal["clustered-dncnn"] = "clustered-dncnn"
    clusters: int = clusters(3)
    loss: str = choice("poisson", "What is minimised.", options=LOSSES)
    dimensions: str = choice(
        AUTO,
        "How many planes are looked at together.",
        options={
            AUTO: "2.5-D where there are neighbours, else 2-D.",
            "2-D": "Each plane by itself.",
            "2.5-D": f"{NEIGHBOURS} neighbouring planes or frames for each plane.",
        },
    )
    epochs: int = pace.epochs(10)
    patch: int = pace.patch(48)

    def settings(self) -> BlindSettings:
        """Return what the training is told."""
        told = {"body": "dncnn", "clusters": self.clusters, "loss": self.loss}
        return super().settings().model_copy(update=told)
