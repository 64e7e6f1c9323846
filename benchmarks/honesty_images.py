"""Images of known truth, and the denoisers that are shown them; see `honesty`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from benchmarks.markdown import head
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.virtual.samples import SCENES as SAMPLES
from napari_photon_denoise.virtual.simulate import scmos

Denoise = Callable[[Float32, "float | Float32"], Float32]

SCENES = ("filaments", "nuclei", "membranes", "stack")
PLANES = 5  # of the stack
READ_NOISE = 1.6  # e- rms, of a camera without a map
NEARBY = 2.0  # px; how far denoisers average, roughly
ABOVE = 1.5  # structure is where the truth is above this many of its medians


@dataclass(frozen=True)
class Candidate:
    """A network at work.

    Parameters
    ----------
    model : str
        Name of a shipped model, or a file.
    denoise : callable
        ``(Z, Y, X)`` float32, e- and its read noise -> photons.
    """

    model: str
    denoise: Denoise


def networks(models: Sequence[str], device: str) -> dict[str, Candidate]:
    """Load models, by the names that the tables give them."""
    from napari_photon_denoise.networks.predict import Predictor
    from napari_photon_denoise.networks.weights import load_model

    return {
        Path(model).stem: Candidate(model, Predictor(load_model(model).network, device))
        for model in models
    }


@lru_cache(maxsize=64)
def density(scene: str, edge: int, seed: int) -> Float32:
    """Draw a scene of mean 1, ``(Z, Y, X)``: one plane, or `PLANES` of the stack."""
    shape = (PLANES, edge, edge) if scene == "stack" else (edge, edge)
    drawn = SAMPLES[scene].draw(shape, np.random.default_rng([seed, edge]))
    return np.asarray(drawn.reshape(-1, edge, edge), dtype=np.float32)


@lru_cache(maxsize=16)
def sensor(edge: int, seed: int) -> Float32:
    """Read noise of the virtual sCMOS camera, ``(Y, X)`` float32, e- rms."""
    return np.asarray(scmos((edge, edge), seed).calibration.read_noise, dtype=np.float32)


def photograph(truth: Float32, read_noise: float | Float32, rng: np.random.Generator) -> Float32:
    """Let photons arrive, and the camera add its noise; e-."""
    noise = rng.standard_normal(truth.shape, dtype=np.float32) * np.float32(read_noise)
    return np.asarray(rng.poisson(truth) + noise, dtype=np.float32)


def structure(truth: Float32) -> NDArray[np.bool_]:
    """Tell structure from background: the truth above 1.5 times its median."""
    return np.asarray(truth > ABOVE * np.median(truth))


def chance(noisy: Float32, truth: Float32, read_noise: float | Float32) -> NDArray[np.float64]:
    """Return what luck brought too much, e-, as a denoiser would see it; its expectation is 0.

    To be subtracted from a result before its sum is compared with the truth's: that leaves the
    bias as it is, and takes most of the noise from its estimate. A pixel that tells little, as
    those of a map's long tail, counts less than its neighbours.
    """
    trust = 1 / (truth + np.square(read_noise) + 0.01)
    nearby = gaussian_filter(trust, (0, NEARBY, NEARBY))
    return np.asarray((noisy.astype(np.float64) - truth) * trust / nearby)


def cell(text: str, good: bool) -> str:
    """Set a figure in bold that misses its target."""
    return text if good else f"**{text}**"


def print_head(title: str, *columns: str) -> None:
    """Print what a table is, and its first lines."""
    print(f"\n{title}\n\n{head(*columns)}", flush=True)
