"""From camera counts to photons to a clean image, with evidence that it can be trusted.

Map of the package, from the faces down to the ground; a file imports what lies below it:

- `widgets`: napari; `cli`: the command line; `api`: the verbs of Python.
- `reports`: pages, plots and tables, to look at and to keep.
- `evaluation`: what a result is worth: figures of one image, of several methods, of a study.
- `files`: denoise files into files.
- `inputs`: what a user names becomes image, axes and camera; `recipe`: a result's determinants.
- `settling`: the last check of an estimated camera, by what a network takes out of its image.
- `pipeline`: tiles in, tiles out; `denoisers`: the methods, one file each.
- `networks`: what runs on torch; `networks.learning`: training.
- `denoiser`: what a method is. `metrics`: from arrays to numbers.
- `virtual`: the virtual camera and its scenes; `camera`: photon transfer, estimates from an image,
  presets, files of other programs, the noise model.
- `kernels`: compiled filters; `models`: the networks that come along.
- `photons`: an image in counts seen as photons, lazily; `counts`: a block of it as it is read;
  `held`: a block in memory that knows its place; `arrays`: what Python hands over; `labelled`: one
  whose dimensions have names; `saturation`: where it is full; `tiles`: how it is cut.
- `calibration`: gain, offset and read noise of a camera.
- `io`: files of images and calibrations.
- `job`: long work; `pace`: how long it still takes; `parameters`: how one is declared; `axes`;
  `errors`; `words`: numbers in sentences.

Importing the package imports neither torch, Qt nor napari, and its public names (`public`) come
when the first is used: a command can be stopped before all is loaded.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_photon_denoise.public import *  # noqa: F403


def __getattr__(name: str) -> Any:
    """Return a public name."""
    if not name.startswith("__") or name == "__all__":
        public = import_module("napari_photon_denoise.public")
        if name == "__all__" or name in public.__all__:
            return getattr(public, name)
        if name in globals():  # a module that came along
            return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__getattr__("__all__")]
