"""The preview's layer: pixels that come tile by tile, at their place over the source."""

from __future__ import annotations

from time import monotonic
from typing import Any

import numpy as np
from napari.layers import Image
from numpy.typing import NDArray
from qtpy.QtCore import QObject, QTimer

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.pipeline import relative
from napari_photon_denoise.widgets.parts.kept_layers import KeptLayers
from napari_photon_denoise.widgets.parts.layers import PREVIEW, limits, place
from napari_photon_denoise.widgets.parts.region import Region, missing_parts
from napari_photon_denoise.widgets.parts.task import Task
from napari_photon_denoise.widgets.plots.values import VALUES, unit_by

OFTEN = 200  # ms between two refreshes at least
SHARE = 4  # a refresh of a large layer takes at most one part in so many of the time
UNUSED = "preview (off)"


class PreviewLayer(QObject):  # type: ignore[misc]  # Qt comes without types
    """Holds pixels of a region; where there are none yet, it is transparent.

    Parameters
    ----------
    viewer : napari.Viewer
    parent : QObject
    """

    def __init__(self, viewer: Any, parent: QObject) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._kept = KeptLayers(viewer, UNUSED)
        self._layer: Image | None = None
        self._task: Task | None = None
        self._region: Region = ()
        self._pixels: NDArray[Any] = np.zeros(0)
        self._done: NDArray[np.bool_] = np.zeros(0, np.bool_)
        self._complete = False
        # The camera of a task, and the one through which its image is seen instead.
        self._seen: tuple[Calibration, Calibration] | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._on_pause)
        self._waiting = False

    @property
    def layer(self) -> Image | None:
        """The layer that is shown, if any."""
        return self._layer

    @property
    def source(self) -> Image | None:
        """What it is shown of."""
        return self._task.layer if self._layer is not None and self._task is not None else None

    @property
    def complete(self) -> bool:
        """Whether all pixels are what the task gives."""
        return self._complete

    @property
    def share(self) -> float:
        """How much of the pixels is of the task, from 0 to 1."""
        return float(self._done.mean()) if self._done.size else 0.0

    def missing(self, task: Task, region: Region) -> list[Region]:
        """Return what there is to compute of a region: nothing of what is shown already."""
        return missing_parts(region, self._region) if self._knows(task) else [region]

    def begin(self, task: Task, region: Region) -> None:
        """Make room for a region of a task.

        What is there stays: of the same task as it is, of another one until it is replaced.
        """
        known = self._knows(task)
        if known and not missing_parts(region, self._region):
            self._show(task, self._region)
            return
        before, pixels = self._region, self._pixels
        shape = tuple(part.stop - part.start for part in region)
        is_same_place = region == before and self.source is task.layer
        if not is_same_place or self._pixels.dtype != _dtype(task):
            self._pixels = np.full(shape, np.nan, _dtype(task))
        self._done = np.zeros(shape, np.bool_)
        if known:
            self._copy(before, pixels, region)
        self._show(task, region)
        self._task, self._region, self._complete = task, region, False

    def see(self, camera: Calibration) -> None:
        """Show as bright as the image what is computed with another camera than the task's."""
        task = self._task
        if task is None:
            return
        before = self._camera_of(task)
        self._seen = (task.photons.calibration, camera)
        if self._layer is not None and before != camera:
            self._layer.contrast_limits = limits(task.layer, camera, task.units)

    def _camera_of(self, task: Task) -> Calibration:
        own = task.photons.calibration
        return self._seen[1] if self._seen is not None and self._seen[0] is own else own

    def put(self, where: Region, image: NDArray[Any]) -> None:
        """Show a tile soon; where it is in the image."""
        at = relative(where, self._region)
        self._pixels[at] = image
        self._done[at] = True
        self._waiting = True
        if not self._pause.isActive():
            self._refresh()

    def finish(self) -> None:
        """Show all that came, which was the last."""
        self._complete = True
        self._pause.stop()
        if self._layer is not None:
            self._layer.refresh()

    def leave(self) -> None:
        """Show only what is of the task; nothing more will come."""
        self._pause.stop()
        if self._layer is not None and not self._complete:
            self._pixels[~self._done] = np.nan
            self._layer.refresh()

    def distrust(self) -> None:
        """Compute all of it anew next time."""
        self._complete = False

    def hide(self) -> None:
        """Put the layer away, and let go of its pixels."""
        layer, self._layer = self._layer, None
        self._forget()
        if layer is not None:
            self._kept.put_away(layer)

    def close(self) -> None:
        """Remove the layer."""
        self.hide()
        self._kept.close()

    def _forget(self) -> None:
        self._pause.stop()
        self._task, self._region, self._complete = None, (), False
        self._pixels, self._done = np.zeros(0), np.zeros(0, np.bool_)

    def _knows(self, task: Task) -> bool:
        """Whether what is shown is complete, and of this task."""
        shown = self._task
        return (
            self._complete
            and shown is not None
            and shown.layer is task.layer
            and shown.units == task.units
            and shown.prepares_like(task)
        )

    def _copy(self, before: Region, pixels: NDArray[Any], region: Region) -> None:
        """Take over what two regions share."""
        both = tuple(
            slice(max(one.start, other.start), min(one.stop, other.stop))
            for one, other in zip(before, region, strict=True)
        )
        if all(part.start < part.stop for part in both):
            self._pixels[relative(both, region)] = pixels[relative(both, before)]
            self._done[relative(both, region)] = True

    def _show(self, task: Task, region: Region) -> None:
        """Bring the layer to the region's place."""
        start = [part.start for part in region]
        layer = self._layer
        if layer is None or layer.ndim != task.layer.ndim:
            self._put_away()
            wanted = task.with_calibration(self._camera_of(task)).preview(self._pixels, start)
            wanted.metadata.update(_values(task))
            layer = self._layer = self._kept.show(wanted, task.layer)
        else:
            layer.metadata = {PREVIEW: True, **_values(task)}
            if layer.data is not self._pixels:
                layer.data = self._pixels
            place(layer, task.layer, start)
            if self._task is None or not _looks_alike(task, self._task):
                # Not otherwise: the user may have set them by hand.
                layer.contrast_limits = limits(task.layer, self._camera_of(task), task.units)
        layer.name = f"{task.layer.name} [{task.denoiser.label} preview]"

    def _put_away(self) -> None:
        if self._layer is not None:
            self._kept.put_away(self._layer)

    def _refresh(self) -> None:
        """Draw what came, and rest in proportion."""
        self._waiting = False
        if self._layer is None:
            return
        begin = monotonic()
        self._layer.refresh(thumbnail=False, extent=False, highlight=False)
        self._pause.start(max(OFTEN, round(1000 * SHARE * (monotonic() - begin))))

    def _on_pause(self) -> None:
        if self._waiting:
            self._refresh()


def _values(task: Task) -> dict[str, str]:
    """Return what lets plots draw it, beside the image that it is of."""
    return {VALUES: unit_by(task.photons.calibration)} if task.units == "photons" else {}


def _dtype(task: Task) -> np.dtype[Any]:
    """Return a type that holds the result's values, and those that are missing."""
    if task.units == "photons":
        return np.dtype(np.float32)
    return np.result_type(task.photons.data.dtype, np.float32)


def _looks_alike(new: Task, old: Task) -> bool:
    """Whether the same contrast fits both; cheap, since medians of maps are not."""
    return (
        new.layer is old.layer
        and new.photons.calibration is old.photons.calibration
        and new.units == old.units
    )
