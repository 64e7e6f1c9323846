"""What a point spread function does for a blind spot: sigma by sigma, and weight by weight.

    python -m benchmarks.blind_spot_psf                       simulated filaments
    python -m benchmarks.blind_spot_psf --data FOLDER --case confocal/fov01 ...
                                                              these of the validation's sets too
    python -m benchmarks.blind_spot_psf --picture FILE.png    also shows what came out
    python -m benchmarks.blind_spot_psf --steps 1000          instead of 400

Every row is a training of its own on the noisy image alone, with the same steps and seed. PSNR is
that of the denoised image. The deviance is the held-out one that a user sees without a truth,
lower is better. Negatives are what the deconvolved image lacks to zero: the share of pixels, and
the mean in standard deviations of the noisy image. The simulated scenes have a sigma of 1.2 px.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from benchmarks.markdown import table
from benchmarks.validation import sets, simulated
from benchmarks.validation.case import Case, busiest, crop

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.job import run
from napari_photon_denoise.metrics.squared_error import psnr
from napari_photon_denoise.networks.learning.blind_spot.plan_blind import STEPS, plan_blind_job
from napari_photon_denoise.networks.learning.blind_spot.settings import BlindSettings
from napari_photon_denoise.networks.learning.learner import Learner
from napari_photon_denoise.networks.predict import Predictor

SIGMAS = (0.5, 1.0, 1.5)  # px
WEIGHTS = (0.0, 1.0, 10.0)
EDGE = 512  # px, of a case
SHOWN = 128  # px, in the picture


@dataclass(frozen=True, eq=False)
class Row:
    """One training.

    Parameters
    ----------
    sigma, weight : float
    images : ([2,] Y, X) float32, e-
        Denoised, and deconvolved where there is a PSF.
    deviance : float
        Held out.
    """

    sigma: float
    weight: float
    images: Float32
    deviance: float

    @property
    def title(self) -> str:
        """What was asked for."""
        if not self.sigma:
            return "Noise2Void"
        return f"sigma {self.sigma:g}" + (f", weight {self.weight:g}" if self.weight else "")

    def cells(self, case: Case) -> list[str]:
        """Its line of the table."""
        quality = psnr(self.images[0], case.truth, data_range=float(np.ptp(case.truth)))
        cells = [self.title, f"{quality:.2f}", f"{self.deviance:.4f}"]
        if len(self.images) == 1:
            return [*cells, "", ""]
        lack = np.maximum(0, -self.images[1])
        return [*cells, f"{100 * (lack > 0).mean():.2f}", f"{lack.mean() / case.photons.std():.5f}"]


def train(case: Case, settings: BlindSettings) -> tuple[Float32, float]:
    """Return what a network makes of the image that it learnt from, and its held-out deviance."""
    plan = run(plan_blind_job([case.image], settings))
    learned = run(Learner(plan).job())
    predictor = Predictor(plan.network)
    results = predictor.all_results(case.photons[None], case.read_noise)[:, 0]
    return results, learned.curve.held_out[-1]


def sweep(case: Case, settings: BlindSettings) -> Iterator[Row]:
    """Train without a PSF, with each sigma, and with each weight at the middle sigma."""
    tried = [(0.0, 0.0)] + [(sigma, 0.0) for sigma in SIGMAS]
    tried += [(SIGMAS[1], weight) for weight in WEIGHTS[1:]]
    for sigma, weight in tried:
        yield Row(
            sigma, weight, *train(case, replace(settings, psf_sigma=sigma, positivity=weight))
        )
        print(f"  {sigma:g} px, weight {weight:g}", file=sys.stderr)


def described(case: Case, rows: list[Row]) -> str:
    """Return a Markdown table."""
    titles = ["PSF", "PSNR, dB", "held-out deviance", "negative, %", "negatives, SD"]
    lines = table(titles, [row.cells(case) for row in rows])
    return f"### {case.set_name}/{case.name}\n\n{lines}\n"


def draw(found: dict[str, tuple[Case, list[Row]]], path: Path) -> None:
    """Show the busiest tile of each case: noisy, true, denoised above, deconvolved below."""
    columns = 1 + max(len(rows) for _, rows in found.values())
    figure, axes = plt.subplots(
        2 * len(found), columns, figsize=(2 * columns, 4.3 * len(found)), squeeze=False
    )
    for pair, (case, rows) in zip(axes.reshape(-1, 2, columns), found.values(), strict=True):
        place = busiest(case.truth, SHOWN)
        low, high = np.percentile(case.truth[place], [0.1, 99.9])
        shown = [[("noisy", case.photons), *((row.title, row.images[0]) for row in rows)]]
        shown += [[("truth", case.truth), *(("deconvolved", row.images[-1]) for row in rows)]]
        for line, images, deep in zip(pair, shown, (1.0, 2.0), strict=True):
            for number, (panel, (title, image)) in enumerate(zip(line, images, strict=False)):
                is_sharp = deep > 1 and number > 0
                if is_sharp and len(rows[number - 1].images) == 1:
                    continue
                top = low + (high - low) * (deep if is_sharp else 1)
                panel.imshow(image[place], cmap="gray", vmin=low, vmax=top)
                panel.set_title(title, fontsize=8)
    for panel in axes.ravel():
        panel.axis("off")
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def cases(chosen: argparse.Namespace) -> Iterator[Case]:
    """Yield simulated filaments, and what is asked for."""
    yield simulated.simulated("filaments", 10)
    if chosen.data is None:
        return
    for entry in sets.entries(chosen.data):
        if f"{entry.set_name}/{entry.name}" in chosen.case:
            yield entry.make()


def main() -> None:
    """Read the options, train, print and draw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="of the validation's sets")
    parser.add_argument("--case", nargs="+", default=[], metavar="SET/NAME")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--batch", type=int, default=BlindSettings().batch)
    parser.add_argument("--picture", type=Path, metavar="FILE.png")
    chosen = parser.parse_args()
    settings = BlindSettings(epochs=max(1, chosen.steps // STEPS), patience=0, batch=chosen.batch)
    found = {}
    for case in cases(chosen):
        small = crop(case, EDGE) if max(case.photons.shape[-2:]) > EDGE else case
        rows = list(sweep(small, settings))
        print(described(small, rows), flush=True)
        found[case.name] = (small, rows)
    if chosen.picture:
        draw(found, chosen.picture)


if __name__ == "__main__":
    main()
