"""What it costs not to know the camera: everything estimated from the image itself.

    python -m benchmarks.validation.no_camera DATA [--model NAME|FILE] [--each]

Each 2-D case is denoised twice, with its camera told, and with gain, offset, read noise and
correlation estimated; the differences in PSNR are averaged over each set. Images whose noise
the program refuses to estimate are counted, not averaged.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np
from benchmarks.markdown import table
from benchmarks.validation import sets
from benchmarks.validation.case import Case

from napari_photon_denoise.api.denoise import denoise
from napari_photon_denoise.denoisers import Resunet
from napari_photon_denoise.errors import PhotonDenoiseError

FIGURES = tuple[float, float | None]  # dB with the camera; without, or None if refused


def compare(case: Case, model: str) -> FIGURES:
    """PSNR with the camera told and with it estimated."""
    method = Resunet(model=model)
    known = case.psnr(denoise(case.photons, case.camera, method, axes="YX"))
    try:
        estimated = denoise(case.photons, None, method, axes="YX", units="counts")
    except PhotonDenoiseError:
        return known, None
    return known, case.psnr(estimated)


def main() -> None:
    """Print a line a set."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", type=Path, help="folder with pairs, repeats and correlated")
    parser.add_argument("--model", default="resunet-2d", metavar="NAME|FILE")
    parser.add_argument("--most", type=int, default=12, help="cases of each set")
    parser.add_argument("--each", action="store_true", help="print every case")
    chosen = parser.parse_args()
    found: dict[str, list[FIGURES]] = defaultdict(list)
    for entry in sets.entries(chosen.data):
        if len(found[entry.set_name]) >= chosen.most:
            continue
        case = entry.make()
        if case.photons.ndim != 2:
            continue
        figures = compare(case, chosen.model)
        found[entry.set_name].append(figures)
        if chosen.each:
            print(case.set_name, case.name, figures)
    lines = []
    for name, rows in found.items():
        lost = [without - known for known, without in rows if without is not None]
        if rows:
            mean = f"{np.mean(lost):+.2f}" if lost else ""
            lines.append([name, f"{len(rows)}", f"{len(rows) - len(lost)}", mean])
    print(table(["", "cases", "refused", "no camera, dB"], lines))


if __name__ == "__main__":
    main()
