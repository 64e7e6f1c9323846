"""What denoises: classical filters, the shipped networks, and those of the study."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from benchmarks.study.nets import ALL_ROUND, NETS, OF_CLASS, PLAIN_OF_CLASS
from benchmarks.study.training import model_path
from benchmarks.validation.case import Case
from benchmarks.validation.peers import best_gaussian, network, raw

import napari_photon_denoise as npd
from napari_photon_denoise.calibration import Calibration, Float32
from napari_photon_denoise.models import digest, find_model, shipped_models

RAW, GAUSSIAN, NLM, NLM_3D = "raw", "gaussian", "nlm", "nlm-3d"
SHIPPED, SHIPPED_STACK = "resunet-2d", "resunet-stack"
TITLES = {
    RAW: "Raw",
    GAUSSIAN: "Best Gaussian",
    NLM: "NLM",
    NLM_3D: "NLM 3-D",
    SHIPPED: "resunet-2d (shipped)",
    SHIPPED_STACK: "resunet-stack (shipped)",
} | {name: net.title for name, net in NETS.items()}
CLASSICAL = (RAW, GAUSSIAN, NLM)
SAMPLED = ("resunet", "resunet-plain", "u-net", "autoencoder", "rcan", "dncnn")
BY_SERIES: dict[str, tuple[str, ...]] = {
    "virtual": (*CLASSICAL, SHIPPED, *ALL_ROUND),
    "confocal": (*CLASSICAL, SHIPPED, *ALL_ROUND),
    "eb3": (*CLASSICAL, SHIPPED, *ALL_ROUND),
    "sampling": (*CLASSICAL, SHIPPED, *SAMPLED),
    "classes": (
        *CLASSICAL,
        SHIPPED,
        "resunet",
        "resunet-plain",
        *OF_CLASS.values(),
        *PLAIN_OF_CLASS.values(),
    ),
    "deep": (RAW, GAUSSIAN, NLM, NLM_3D, SHIPPED, SHIPPED_STACK, "resunet"),
}
TILE, KEPT = 64, 48  # px; RCAN's tiles are as large as the patches it was trained on


@dataclass(frozen=True)
class Method:
    """A denoiser of cases, and which version of it: that of its weights."""

    run: Callable[[Case], Float32]
    version: str = "1"


def methods(folder: Path) -> dict[str, Method]:
    """Return every method that is there; networks that are not trained yet are left out."""
    found = {
        RAW: Method(raw),
        GAUSSIAN: Method(best_gaussian),
        NLM: Method(_filter(npd.NonlocalMeans())),
        NLM_3D: Method(_filter(npd.NonlocalMeans(patch=3, distance=4, patch_z=3, distance_z=2))),
    }
    weights = {name: name for name in (SHIPPED, SHIPPED_STACK) if name in shipped_models()}
    for name in NETS:
        if model_path(folder, name).exists():
            weights[name] = str(model_path(folder, name))
    for name, where in weights.items():
        version = digest(find_model(where))[:12]
        found[name] = Method(_network(name, where), version)
    return found


def _filter(method: npd.NonlocalMeans) -> Callable[[Case], Float32]:
    def run(case: Case) -> Float32:
        camera = Calibration(gain=1.0, offset=0.0, read_noise=case.read_noise)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of real images that saturate a little
            clean = npd.denoise(case.photons, camera, method, axes=case.axes, device="cpu")
        return np.asarray(clean, np.float32)

    return run


def _network(name: str, where: str) -> Callable[[Case], Float32]:
    """Load the weights when they are needed: results may all be there already."""
    loaded: list[Callable[[Case], Float32]] = []

    def run(case: Case) -> Float32:
        if not loaded:
            loaded.append(network(where))
        if name in NETS and NETS[name].body == "rcan":
            return _in_tiles(case, loaded[0])
        return loaded[0](case)

    return run


def _in_tiles(case: Case, denoise: Callable[[Case], Float32]) -> Float32:
    """Denoise tiles of one size, of which the middles are kept.

    RCAN weighs its channels by their means over all that it sees.
    """
    from dataclasses import replace

    result = np.empty_like(case.photons)
    border = (TILE - KEPT) // 2
    noise = np.broadcast_to(np.float32(case.read_noise), case.photons.shape[-2:])
    height, width = case.photons.shape[-2:]
    for y in _starts(height):
        for x in _starts(width):
            window = (..., slice(y, y + TILE), slice(x, x + TILE))
            part = replace(case, photons=case.photons[window], read_noise=noise[window[1:]])
            # The image's own border is kept as well.
            top, left = (0 if at == 0 else border for at in (y, x))
            result[..., y + top : y + TILE, x + left : x + TILE] = denoise(part)[..., top:, left:]
    return result


def _starts(size: int) -> list[int]:
    """Where tiles start; each later one writes over the outer pixels of the one before."""
    return [*range(0, max(1, size - TILE), KEPT), max(0, size - TILE)]
