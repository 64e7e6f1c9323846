"""How many frames a precision needs."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, sqrt

from napari_photon_denoise.errors import PhotonDenoiseError


def gain_precision(
    frames: int,
    photons: Sequence[float],
    read_noise: float = 0.0,
    pixels: int = 1,
    dark_frames: int | None = None,
) -> float:
    """Relative standard deviation of a gain measured by photon transfer.

    Parameters
    ----------
    frames : int
        Of each flat level.
    photons : sequence of float, e-
        Mean signal of each level.
    read_noise : float, e- rms
    pixels : int
        Pixels pooled; 1 for each pixel's own gain.
    dark_frames : int, optional
        None for as many as in a level.
    """
    dark = dark_frames or frames
    rho = [read_noise**2 / level for level in photons]
    information = sum((frames - 1) / (2 * (1 + r) ** 2) for r in rho)
    # The dark's error enters each level alike, weighted as the level is.
    shared = sum((frames - 1) / (2 * (1 + r) ** 2) * r for r in rho) / information
    return sqrt((1 / information + 2 * shared**2 / (dark - 1)) / pixels)


def frames_needed(
    precision: float, photons: Sequence[float], read_noise: float = 0.0, pixels: int = 1
) -> int:
    """Frames of each level, and of the dark, that a precision of the gain needs.

    Parameters
    ----------
    precision : float
        Relative standard deviation asked for; 0.02 is 2 %.
    photons : sequence of float, e-
        Mean signal of each flat level.
    read_noise : float, e- rms
    pixels : int
        Pixels pooled; 1 for each pixel's own gain.

    Returns
    -------
    int
        At least 2.

    Raises
    ------
    PhotonDenoiseError
        For a precision of 0 or less, and levels without light.
    """
    if precision <= 0 or not photons or min(photons) <= 0:
        raise PhotonDenoiseError(
            "Frames are counted for a precision above 0, like 0.02 for 2 %, and levels with light."
        )
    # The variance of the gain goes with 1 / (N - 1).
    return 1 + max(1, ceil(gain_precision(2, photons, read_noise, pixels) ** 2 / precision**2))
