"""The layer of a result on disk, from its first shard on; without Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

from napari.layers import Image

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import Progress
from napari_photon_denoise.shards.job import ShardProgress
from napari_photon_denoise.widgets.on_disk.growing import Growing
from napari_photon_denoise.widgets.on_disk.job import Begins, Stored
from napari_photon_denoise.widgets.on_disk.lazy import Box
from napari_photon_denoise.widgets.on_disk.seen_first import Eye
from napari_photon_denoise.widgets.parts.hooks import Hooks
from napari_photon_denoise.widgets.parts.layers import PREVIEW, UNFINISHED, full_data
from napari_photon_denoise.widgets.parts.region import camera_of, visible_region
from napari_photon_denoise.widgets.parts.task import Task

SUFFIX = " (unfinished)"  # of its name
REST = 9  # times as long as it took to read what is shown, before that is read again


class Shown:
    """Shows a result while it is made, and tells what of it is looked at.

    Parameters
    ----------
    viewer : napari.Viewer
    source : Image
        That is denoised.
    add : function of layers
        Puts them into the viewer.
    before : Image, optional
        In the viewer, which shows what an earlier run has done of it.
    clock : function
        Returns seconds.
    """

    def __init__(
        self,
        viewer: Any,
        source: Image,
        add: Callable[[Sequence[Image]], None],
        before: Image | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._viewer, self._source, self._add, self._clock = viewer, source, add, clock
        self.eye = Eye()
        self.task: Task | None = None
        """With everything decided, once that is so."""
        self.growing: Growing | None = None
        self.layer = before
        self._begun = False
        self._new: list[int] = []  # shards that are not shown yet
        self._ready = 0.0  # when it may be read again
        self._hooks = Hooks()
        self._hooks.connect(
            self._look,
            viewer.dims.events.point,
            viewer.dims.events.ndisplay,
            viewer.dims.events.order,
            camera_of(viewer).events.center,
            camera_of(viewer).events.zoom,
        )
        self._look()

    def follow(self, step: Progress) -> None:
        """Show what is new."""
        if isinstance(step, Begins):
            self.task, self.growing = step.task, step.growing
        if not isinstance(step, ShardProgress) or self.growing is None:
            return
        self._new += step.finished
        if not self._begun and self.growing.done:
            self._begin(self.growing)
        elif self._new and self._clock() >= self._ready:
            self._refresh(self.growing)

    def finish(self, stored: Stored) -> Image | None:
        """Let the layer show the finished result as it is stored.

        Returns
        -------
        Image or None
            None if there is no layer: nothing was computed, or the user has deleted it.
        """
        self.leave()
        layer = self.layer
        if layer is None or layer not in self._viewer.layers:
            return None
        layer.data = stored.denoised.data
        marks = (PREVIEW, UNFINISHED)
        layer.metadata = {key: said for key, said in layer.metadata.items() if key not in marks}
        layer.name = layer.name.replace(SUFFIX, "")  # lists of layers look at it now
        return layer

    def leave(self) -> None:
        """Follow the view no more."""
        self._hooks.cut()

    @property
    def was_deleted(self) -> bool:
        """Whether the user has deleted the layer."""
        return self.layer is not None and self.layer not in self._viewer.layers

    def _begin(self, growing: Growing) -> None:
        assert self.task is not None
        self._begun = True
        levels: Any = growing.levels()
        data, self._new = levels if len(levels) > 1 else levels[0], []
        if self.layer is not None:  # of a run before, which was stopped
            self.layer.data = data
            return
        layer = self.task.result(data)
        layer.metadata = {**layer.metadata, PREVIEW: True, UNFINISHED: True}
        layer.name += SUFFIX
        self.layer = layer
        self._add([layer])

    def _refresh(self, growing: Growing) -> None:
        new, self._new = self._new, []
        layer = self.layer
        if layer is None or layer not in self._viewer.layers:
            return
        box = self.eye.box
        if box is None or any(growing.shows(number, box) for number in new):
            begin = self._clock()
            layer.refresh(extent=False)
            self._ready = self._clock() + REST * (self._clock() - begin)

    def _look(self, _event: object = None) -> None:
        """Tell what is seen: of the layer that is drawn, as napari does not ask hidden ones."""
        layers = [one for one in (self._source, self.layer) if one is not None]
        seen = [one for one in layers if one.visible and one in self._viewer.layers]
        self.eye.box = _seen(self._viewer, (seen or layers)[0])


def _seen(viewer: Any, layer: Image) -> Box | None:
    """Return what is on the screen; None in 3-D, where all is, and where the image is not."""
    try:
        return visible_region(viewer, layer, most=max(1, full_data(layer).shape[-1]) * 2**40)
    except PhotonDenoiseError:
        return None
