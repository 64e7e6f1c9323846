"""The methods to beat. Each knows the camera; none is told that noise is correlated.

BM3D is `pip install bm3d`, whose licence forbids commercial use: it is no dependency, and
without it the column stays empty.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec

import numpy as np
from benchmarks.validation.case import Case

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.camera.anscombe import anscombe, inverse_anscombe

Candidate = Callable[[Case], Float32]
SIGMAS = (0, *np.geomspace(0.3, 6, 25))  # px


def raw(case: Case) -> Float32:
    """Return the noisy photons."""
    return case.photons


def best_gaussian(case: Case) -> Float32:
    """Blur the planes with the sigma that the truth says is best, which no user knows."""
    from scipy.ndimage import gaussian_filter

    flat = (0,) * (case.photons.ndim - 2)
    known = np.ones(case.truth.shape, bool) if case.valid is None else case.valid
    tried = (gaussian_filter(case.photons, (*flat, sigma, sigma)) for sigma in SIGMAS)
    return min(tried, key=lambda image: float(np.square(image - case.truth)[known].sum()))


def nonlocal_means(photons: Float32, read_noise: float | Float32) -> Float32:
    """GAT+NLM: average like patches in the stabilised domain, by scikit-image's fast mode."""
    from skimage.restoration import denoise_nl_means

    average = partial(
        denoise_nl_means, patch_size=5, patch_distance=6, h=0.8, sigma=1.0, fast_mode=True
    )
    return stabilised(photons, read_noise, average)


def block_matching(photons: Float32, read_noise: float | Float32) -> Float32:
    """GAT+BM3D: filter blocks in the stabilised domain (Dabov et al. 2007)."""
    from bm3d import bm3d

    return stabilised(photons, read_noise, partial(bm3d, sigma_psd=1.0))


def stabilised(
    photons: Float32, read_noise: float | Float32, denoise: Callable[[Float32], Float32]
) -> Float32:
    """Denoise planes of noise 1, one by one, and return without bias to photons."""
    # One number for the read noise: the transform of a map mixes what it averages.
    typical = float(np.median(read_noise))
    clean = [
        inverse_anscombe(np.asarray(denoise(anscombe(plane, typical)), np.float32), typical)
        for plane in photons.reshape(-1, *photons.shape[-2:])
    ]
    return np.stack(clean).reshape(photons.shape)


PEERS: dict[str, Candidate] = {
    "raw": raw,
    "best Gaussian": best_gaussian,
    "GAT+NLM": lambda case: nonlocal_means(case.photons, case.read_noise),
}
HAS_BM3D = find_spec("bm3d") is not None
if HAS_BM3D:
    PEERS["GAT+BM3D"] = lambda case: block_matching(case.photons, case.read_noise)


def network(path: str, flips: bool = False) -> Candidate:
    """Load a network's weights; it sees the planes of a film or stack together.

    Parameters
    ----------
    path : str
        File of weights.
    flips : bool
        Average four mirror images.
    """
    from napari_photon_denoise.networks.predict import Predictor
    from napari_photon_denoise.networks.weights import load_model

    trained = load_model(path).network

    def candidate(case: Case) -> Float32:
        lengths = (case.length_y, case.length_x)
        predict = Predictor(trained, lengths=lengths, flips=flips)
        block = case.photons if case.photons.ndim == 3 else case.photons[None]
        clean = predict(block, case.read_noise)
        return np.asarray(clean, dtype=np.float32).reshape(case.photons.shape)

    return candidate
