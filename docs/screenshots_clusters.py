"""Walk through "Clusters": a picture of what it shows, and a check of what is on the screen.

Needs a display; without one: ``xvfb-run -a -s "-screen 0 1600x1000x24" python
docs/screenshots_clusters.py``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from screenshots_stage import IMAGES, PLUGIN, SETTLED, check, open_window, rest, shooter, wait


def main(folder: Path = IMAGES) -> None:
    """Find clusters in a sample."""
    viewer = open_window(1400, 900)
    viewer.open_sample(PLUGIN, "nuclei")
    _, widget = viewer.window.add_plugin_dock_widget(PLUGIN, "Clusters")
    rest(SETTLED)
    viewer.reset_view()
    check(widget.camera.way() == "layer", "the camera is the layer's own")
    widget.run()
    wait(lambda: not widget.runner.busy)
    labels = viewer.layers[-1]
    check(labels.name == "nuclei [clusters, K-means 3]", f"labels {labels.name}")
    check(set(np.unique(labels.data)) == {1, 2, 3}, "three clusters")
    check("numbered from dark to bright" in widget.message, widget.message)
    check(widget.plot.canvas.legend == ["K-means", "found"], "the sweep is drawn")
    shooter(viewer, folder)("clusters")
    viewer.close()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
