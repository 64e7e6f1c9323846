"""The verb `estimate` for Python: what an image tells of its camera."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_photon_denoise.api.camera import NAME_AXES, tell
from napari_photon_denoise.inputs import Image, opened
from napari_photon_denoise.job import run

if TYPE_CHECKING:
    from napari_photon_denoise.camera.estimate import NoiseEstimate


def estimate(
    image: Image, axes: str | None = None, *, allow_results: bool = False
) -> NoiseEstimate:
    """Estimate the noise of an image, and so its camera, from the image itself.

    This is what `denoise`, `measure` and `compare` do of themselves without a camera; here one
    sees what they find. A measured calibration is surer: see `calibrate`.

    Parameters
    ----------
    image : array or path
        Counts (ADU) of any real dtype; a numpy, dask or zarr array, or an image file.
    axes : str, optional
        A letter of "TCZYX" a dimension; None takes the file's, or the last of TZYX.
    allow_results : bool
        Take a file that this program has denoised already for a raw image.

    Returns
    -------
    NoiseEstimate
        ``print(estimate)`` says all of it; ``.gain`` (e-/ADU) with its ``.gain_interval``,
        ``.rung`` and ``.relative`` say how much the image could tell, ``.sentences`` what to
        know. ``.calibration()`` is the camera for `denoise` and all other verbs.

    Raises
    ------
    PhotonDenoiseError
        If the image can't be used, or has no noise that tells of a camera.

    Warns
    -----
    PhotonDenoiseWarning
        If the file does not name its axes.

    Examples
    --------
    >>> found = npd.estimate("cells.tif")  # doctest: +SKIP
    >>> clean = npd.denoise("cells.tif", found.calibration())  # doctest: +SKIP
    """
    # It imports SciPy, and this package is imported without.
    from napari_photon_denoise.camera.estimate import estimate_job

    with opened(image, axes) as raw:
        raw.check_raw(allow_results=allow_results)
        tell(raw.notes(NAME_AXES))
        return run(estimate_job(raw.data, raw.axes))
