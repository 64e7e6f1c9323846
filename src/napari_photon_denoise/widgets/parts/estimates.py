"""What images tell of their own noise: found out in the background, once for all docks.

An estimate lies with its layer, for as long as both live; it never serves another one, and is
forgotten when the layer gets other pixels or axes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary, WeakValueDictionary, ref

from napari.layers import Image
from qtpy.QtCore import QObject, QTimer, Signal

from napari_photon_denoise.axes import check_axes
from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.agreement import typical_counts
from napari_photon_denoise.camera.estimate import NoEstimate, NoiseEstimate
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.named_camera import NamedCamera
from napari_photon_denoise.widgets.parts.layers import full_data
from napari_photon_denoise.widgets.parts.work import NotYet
from napari_photon_denoise.widgets.parts.worker import Runner

GATHER = 0  # ms; what is asked for in one go, such as while a dock is built, is begun once

_BY_VIEWER: WeakValueDictionary[int, Estimates] = WeakValueDictionary()


@dataclass(frozen=True, eq=False)
class Looked:
    """What came of a look at an image's noise.

    Parameters
    ----------
    calibration : Calibration or None
        None if the image can't tell.
    estimate : NoiseEstimate, optional
    counts : float
        Median brightness, ADU.
    refusal : str
        Why the image can't tell; a sentence.
    plainest : NoiseEstimate, optional
        Of an image that can't tell: one level of noise, to denoise it all the same.
    """

    calibration: Calibration | None = None
    estimate: NoiseEstimate | None = None
    counts: float = float("nan")
    refusal: str = ""
    plainest: NoiseEstimate | None = None

    def all_the_same(self) -> Looked:
        """Take the plainest estimate of an image that can't tell."""
        if self.plainest is None:
            return self
        return replace(self, calibration=self.plainest.calibration(), estimate=self.plainest)


@dataclass(frozen=True, eq=False)
class _Pixels:
    """Which pixels were looked at; `data` returns them for as long as they live."""

    data: Callable[[], Any]
    axes: str

    def are_of(self, layer: Image, axes: str) -> bool:
        """Whether a layer has them still."""
        return self.axes == axes and self.data() is full_data(layer)


# By the layers themselves, as in `origins`: docks come and go, and names change.
_FOUND: WeakKeyDictionary[Image, tuple[_Pixels, Looked]] = WeakKeyDictionary()


def looking_at(name: str) -> str:
    """Say what is going on with the image of a name."""
    return f"Looking at the noise of {name}…"


def find_estimate(layer: Image, axes: str) -> Looked | None:
    """Return what the present pixels of a layer were found to tell; None if nobody has looked."""
    pixels, looked = _FOUND.get(layer, (None, None))
    return looked if pixels is not None and pixels.are_of(layer, axes) else None


def look_job(layer: Image, axes: str) -> Job[Looked]:
    """Look at an image's noise as a part of a longer job, unless that was done before.

    Raises
    ------
    PhotonDenoiseError
        If the image can't tell, or is none; the sentence says why.
    """
    known = find_estimate(layer, axes)
    if known is None:
        pixels = _Pixels(_weak(full_data(layer)), axes)
        known = yield from _look(layer, axes)
        _FOUND[layer] = pixels, known
    if known.calibration is None:
        raise PhotonDenoiseError(known.refusal)
    return known


