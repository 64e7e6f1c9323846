"""Film a result larger than memory as it is made: pictures at the first part, a quarter, the end.

The stack is made on the fly; of 5 GB, the result has 10 GB. To see that it needs no more memory
than a small machine has, run it in a control group of 3 GiB, whose limit holds for all that the
process takes, files that are mapped too (as root, cgroup 1; elsewhere `systemd-run --scope -p
MemoryMax=3G`)::

    mkdir /sys/fs/cgroup/memory/small
    echo 3221225472 > /sys/fs/cgroup/memory/small/memory.limit_in_bytes
    sh -c 'echo $$ > /sys/fs/cgroup/memory/small/cgroup.procs; exec xvfb-run -a -s
    "-screen 0 1600x1000x24" python docs/screenshots_large.py FOLDER 5'

A limit by `prlimit --as` does not do: Qt and OpenGL reserve addresses that they never use.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any

import dask.array as da
import numpy as np
from qtpy.QtWidgets import QApplication
from screenshots_stage import BREATH, check, open_window, rest, shooter

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.denoisers import Gaussian
from napari_photon_denoise.shards.job import ShardProgress
from napari_photon_denoise.virtual.samples import make_sample
from napari_photon_denoise.widgets.denoise.widget import DenoiseWidget

EDGE = 2048  # px
CAMERA = Calibration(gain=0.5, offset=100, read_noise=1.5)
GIGABYTE = 10**9


def main(folder: Path, gigabytes: float) -> None:
    """Open a stack, denoise it to disk, and take pictures on the way."""
    viewer = open_window()
    shoot = shooter(viewer, folder, "large_")
    planes = round(gigabytes * GIGABYTE / (2 * EDGE * EDGE))
    layer = viewer.add_image(
        stack(planes), name="embryo", axis_labels=("z", "y", "x"), scale=(0.5, 0.1, 0.1),
        units=("um", "um", "um"), contrast_limits=(100, 250),
    )  # fmt: skip
    widget = DenoiseWidget(viewer)
    viewer.window.add_dock_widget(widget, name="Photon denoise")
    widget.camera.setValue(CAMERA)
    widget.method.setValue(Gaussian(sigma=1.5))
    widget.result.set_keep("disk")
    viewer.dims.set_current_step(0, planes * 2 // 3)
    viewer.reset_view()
    rest(3)
    shoot("before")
    with TemporaryDirectory(dir=folder) as place:
        widget.ask_store = lambda proposed: Path(place) / proposed.name
        film(viewer, widget, shoot)
    check(layer.visible, "the source is as it was")
    viewer.close()


def film(viewer: Any, widget: DenoiseWidget, shoot: Callable[..., None]) -> None:
    """Run, and take pictures; say how long the window stood still, and what it took."""
    done, shots, longest = [], {"begin": 1e-9, "quarter": 0.25}, 0.0
    total = [1]

    def follow(step: Any) -> None:
        if isinstance(step, ShardProgress):
            done.extend(step.finished)
            total[0] = step.total // 1000

    widget.runner.progressed.connect(follow)
    widget.run()
    begin = monotonic()
    while widget.runner.busy:
        sleep(BREATH)
        now = monotonic()
        QApplication.processEvents()
        longest = max(longest, monotonic() - now)
        for name, share in [*shots.items()]:
            if len(done) >= max(1, share * total[0]):
                del shots[name]
                shoot(name)
    seconds = monotonic() - begin
    shoot("end", 1)
    viewer.dims.set_current_step(0, 5)
    shoot("end_other_plane", 1)
    print(widget.bar.message)
    peak = getrusage(RUSAGE_SELF).ru_maxrss * 1024 / GIGABYTE
    print(
        f"{total[0]} parts in {seconds:.0f} s; peak of memory {peak:.2f} GB; the window stood "
        f"still for {longest:.2f} s at most"
    )


def stack(planes: int) -> Any:
    """Return a stack that is made where it is read: nuclei, whose noise differs in each plane."""
    scene = _scene().astype(np.float32)

    def make(block_info: Any = None) -> Any:
        number = block_info[None]["chunk-location"][0]
        rng = np.random.default_rng(number)
        photons = np.roll(scene, 3 * number, axis=1)
        noisy = photons + rng.standard_normal(scene.shape, np.float32) * np.sqrt(photons + 2.25)
        return np.rint(noisy / 0.5 + 100).clip(0).astype(np.uint16)[None]

    chunks = ((1,) * planes, (EDGE,), (EDGE,))
    return da.map_blocks(make, chunks=chunks, dtype=np.uint16, meta=np.empty((0, 0, 0), np.uint16))


def _scene() -> Any:
    """Return one plane of photons, from the package's nuclei."""
    plane = np.asarray(make_sample("nuclei").truth)
    plane = plane.reshape(-1, *plane.shape[-2:])[0]
    times = [-(-EDGE // size) for size in plane.shape]
    return np.tile(plane, times)[:EDGE, :EDGE]


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
