"""How often a second the line profile follows a dragged line, on two layers of 2048².

    xvfb-run -a python -m benchmarks.profile_rate

A new line is set, both layers are sampled, and the plot is painted; beside it stands the time
in which NumPy copies one of the layers. Medians of 30 moves.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from time import perf_counter

import napari
import numpy as np
from qtpy.QtWidgets import QApplication

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.widgets.plots.profile_widget import ProfileWidget

EDGE, MOVES = 2048, 30
WIDTHS = (1, 5, 9, 21)  # px


def main() -> None:
    """Print a line a width."""
    viewer = napari.Viewer(show=False)
    rng = np.random.default_rng(0)
    camera = {"calibration": Calibration(gain=0.5, offset=100, read_noise=1.5)}
    counts = (rng.poisson(20, (EDGE, EDGE)) * 2 + 100).astype(np.uint16)
    for name in ("cells", "other cells"):
        viewer.add_image(counts.copy(), name=name, metadata=camera, scale=(0.1, 0.1))
    widget = ProfileWidget(viewer)
    widget.resize(420, 900)
    widget.show()
    line = [[5, 5], [EDGE - 8, EDGE - 48]]
    shapes = viewer.add_shapes([line], shape_type="line", scale=(0.1, 0.1))
    copy = statistics.median(_timed(counts.copy) for _ in range(MOVES))
    print(f"copying a layer: {1e3 * copy:.1f} ms")
    for width in WIDTHS:
        widget.set_width(width)
        times = []
        for shift in range(MOVES):
            shapes.data = [np.array(line, float) + shift / 10]
            times.append(_timed(widget.update_profiles) + _timed(widget.plot.canvas.grab))
            QApplication.processEvents()
        took = statistics.median(times)
        print(f"width {width} px: {1e3 * took:.1f} ms, {1 / took:.0f} a second")
    viewer.close()


def _timed(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


if __name__ == "__main__":
    main()
