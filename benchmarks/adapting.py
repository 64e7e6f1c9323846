"""A pretrained network, adapted to the image: whether it is better, and says so rightly.

    python -m benchmarks.adapting DATA [--only SET|CASE ...] [--seeds 1]

On real images with a truth, cut to 512 × 512 px: PSNR of RESUNET as it is shipped and of
``adapted-resunet`` with its defaults, and what that said of itself. The truths' own noise is taken
off.
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path

import numpy as np
from benchmarks.markdown import head, print_row
from benchmarks.validation import sets

from napari_photon_denoise.api.denoise import denoise
from napari_photon_denoise.denoisers import AdaptedResunet

CASES = {
    "w2s_counts": ("001_1", "002_2"),
    "w2s_8bit": ("002_1", "070_2"),
    "confocal": ("fov01", "fov16"),
    "eb3": ("frame10",),
}
EDGE = 512  # px


def said(notes: list[warnings.WarningMessage]) -> str:
    """Who has won, as the method says it."""
    words = [str(one.message) for one in notes if "has won" in str(one.message)]
    return words[0].split(". ")[0] if words else "nothing"


def main() -> None:
    """Print a line an image."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.adapting", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("data", type=Path, help="folder with pairs and repeats")
    parser.add_argument("--only", nargs="+", metavar="SET|CASE")
    parser.add_argument("--seeds", type=int, default=1)
    chosen = parser.parse_args()
    print(head("image", "shipped, dB", "adapted, dB", "gain, dB", "time, s", "it says"))
    gains = []
    for case in sets.chosen(chosen.data, CASES, EDGE, only=chosen.only):
        shipped = case.psnr(denoise(case.photons, case.camera, "resunet", device="cpu"))
        for seed in range(chosen.seeds):
            start = time.perf_counter()
            with warnings.catch_warnings(record=True) as notes:
                warnings.simplefilter("always")
                method = AdaptedResunet(seed=seed)
                result = denoise(case.photons, case.camera, method, device="cpu")
            spent = time.perf_counter() - start
            found = case.psnr(result)
            gains.append(found - shipped)
            cells = [f"{case.set_name} {case.name}", f"{shipped:.2f}", f"{found:.2f}"]
            cells += [f"{gains[-1]:+.3f}", f"{spent:.0f}", said(notes)]
            print_row(*cells)
    print(f"\ngain: mean {np.mean(gains):+.3f} dB, least {min(gains):+.3f} dB")


if __name__ == "__main__":
    main()
