"""Learning from the noisy image alone: quality against time, beside CAREamics' N2V and N2V2.

    python -m benchmarks.blind_spot DATA --careamics PYTHON --cache FOLDER [--seconds 60]
        [--ours n2v pn2v] [--only CASE ...] [--plot PNG]

PYTHON is that of an environment with CAREamics 0.3.5 (see `careamics_predict`). On each image
every method learns for as many seconds, one after the other, with its defaults; its PSNR is the
best that it showed on the way, which is kind to methods that swing. "Time" is ours to the best
PSNR of the better of CAREamics' two over theirs. Results are remembered in FOLDER, a file an
image and method, so that a run that was stopped goes on.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks import markdown
from benchmarks.validation import sets
from benchmarks.validation.case import Case

from napari_photon_denoise.metrics.squared_error import psnr
from napari_photon_denoise.metrics.structure import ssim

HERE = Path(__file__).parent
EDGE, DEEP = 512, (192, 16)  # px; px and planes; of what is cut out of the middle
CASES = {
    "w2s_counts": ("001_1", "002_2"),
    "w2s_8bit": ("002_1", "070_2"),
    "confocal": ("fov01", "fov16"),
    "eb3": ("frame10",),
    "scenes": tuple(
        f"{scene}_{photons}e"
        for scene in ("filaments", "nuclei", "membranes")
        for photons in (1, 10, 100)
    ),
    "scenes_deep": ("stack_1e", "stack_10e", "stack_100e"),
}
PEERS = {"CAREamics N2V": "0", "CAREamics N2V2": "1"}


def learn(case: Case, name: str, chosen: argparse.Namespace) -> dict[str, Any]:
    """Let one method learn from one image, or remember what it did."""
    stem = f"{case.set_name}_{case.name}_{name}_{chosen.seconds:g}s".replace(" ", "-")
    kept = chosen.cache / f"{stem}.json"
    if kept.exists():
        return dict(json.loads(kept.read_text()))
    image, result = chosen.cache / "image.npz", chosen.cache / f"{stem}.npz"
    np.savez(
        image,
        noisy=case.photons.astype(np.float32),
        truth=case.truth.astype(np.float32),
        read_noise=np.float32(case.read_noise),
    )
    if name in PEERS:
        command = [str(chosen.careamics), str(HERE / "careamics_train.py"), str(image)]
        command += [str(result), PEERS[name], str(chosen.seconds)]
    else:
        command = [sys.executable, str(HERE / "blind_spot_learn.py"), str(image)]
        command += [str(result), json.dumps({"method": name}), str(chosen.seconds)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name} failed on {case.name}:\n{done.stderr[-2000:]}")
    figures: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    denoised = np.load(result)["denoised"]
    figures["ssim"] = ssim(case.truth, denoised, data_range=case.data_range)
    figures["corner"] = corner_power(denoised) / corner_power(case.photons - case.truth)
    kept.write_text(json.dumps(figures))
    return figures


def corner_power(image: np.ndarray) -> float:
    """Power at the corner of the spectrum, where a chequerboard lies, per pixel."""
    planes = image.reshape(-1, *image.shape[-2:]).astype(np.float64)
    height, width = (size // 2 * 2 for size in planes.shape[-2:])
    planes = planes[:, :height, :width] * np.hanning(height)[:, None] * np.hanning(width)
    spectrum = np.abs(np.fft.fft2(planes)) ** 2 / (height * width)
    y, x = (slice(size // 2 - size // 32, size // 2 + size // 32) for size in (height, width))
    return float(spectrum[:, y, x].mean())


def first_time(figures: dict[str, Any], psnr: float) -> float:
    """Seconds to a PSNR; infinite if it was never reached."""
    reached = (
        at for at, found in zip(figures["seconds"], figures["psnr"], strict=True) if found >= psnr
    )
    return next(reached, float("inf"))


def cells(case: Case, found: dict[str, dict[str, Any]]) -> list[str]:
    """One image as a line of the table."""
    raw = psnr(case.photons, case.truth, data_range=case.data_range)
    line = [f"{case.set_name} {case.name}", f"{raw:.2f}"]
    line += [
        f"{max(figures['psnr']):.2f} / {figures['ssim']:.3f} / {100 * figures['corner']:.2f}"
        for figures in found.values()
    ]
    truth = corner_power(case.truth) / corner_power(case.photons - case.truth)
    line.append(f"{100 * truth:.2f}")
    peers = [figures for name, figures in found.items() if name in PEERS]
    if peers:
        best = max(peers, key=lambda figures: max(figures["psnr"]))
        reached = max(best["psnr"])
        theirs = first_time(best, reached)
        for name, figures in found.items():
            if name not in PEERS:
                line.append(f"{first_time(figures, reached) / theirs:.3f}")
    line.append(" / ".join(f"{figures['memory'] / 2**20:.0f}" for figures in found.values()))
    return line


def plot(found: dict[str, dict[str, dict[str, Any]]], path: Path) -> None:
    """Quality against time, a panel an image."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

    columns = 4
    rows = -(-len(found) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(4 * columns, 3 * rows), squeeze=False)
    for panel in axes.flat[len(found) :]:
        panel.axis("off")
    for panel, (title, methods) in zip(axes.flat, found.items(), strict=False):
        for name, figures in methods.items():
            panel.plot(figures["seconds"], figures["psnr"], label=name, lw=1.5)
        panel.set(title=title, xlabel="time learning (s)", ylabel="PSNR (dB)", xscale="log")
        panel.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        panel.xaxis.set_major_formatter(ScalarFormatter())
        panel.xaxis.set_minor_formatter(NullFormatter())
        lowest = min(max(figures["psnr"]) for figures in methods.values())
        panel.set_ylim(lowest - 4, None)
    axes.flat[0].legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=75)


def main() -> None:
    """Print the table, a line as soon as an image is done."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.blind_spot", description=__doc__)
    parser.add_argument("data", type=Path, help="folder with pairs, repeats and correlated")
    parser.add_argument("--careamics", type=Path, help="Python that has it; none leaves it out")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--ours", nargs="+", default=["n2v"], metavar="METHOD")
    parser.add_argument("--only", nargs="+", metavar="SET|CASE")
    parser.add_argument("--plot", type=Path)
    chosen = parser.parse_args()
    chosen.cache.mkdir(parents=True, exist_ok=True)
    names = [*chosen.ours, *(PEERS if chosen.careamics else ())]
    print(
        f"{os.cpu_count()} CPUs; PSNR (dB) / SSIM / power at the Nyquist corner, % of the noise's"
    )
    times = [f"time of {name}" for name in chosen.ours] if chosen.careamics else []
    columns = ["raw", *names, "corner of the truth (%)", *times, "memory (MiB)"]
    print(markdown.head("image", *columns))
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for case in sets.chosen(chosen.data, CASES, EDGE, DEEP, chosen.only):
        methods = {name: learn(case, name, chosen) for name in names}
        found[f"{case.set_name} {case.name}"] = methods
        markdown.print_row(*cells(case, methods))
    if chosen.plot:
        plot(found, chosen.plot)


if __name__ == "__main__":
    main()
