"""How well the noise of an image is estimated without calibration frames.

Gain against truth, coverage of the interval, correlated noise and false alarms on simulated
scenes whose truth is known; then real images, if a folder of them is given.

    python -m benchmarks.estimate                   prints Markdown tables (some minutes)
    python -m benchmarks.estimate --seeds 10        a quick look
    python -m benchmarks.estimate --real FOLDER     the TIFF and PNG images in it as well
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from benchmarks.markdown import head, print_row
from scipy.ndimage import gaussian_filter
from skimage import data, io
from tifffile import imread

from napari_photon_denoise.axes import guess_axes
from napari_photon_denoise.camera.estimate import NoEstimate, NoiseEstimate, estimate_job
from napari_photon_denoise.job import run
from napari_photon_denoise.virtual import scenes

SHAPE = (512, 512)
SLOPE, OFFSET, READ_NOISE = 2.18, 100.0, 1.5  # ADU/e-, ADU, e-
EFFECTIVE = OFFSET - READ_NOISE**2 * SLOPE
PEAKS = (20, 200, 2000)  # e-
BLURS = ((0.5, 0.5), (0.7, 0.7), (1.0, 1.0), (0.0, 0.7), (1.0, 0.0))  # px in y, x

# What the blur falls on: (the scene too, saved as whole numbers).
BLURRED = {
    "image": (True, False),
    "image, then rounded": (True, True),
    "noise alone": (False, False),
}


def camera_man(rng: np.random.Generator) -> np.ndarray:
    """Blur a photograph to the sharpness of a microscope."""
    blur = rng.uniform(1.0, 2.5)
    return gaussian_filter(data.camera().astype(np.float32), blur) + 2


def beads(rng: np.random.Generator) -> np.ndarray:
    """Draw points of sigma 1 px, undersampled."""
    density = np.zeros(SHAPE, np.float32)
    y, x = rng.uniform(16, 496, (2, 600))
    grid = np.arange(-10, 11)
    for row, column, light in zip(y, x, rng.uniform(0.3, 1, 600), strict=True):
        top, left = int(row), int(column)
        spot_y = np.exp(-((grid - row + top) ** 2) / 2)
        spot_x = np.exp(-((grid - column + left) ** 2) / 2)
        density[top - 10 : top + 11, left - 10 : left + 11] += light * np.outer(spot_y, spot_x)
    return density + 0.02


Scene = Callable[[np.random.Generator], np.ndarray]
SCENES: dict[str, Scene] = {
    "filaments": partial(scenes.filaments, SHAPE),
    "nuclei": partial(scenes.nuclei, SHAPE),
    "camera man": camera_man,
}


def shoot(
    scene: Scene,
    peak: float,
    seed: int,
    blur: tuple[float, float] = (0, 0),
    whole: bool = False,
    rounded: bool = True,
) -> np.ndarray:
    """Photograph a scene in counts.

    Parameters
    ----------
    scene : function
    peak : float, e-
    seed : int
    blur : sigma (y, x) in px, of the noise after the exposure
    whole : bool
        Blur the scene with the noise, as a program does that smooths an image.
    rounded : bool
        Save as whole numbers.
    """
    rng = np.random.default_rng(seed)
    density = scene(rng)
    expected = peak * density / np.quantile(density, 0.999)
    noise = rng.poisson(expected) + READ_NOISE * rng.standard_normal(SHAPE) - expected
    if any(blur):
        noise = gaussian_filter(noise, blur)
        expected = gaussian_filter(expected, blur) if whole else expected
    counts = SLOPE * (expected + noise) + OFFSET
    return np.rint(counts).astype(np.uint16) if rounded else counts.astype(np.float32)


def try_estimate(image: np.ndarray, axes: str = "YX") -> NoiseEstimate | str:
    """Estimate, or the reason why not."""
    try:
        return run(estimate_job(image, axes))
    except NoEstimate as error:
        return str(error)


def report_gain(seeds: int) -> None:
    """Print gain against truth, coverage and false alarms on white noise."""
    columns = ("K̂/K mean", "SD", "worst", "interval holds K", "holds offset", "refused")
    print("\n" + head("scene", "peak e-", *columns, "called correlated"))
    for name, scene in SCENES.items():
        for peak in PEAKS:
            found = [try_estimate(shoot(scene, peak, seed)) for seed in range(seeds)]
            good = [each for each in found if isinstance(each, NoiseEstimate)]
            ratio = np.array([1 / each.gain / SLOPE for each in good])
            holds = sum(
                each.gain_interval[0] <= 1 / SLOPE <= each.gain_interval[1] for each in good
            )
            zero = sum(
                each.offset_eff_interval[0] <= EFFECTIVE <= each.offset_eff_interval[1]
                for each in good
            )
            worst = np.abs(ratio - 1).max()
            figures = [f"{one:.3f}" for one in (ratio.mean(), ratio.std(), worst)]
            counts = [f"{holds}/{len(good)}", f"{zero}/{len(good)}", f"{len(found) - len(good)}"]
            called = str(sum(each.correlated for each in good))
            print_row(name, str(peak), *figures, *counts, called)


def report_beads(seeds: int) -> None:
    """Print how many undersampled images are refused."""
    for peak in (200, 2000):
        found = [try_estimate(shoot(beads, peak, seed)) for seed in range(seeds)]
        refused = sum(isinstance(each, str) for each in found)
        print(f"\nBeads of sigma 1 px, peak {peak} e-: {refused} of {seeds} refused.")


def report_correlated(seeds: int) -> None:
    """Print length and variance of blurred noise against truth."""
    columns = ("blurred", "length y", "length x", "variance/truth", "worst", "refused")
    print("\n" + head("scene", "peak e-", "blur y, x", *columns))
    point = np.zeros((41, 41))
    point[20, 20] = 1
    for blur in BLURS:
        true = SLOPE * float((gaussian_filter(point, blur) ** 2).sum())
        for name, scene in SCENES.items():
            for peak in PEAKS:
                for blurred, (whole, rounded) in BLURRED.items():
                    found = [
                        try_estimate(shoot(scene, peak, seed, blur, whole, rounded))
                        for seed in range(seeds)
                    ]
                    good = [each for each in found if isinstance(each, NoiseEstimate)]
                    # At a fifth of the peak: what counts is the variance, slope and zero
                    # together.
                    at = OFFSET + SLOPE * peak / 5
                    ratio = np.array(
                        [each.variance(at) / (true * (at - EFFECTIVE)) for each in good] or [np.nan]
                    )
                    y = np.mean([each.length_y for each in good] or [np.nan])
                    x = np.mean([each.length_x for each in good] or [np.nan])
                    worst = np.abs(ratio - 1).max()
                    figures = [f"{one:.2f}" for one in (y, x, ratio.mean(), worst)]
                    asked = (name, str(peak), f"{blur[0]}, {blur[1]}", blurred)
                    print_row(*asked, *figures, f"{len(found) - len(good)}")


def report_real(folder: Path) -> None:
    """Print what the images of a folder say."""
    print(f"\nReal images in {folder.name}:")
    columns = ("K ADU/e-", "interval", "offset_eff", "length y, x px", "inflation")
    print("\n" + head("image", "axes", *columns))
    for path in sorted([*folder.rglob("*.tif"), *folder.rglob("*.png")]):
        image = imread(path) if path.suffix == ".tif" else io.imread(path)
        axes = "CYX" if image.ndim == 3 and len(image) <= 4 else guess_axes(image.ndim)
        # Files name their axes at the end of the name, as in cells_tyx.tif.
        for named in ("tyx", "zyx", "cyx"):
            axes = named.upper() if f"_{named}" in path.stem.lower() else axes
        if "frames" in path.stem and image.ndim == 3:
            axes = "TYX"
        found = try_estimate(image, axes)
        if isinstance(found, str):
            print_row(path.name, axes, f"refused: {found}", "", "", "", "")
            continue
        low, high = found.gain_interval
        interval = f"{1 / high:.4g} to {1 / low:.4g}"
        lengths = f"{found.length_y:.2f}, {found.length_x:.2f}"
        figures = (f"{1 / found.gain:.4g}", interval, f"{found.offset_eff:.4g}", lengths)
        print_row(path.name, axes, *figures, f"{found.inflation:.2f}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--real", type=Path)
    parser.add_argument("--only", choices=("gain", "beads", "correlated", "real"))
    chosen = parser.parse_args()
    if chosen.only in (None, "gain"):
        report_gain(chosen.seeds)
    if chosen.only in (None, "beads"):
        report_beads(chosen.seeds)
    if chosen.only in (None, "correlated"):
        report_correlated(max(2, chosen.seeds // 20))
    if chosen.real and chosen.only in (None, "real"):
        report_real(chosen.real)


if __name__ == "__main__":
    main()
