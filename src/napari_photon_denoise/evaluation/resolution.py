"""The finest detail of one image before and after denoising, by two halves of its photons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.evaluation.method_run import Runnable, as_photons, run_method_job
from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.metrics.applicable import NotApplicable, find_obstacle
from napari_photon_denoise.metrics.resolution import (
    Resolution,
    RingCorrelation,
    read_resolution,
    ring_correlation,
)
from napari_photon_denoise.metrics.thinning import thin
from napari_photon_denoise.photons import Photons


@dataclass(frozen=True)
class ResolutionPair:
    """Fourier ring correlation before and after denoising.

    Parameters
    ----------
    raw, denoised : Resolution or NotApplicable
    raw_curve, denoised_curve : RingCorrelation or None
        None after denoising where no method was given.
    """

    raw: Resolution | NotApplicable
    denoised: Resolution | NotApplicable
    raw_curve: RingCorrelation
    denoised_curve: RingCorrelation | None


def resolution_job(
    photons: Photons, method: Runnable | None = None, *, seed: int = 0, device: str = "auto"
) -> Job[ResolutionPair | NotApplicable]:
    """Measure the resolution of an image before and after denoising, from that image alone.

    Parameters
    ----------
    photons : Photons
        The raw image and its camera.
    method : Denoiser, or function ``(photons, read_noise) -> photons``, optional
        Run on each half of the photons.
    seed : int
        Another seed, other halves.
    device : {"auto", "cpu", "cuda", "mps"}

    Returns
    -------
    ResolutionPair or NotApplicable
        Through the generator's return value.

    Raises
    ------
    PhotonDenoiseError
        If the image is smaller than 32 px, or the method fails.
    """
    obstacle = find_obstacle(photons)
    if obstacle is not None:
        return obstacle
    whole = [slice(None)] * len(photons.shape)
    rng = np.random.default_rng(seed)
    yield Progress("Halving the photons", 0, 3)
    part = thin(photons.read(whole), photons.read_noise(whole), share=0.5, rng=rng)
    halves = (part.kept, (part.held - part.extra).astype(np.float32))
    curve = ring_correlation(*halves)
    size = photons.pixel_size.get("X")
    raw = read_resolution(curve, size)
    if method is None:
        nothing = NotApplicable("A finished image can't be halved: give the method that made it.")
        return ResolutionPair(raw, nothing, curve, None)
    clean: list[Float32] = []
    for number, half in enumerate(halves):
        yield Progress(f"Denoising half {number + 1} of the photons", 1 + number, 3)
        # Both halves have the same noise: half of the photons, half of the variance.
        given = as_photons(half, part.read_noise, photons)
        clean.append((yield from run_method_job(method, given, device=device)))
    after = ring_correlation(clean[0], clean[1])
    return ResolutionPair(raw, read_resolution(after, size), curve, after)
