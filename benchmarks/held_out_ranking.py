"""Whether photons held back rank methods as the truth does, on real images with a truth.

    python -m benchmarks.held_out_ranking DATA

Seven methods on each cropped image of `benchmarks.validation`, ranked by the error that
thinning estimates without the truth, and by the error to the truth; Kendall's tau of the two,
and how often the best is the best. Images whose noise forbids thinning are named.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np
from benchmarks.markdown import table
from benchmarks.validation import sets
from benchmarks.validation.case import Case

from napari_photon_denoise.denoiser import Denoiser
from napari_photon_denoise.denoisers import Gaussian, Median, NonlocalMeans, Resunet
from napari_photon_denoise.evaluation.ranking import rank_job
from napari_photon_denoise.job import run
from napari_photon_denoise.metrics.applicable import NotApplicable
from napari_photon_denoise.metrics.squared_error import mse
from napari_photon_denoise.pipeline import denoise_job

METHODS: dict[str, Denoiser] = {
    "Gaussian 0.5": Gaussian(sigma=0.5),
    "Gaussian 1": Gaussian(sigma=1),
    "Gaussian 2": Gaussian(sigma=2),
    "Gaussian 4": Gaussian(sigma=4),
    "median 3": Median(size=3),
    "NLM": NonlocalMeans(),
    "RESUNET": Resunet(model="resunet-2d"),
}
FOLDS = 5


def rank(case: Case) -> tuple[float, bool, str, str] | NotApplicable:
    """Kendall's tau, whether the best is the best, and the two names of the best."""
    from scipy.stats import kendalltau

    found = run(rank_job(case.image, METHODS, folds=FOLDS))
    if isinstance(found, NotApplicable):
        return found
    held = [found.scores[name].mse for name in METHODS]
    clean = [run(denoise_job(case.image, method)).data for method in METHODS.values()]
    true = [mse(np.asarray(image, np.float32), case.truth) for image in clean]
    names = list(METHODS)
    best = names[int(np.argmin(held))], names[int(np.argmin(true))]
    return float(kendalltau(held, true).statistic), best[0] == best[1], *best


def main() -> None:
    """Print a line an image, and the means of the sets."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="folder with pairs, repeats and correlated")
    chosen = parser.parse_args()
    taus: dict[str, list[float]] = defaultdict(list)
    agreed: dict[str, list[bool]] = defaultdict(list)
    for case in sets.quick(chosen.data):
        if case.photons.ndim != 2:
            continue
        found = rank(case)
        if isinstance(found, NotApplicable):
            print(f"{case.set_name} {case.name}: {found.reason}")
            continue
        tau, best, held, true = found
        taus[case.set_name].append(tau)
        agreed[case.set_name].append(best)
        print(f"{case.set_name} {case.name}: tau {tau:.2f}, best {held}, truly {true}")
    lines = [
        [name, f"{len(values)}", f"{np.mean(values):.2f}", f"{sum(agreed[name])}"]
        for name, values in taus.items()
    ]
    print(table(["", "images", "Kendall's tau", "same best"], lines))


if __name__ == "__main__":
    main()
