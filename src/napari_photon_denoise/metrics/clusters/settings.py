"""What a user chooses of clusters; each is declared here, and only here."""

from __future__ import annotations

from typing import Literal

from napari_photon_denoise.parameters import Declared, Odd, choice, parameter

Algorithm = Literal["k-means", "dbscan", "hdbscan"]
SMOOTHING = 1.5  # px, sigma
MOST = 20  # clusters of K-means


class ClusterSettings(Declared):
    """How pixels are seen, and how they are put together."""

    algorithm: Algorithm = choice(
        "k-means",
        "How clusters are found.",
        options={
            "k-means": "As many as you say, each around its mean.",
            "dbscan": "Where values lie close together; the rest belongs to none.",
            "hdbscan": "The same at every density: how close need not be said.",
        },
    )
    clusters: int = parameter(3, "Clusters of K-means, K.", unit="clusters", ge=1, le=MOST)
    features: Literal["intensity", "mean-std"] = choice(
        "intensity",
        "What a pixel is known by.",
        options={
            "intensity": "How bright it is.",
            "mean-std": "Mean and standard deviation around it: brightness and texture.",
        },
    )
    smoothing: float = parameter(
        SMOOTHING,
        "Blur before pixels are looked at, sigma: without it, clusters are of the noise.",
        unit="px",
        ge=0,
        le=20,
        step=0.1,
    )
    window: Odd = parameter(
        7, "Square of mean and standard deviation; odd.", unit="px", ge=3, le=63, step=2
    )
    reach: float = parameter(
        0.25,
        "DBSCAN: how far apart neighbours may be, in standard deviations of a pixel's noise.",
        unit="SD",
        ge=0.01,
        le=100,
        step=0.05,
    )
    least: float = parameter(
        1.0,
        "DBSCAN, HDBSCAN: pixels that make a cluster, of those looked at.",
        unit="%",
        ge=0.01,
        le=50,
        step=0.5,
    )
    pixels: int = parameter(
        50_000,
        "Pixels that clusters are found from, at most; all others join the nearest.",
        unit="pixels",
        ge=100,
        le=200_000,
        step=1000,
    )
    seed: int = parameter(0, "Another seed, other pixels looked at.", unit="", ge=0, le=2**31 - 1)

    @classmethod
    def subject(cls) -> str:
        """Whose parameters they are, in the sentence that refuses one."""
        return "clusters"