class Estimates(QObject):  # type: ignore[misc]  # Qt comes without types
    """Looks at one image at a time; what is asked for last comes first."""

    changed = Signal(object)
    """Something was found out of this layer, or nothing is known of it any more."""

    def __init__(self) -> None:
        super().__init__()
        self._wanted: list[tuple[ref[Image], str]] = []
        self._running: tuple[ref[Image], _Pixels] | None = None
        self._runner = Runner(self)
        self._runner.succeeded.connect(self._on_found)
        self._runner.refused.connect(self._on_refused)
        self._runner.failed.connect(self._on_failed)
        self._runner.finished.connect(self._on_finished)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._begin)

    @property
    def busy(self) -> bool:
        """Whether an image is looked at, or will be."""
        return bool(self._wanted) or self._runner.busy

    def ask(self, layer: Image, axes: str) -> Looked | None:
        """Return what is known of an image; None begins to find it out.

        Raises
        ------
        PhotonDenoiseError
            If the axes do not fit, or it is a colour image.
        """
        check_axes(axes, full_data(layer).shape)
        known = find_estimate(layer, axes)
        if known is None and not self._is_running(layer, axes):
            self._wanted = [wish for wish in self._wanted if wish[0]() is not layer]
            self._wanted.append((ref(layer), axes))
            layer.events.data.connect(self._on_data)
            self._timer.start(GATHER)
        return known

    def calibration(self, layer: Image, axes: str) -> Calibration:
        """Return the camera that an image tells of.

        Raises
        ------
        NotYet
            While it is being found out.
        PhotonDenoiseError
            If the image can't tell.
        """
        looked = self.ask(layer, axes)
        if looked is None:
            raise NotYet(looking_at(layer.name))
        if looked.calibration is None:
            raise PhotonDenoiseError(looked.refusal)
        return looked.calibration

    def insist(self, layer: Image) -> None:
        """Take one level of noise for an image that can't tell, and tell."""
        pixels, looked = _FOUND[layer]
        _FOUND[layer] = pixels, looked.all_the_same()
        self.changed.emit(layer)

    def _is_running(self, layer: Image, axes: str) -> bool:
        if self._running is None:
            return False
        running, pixels = self._running
        return running() is layer and pixels.are_of(layer, axes)

    def _begin(self) -> None:
        """Look at what was asked for last; what nobody can use any more is stopped."""
        if self._runner.busy:
            running, pixels = self._running or (None, None)
            layer = running() if running is not None else None
            if layer is None or pixels is None or not pixels.are_of(layer, pixels.axes):
                self._runner.cancel()  # `_on_finished` begins again
            return
        while self._wanted:
            wish, axes = self._wanted.pop()
            layer = wish()
            if layer is not None:
                self._running = wish, _Pixels(_weak(full_data(layer)), axes)
                self._runner.start(_look(layer, axes), looking_at(layer.name))
                return

    def _on_found(self, looked: Looked) -> None:
        """Keep it, and tell."""
        assert self._running is not None  # it answers
        wish, pixels = self._running
        layer = wish()
        if layer is not None:
            _FOUND[layer] = pixels, looked
            self.changed.emit(layer)

    def _on_refused(self, sentence: str) -> None:
        self._on_found(Looked(refusal=sentence))

    def _on_failed(self, error: Exception) -> None:
        self._on_refused(
            f"The noise could not be looked at because of an unexpected error ({error}): choose "
            "another way to say the camera."
        )

    def _on_finished(self) -> None:
        self._running = None
        if self._wanted and not self._timer.isActive():
            self._begin()

    def _on_data(self, event: Any) -> None:
        """Forget what was found of other pixels, and of pixels that were changed in place."""
        layer = event.source
        _FOUND.pop(layer, None)
        if self._running is not None and self._running[0]() is layer:
            self._running = None
            self._runner.cancel()
        self.changed.emit(layer)


def estimates_of(viewer: Any) -> Estimates:
    """Return the estimates that all docks of a viewer share."""
    estimates = _BY_VIEWER.get(id(viewer))
    if estimates is None:
        estimates = _BY_VIEWER[id(viewer)] = Estimates()
    return estimates


def _look(layer: Image, axes: str) -> Job[Looked]:
    data = full_data(layer)
    yield Progress(looking_at(layer.name).rstrip("…"), 0, 0)
    try:
        known = yield from NamedCamera().find_job(data, axes)
    except NoEstimate as error:
        return Looked(None, None, typical_counts(data), str(error), error.plainest)
    return Looked(known.calibration, known.estimate, typical_counts(data))


def _weak(data: Any) -> Callable[[], Any]:
    """Return what gives an array back, for as long as somebody else keeps it."""
    try:
        return ref(data)
    except TypeError:  # of a kind that can't be referred to weakly
        return partial(_same, data)


def _same(data: Any) -> Any:
    return data
