"""Time and memory of CAREamics' own prediction with its default network; see `network_speed`.

    PYTHON benchmarks/careamics_predict.py EDGE [TILE]

To be run by the Python of an environment of its own:

    python -m venv ENVIRONMENT
    ENVIRONMENT/bin/pip install torch==2.13.0 bioimageio.core==0.11.0 lightning==2.6.6 \
        matplotlib microssim==0.0.5 psutil pydantic scikit-image tifffile torchmetrics==1.8.2 zarr
    ENVIRONMENT/bin/pip install --no-deps careamics==0.3.5

CAREamics 0.3.5 wants a torchvision that is older than torch 2.13, but uses it only for
variational networks and exported models; an empty module stands in for it here.

A UNet of depth 2 with 32 channels (CAREamics' default, of Noise2Void) is trained for one step,
since CAREamics takes normalisation and weights from a training; then it predicts a float32
image of EDGE × EDGE px, whole (its default) or in tiles of TILE px with its default overlap.
Prints JSON: seconds of the second prediction, and peak memory (bytes) less what the process
held before the first.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import sys
import tempfile
import time
import types
import warnings

import numpy as np

SECONDS_IN_FIRST = 60  # then the first prediction has to do


def pretend_torchvision() -> None:
    """Let an empty module stand in, for whoever was not looking for it before."""
    # First those that would use torchvision if they found it.
    import lightning  # noqa: F401
    import torchmetrics  # noqa: F401

    names = ("torchvision", "torchvision.transforms", "torchvision.transforms.functional")
    modules = [types.ModuleType(name) for name in names]
    modules[0].__version__ = "0"  # type: ignore[attr-defined]
    modules[0].transforms = modules[1]  # type: ignore[attr-defined]
    modules[1].functional = modules[2]  # type: ignore[attr-defined]
    sys.modules.update(zip(names, modules, strict=True))


def peak() -> int:
    """Largest resident memory of this process so far, bytes."""
    scale = 1 if sys.platform == "darwin" else 1024
    return scale * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    """Train a step, predict twice, print."""
    edge = int(sys.argv[1])
    tile = int(sys.argv[2]) if len(sys.argv) > 2 else None
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    pretend_torchvision()
    import careamics
    import psutil
    from careamics.config import create_n2v_config

    image = np.random.default_rng(0).poisson(10, (edge, edge)).astype(np.float32)
    config = create_n2v_config(
        experiment_name="speed",
        data_type="array",
        axes="YX",
        patch_size=[64, 64],
        batch_size=1,
        num_epochs=1,
        num_steps=1,
        n_val_patches=1,
    )
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        careamist = careamics.CAREamist(config, work_dir=folder, enable_progress_bar=False)
        careamist.train(train_data=image[:256, :256])
        before = psutil.Process().memory_info().rss
        options = {} if tile is None else {"tile_size": (tile, tile)}
        for _ in range(2):
            start = time.perf_counter()
            careamist.predict(image, **options)
            seconds = time.perf_counter() - start
            if seconds > SECONDS_IN_FIRST:
                break
        os.chdir("/")
    figures = {
        "version": careamics.__version__,
        "parameters": sum(part.numel() for part in careamist.model.parameters()),
        "seconds": seconds,
        "memory": peak() - before,
    }
    print("\n" + json.dumps(figures))


if __name__ == "__main__":
    main()
