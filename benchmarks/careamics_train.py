"""CAREamics' own Noise2Void on one image, scored while it learns; see `blind_spot`.

    PYTHON benchmarks/careamics_train.py IMAGE.npz RESULT.npz N2V2 SECONDS

To be run by the Python of an environment of its own, see `careamics_predict`. IMAGE.npz holds
"noisy" and "truth", (Y, X) or (Z, Y, X) float32 photons; N2V2 is 0 or 1. It trains with
CAREamics' defaults for SECONDS, and about every twentieth of them stops the clock, denoises the
whole image and scores it. Writes "seconds" and "psnr" of each score, "denoised" (the best), and
prints JSON with them and with the peak memory, bytes, less what the process held before.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
from careamics_predict import peak, pretend_torchvision

SCORES = 20
PATCH, PATCH_3D, BATCH = (64, 64), (8, 64, 64), 16
# Steps of a network in 2-D need multiples of 4 px, in 3-D of 4 planes too.
MULTIPLE = 4


def main() -> None:
    """Train, and score on the way."""
    image, result = Path(sys.argv[1]).absolute(), Path(sys.argv[2]).absolute()
    n2v2, budget = sys.argv[3] == "1", float(sys.argv[4])
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    pretend_torchvision()
    import careamics
    import psutil
    from careamics.config import create_n2v_config

    data = np.load(image)
    noisy, truth = data["noisy"], data["truth"]
    watch = Watch(noisy, truth, budget)
    config = create_n2v_config(
        experiment_name="n2v",
        data_type="array",
        axes="YX" if noisy.ndim == 2 else "ZYX",
        patch_size=list(PATCH if noisy.ndim == 2 else PATCH_3D),
        batch_size=BATCH,
        num_epochs=100_000,
        use_n2v2=n2v2,
    )
    before = psutil.Process().memory_info().rss
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        careamist = careamics.CAREamist(
            config, work_dir=folder, callbacks=[watch.callback()], enable_progress_bar=False
        )
        careamist.train(train_data=noisy)
        os.chdir("/")
    np.savez(result, seconds=watch.seconds, psnr=watch.psnr, denoised=watch.best)
    figures = {
        "version": careamics.__version__,
        "steps": watch.steps,
        "seconds": watch.seconds,
        "psnr": watch.psnr,
        "memory": peak() - before,
    }
    print("\n" + json.dumps(figures))


class Watch:
    """A clock that stands still while the image is denoised and scored."""

    def __init__(self, noisy: np.ndarray, truth: np.ndarray, budget: float) -> None:
        self._noisy, self._truth, self._budget = noisy, truth, budget
        self._spent, self._since, self._due = 0.0, 0.0, budget / SCORES
        self.steps = 0
        self.seconds: list[float] = []
        self.psnr: list[float] = []
        self.best = noisy

    def callback(self) -> object:
        """Return what PyTorch Lightning calls at every batch."""
        from lightning.pytorch.callbacks import Callback

        watch = self

        class Score(Callback):
            def on_train_start(self, trainer, module) -> None:  # type: ignore[no-untyped-def]
                watch._since = time.perf_counter()

            def on_train_batch_end(self, trainer, module, *_) -> None:  # type: ignore[no-untyped-def]
                watch.steps += 1
                watch.look(trainer, module)

        return Score()

    def look(self, trainer, module) -> None:  # type: ignore[no-untyped-def]
        """Score if it is time to, and stop at the end of the budget."""
        now = self._spent + time.perf_counter() - self._since
        if now < self._due:
            return
        self._spent = now
        self._score(module)
        self._due = now + self._budget / SCORES
        trainer.should_stop = now >= self._budget
        if trainer.should_stop:
            trainer.limit_val_batches = 0
        self._since = time.perf_counter()

    def _score(self, module) -> None:  # type: ignore[no-untyped-def]
        import torch

        mean, deviation = float(self._noisy.mean()), float(self._noisy.std())
        pad = [(0, -size % MULTIPLE) for size in self._noisy.shape]
        scaled = np.pad((self._noisy - mean) / (deviation + 1e-6), pad, mode="reflect")
        module.eval()
        with torch.inference_mode():
            output = module.model(torch.from_numpy(scaled.astype(np.float32))[None, None])
        module.train()
        cut = tuple(slice(size) for size in self._noisy.shape)
        denoised = output[0, 0].numpy()[cut] * deviation + mean
        error = float(np.mean((denoised.astype(np.float64) - self._truth) ** 2))
        psnr = 10 * np.log10(float(np.ptp(self._truth)) ** 2 / error)
        if not self.psnr or psnr > max(self.psnr):
            self.best = denoised
        self.seconds.append(self._spent)
        self.psnr.append(psnr)


if __name__ == "__main__":
    main()
