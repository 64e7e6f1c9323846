"""Does a network draw what is not there? Mean output over many noise seeds; see `honesty`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.honesty_images import (
    SCENES,
    Candidate,
    Denoise,
    cell,
    density,
    photograph,
    print_head,
    sensor,
)
from benchmarks.markdown import print_row
from benchmarks.validation.peers import nonlocal_means
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from napari_photon_denoise.calibration import Float32

LEVELS = (1, 10, 100)  # e-, mean of a pixel
PEER = "GAT+NLM"
SEED = 41  # of the scenes, apart from those of tests and trainings
CROP = 64  # px; edge of the pictured places
SMOOTH = 1.5  # px; a lone pixel is no structure


@dataclass(frozen=True)
class Average:
    """Many results of one scene, of which only the noise differs.

    Parameters
    ----------
    truth, mean, noisy : (Z, Y, X) e-
        `noisy` is one of the images.
    bias : float, e-
        Root mean square of mean minus truth, less the noise that is left in the mean.
    spread : float, e-
        Root mean square of a single result's noise.
    """

    truth: Float32
    mean: NDArray[np.float64]
    noisy: Float32
    bias: float
    spread: float

    @property
    def map(self) -> NDArray[np.float64]:
        """Mean minus truth, e-."""
        return self.mean - self.truth


def average(
    denoisers: Mapping[str, Denoise], scene: str, level: float, seeds: int, edge: int
) -> dict[str, Average]:
    """Denoise the same scene again and again, all methods the same images."""
    truth, read_noise = density(scene, edge, SEED) * np.float32(level), sensor(edge, SEED)
    total = {name: np.zeros(truth.shape) for name in denoisers}
    squares = {name: np.zeros(truth.shape) for name in denoisers}
    for seed in range(seeds):
        noisy = photograph(truth, read_noise, np.random.default_rng([seed, int(level), 11]))
        for name, denoise in denoisers.items():
            # From the truth, or a variance would be the difference of large numbers.
            off = denoise(noisy, read_noise).astype(np.float64) - truth
            total[name] += off
            squares[name] += off**2
    found = {}
    for name in denoisers:
        mean = total[name] / seeds
        variance = (squares[name] / seeds - mean**2).mean() * seeds / (seeds - 1)
        left = (mean**2).mean() - variance / seeds
        found[name] = Average(
            truth, mean + truth, noisy, float(np.sqrt(max(left, 0))), float(np.sqrt(variance))
        )
    return found


def bias_maps(
    candidates: Mapping[str, Candidate], *, seeds: int, edge: int, folder: Path | None
) -> list[dict[str, Any]]:
    """Print the RMS of every model's bias map beside the peer's; picture the worst places."""
    denoisers: dict[str, Denoise] = {PEER: nonlocal_means}
    denoisers |= {name: one.denoise for name, one in candidates.items()}
    print_head(
        f"Bias map (mean of {seeds} results minus truth, scenes of {edge} px, sCMOS): RMS without "
        f"the noise left in the mean, target below {PEER}; and the noise of one result; e-",
        "scene",
        "photons",
        *denoisers,
    )
    rows: list[dict[str, Any]] = []
    for scene in SCENES:
        found = {level: average(denoisers, scene, level, seeds, edge) for level in LEVELS}
        for level, averages in found.items():
            limit = averages[PEER].bias
            cells = [
                cell(f"{one.bias:.3f}", name == PEER or one.bias < limit) + f"; {one.spread:.3f}"
                for name, one in averages.items()
            ]
            print_row(scene, f"{level:g}", *cells)
            rows += [
                {
                    "table": "bias map",
                    "model": name,
                    "scene": scene,
                    "photons": level,
                    "seeds": seeds,
                    "bias_rms": one.bias,
                    "noise_rms": one.spread,
                }
                for name, one in averages.items()
            ]
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            for name in candidates:
                picture(
                    {level: averages[name] for level, averages in found.items()},
                    f"{name}: {scene}, mean of {seeds} results",
                    folder / f"bias_{name}_{scene}.png",
                )
    return rows


def worst(one: Average) -> tuple[int, slice, slice]:
    """Plane and window about the largest bias, relative to the noise that light brings."""
    smooth = gaussian_filter(one.map, (0, SMOOTH, SMOOTH))
    expected = np.sqrt(gaussian_filter(one.truth, (0, SMOOTH, SMOOTH)) + 1)
    z, y, x = np.unravel_index(np.argmax(np.abs(smooth) / expected), smooth.shape)
    height, width = one.truth.shape[-2:]
    top = int(np.clip(y - CROP // 2, 0, height - CROP))
    left = int(np.clip(x - CROP // 2, 0, width - CROP))
    return int(z), slice(top, top + CROP), slice(left, left + CROP)


def picture(levels: Mapping[float, Average], title: str, path: Path) -> None:
    """Draw the worst place of each level: truth, mean, bias map, one noisy image; e-."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 3.2 * len(levels)), layout="constrained")
    figure.suptitle(f"{title}, the worst places; grey values in photons (e-)")
    axes = figure.subplots(len(levels), 4, squeeze=False)
    for row, (level, one) in zip(axes, levels.items(), strict=True):
        window = worst(one)
        top = float(one.truth[window].max())
        most = float(np.abs(one.map[window]).max())
        panels = (
            ("truth", one.truth, "gray", 0.0, top),
            ("mean result", one.mean, "gray", 0.0, top),
            ("mean result − truth", one.map, "RdBu_r", -most, most),
            ("one noisy image", one.noisy, "gray", 0.0, float(one.noisy[window].max())),
        )
        for axis, (name, image, colours, low, high) in zip(row, panels, strict=True):
            drawn = axis.imshow(image[window], cmap=colours, vmin=low, vmax=high)
            axis.set_title(f"{level:g} e- a pixel: {name}", fontsize=9)
            axis.set(xticks=(), yticks=())
            # A scale bar of 20 px: 2 µm at the scenes' 0.1 µm a pixel.
            axis.plot((4, 24), (CROP - 5,) * 2, color="#ffb000", linewidth=3)
            axis.text(4, CROP - 7, "2 µm", color="#ffb000", fontsize=8)
            figure.colorbar(drawn, ax=axis, shrink=0.85)
    figure.savefig(path, dpi=110)
