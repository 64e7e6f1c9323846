"""Our own Noise2Void on one image, scored while it learns; see `blind_spot`.

    python benchmarks/blind_spot_learn.py IMAGE.npz RESULT.npz METHOD SECONDS

IMAGE.npz holds "noisy" and "truth", (Y, X) or (Z, Y, X) float32 photons, and "read_noise". METHOD
is JSON, such as '{"method": "n2v"}'. It learns with the defaults for SECONDS, or until it stops by
itself, and about every twentieth of them stops the clock, denoises the whole image and scores it.
Writes and prints what `careamics_train` does.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
from careamics_predict import peak

SCORES = 20


def main() -> None:
    """Learn, and score on the way."""
    import psutil

    # torch is imported before the clock runs, as for the peer.
    from napari_photon_denoise.calibration import Calibration
    from napari_photon_denoise.denoisers import make_denoiser
    from napari_photon_denoise.job import run
    from napari_photon_denoise.networks.learning.blind_spot.plan_blind import plan_blind_job
    from napari_photon_denoise.networks.learning.learner import Learner
    from napari_photon_denoise.networks.predict import Predictor
    from napari_photon_denoise.photons import Photons

    data, chosen = np.load(sys.argv[1]), json.loads(sys.argv[3])
    noisy, truth, budget = data["noisy"], data["truth"], float(sys.argv[4])
    read_noise = data["read_noise"]
    camera = Calibration(
        gain=1, offset=0, read_noise=read_noise if read_noise.ndim else read_noise[()]
    )
    photons = Photons(noisy, camera, "ZYX"[-noisy.ndim :])
    denoiser = make_denoiser(chosen.pop("method"), chosen).resolved(photons)
    before = psutil.Process().memory_info().rss
    seconds: list[float] = []
    psnr: list[float] = []
    best, steps, spent, since, due = noisy, 0, 0.0, time.perf_counter(), 0.0
    plan = run(plan_blind_job([photons], denoiser.settings()))
    learner = Learner(plan, device="cpu")

    def score() -> None:
        nonlocal best
        block = noisy.reshape(-1, *noisy.shape[-2:])
        denoised = Predictor(learner.averaged, "cpu")(block, camera.read_noise)
        denoised = denoised.reshape(noisy.shape)
        error = float(np.mean((denoised.astype(np.float64) - truth) ** 2))
        found = 10 * np.log10(float(np.ptp(truth)) ** 2 / error)
        if not psnr or found > max(psnr):
            best = denoised
        seconds.append(spent)
        psnr.append(found)

    for _ in learner.job():
        steps += 1
        now = spent + time.perf_counter() - since
        if now < due:
            continue
        spent = now
        score()
        due = max(due, now) + budget / SCORES / (4 if len(psnr) < 8 else 1)
        if spent >= budget:
            break
        since = time.perf_counter()
    else:
        spent += time.perf_counter() - since
        score()
    np.savez(sys.argv[2], seconds=seconds, psnr=psnr, denoised=best)
    figures = {"steps": steps, "seconds": seconds, "psnr": psnr, "memory": peak() - before}
    print("\n" + json.dumps(figures))


if __name__ == "__main__":
    main()
