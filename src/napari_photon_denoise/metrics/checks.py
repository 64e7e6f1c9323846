"""What images must be before a figure of them means anything."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError


def check_image(image: Float32, name: str = "image") -> None:
    """Refuse an image that is empty, not real, or holds NaN or infinity.

    Parameters
    ----------
    image : array of any shape, e-
    name : str
        What the sentence calls it.

    Raises
    ------
    PhotonDenoiseError
    """
    if image.size == 0:
        raise PhotonDenoiseError(f"The {name} is empty: it has no pixel to measure.")
    if image.dtype.kind not in "fiu":
        raise PhotonDenoiseError(f"The {name} must hold real numbers, not {image.dtype}.")
    with np.errstate(invalid="ignore", over="ignore"):
        # One sum shows any NaN or infinity, without a mask as large as the image.
        total = np.sum(image, dtype=np.float64)
    if not np.isfinite(total):
        raise PhotonDenoiseError(
            f"The {name} holds NaN or infinity: replace or crop those pixels first."
        )


def check_pair(
    first: Float32, second: Float32, names: tuple[str, str] = ("image", "truth")
) -> None:
    """Refuse two images that cannot be compared pixel by pixel.

    Parameters
    ----------
    first, second : arrays of any shape, e-
    names : two str
        What the sentence calls them.

    Raises
    ------
    PhotonDenoiseError
        If the shapes differ, or an image is empty or not finite.
    """
    if first.shape != second.shape:
        raise PhotonDenoiseError(
            f"The {names[0]} has the shape {first.shape}, the {names[1]} {second.shape}: "
            "they must be equal."
        )
    check_image(first, names[0])
    check_image(second, names[1])


def check_range(data_range: float) -> None:
    """Refuse a range that is not above zero, such as that of a constant truth.

    Raises
    ------
    PhotonDenoiseError
    """
    if not (np.isfinite(data_range) and data_range > 0):
        raise PhotonDenoiseError(
            "A constant truth has no range to measure against: the range must be above 0, not "
            f"{data_range:g}."
        )


def check_read_noise(read_noise: float | Float32, shape: tuple[int, ...]) -> None:
    """Refuse read noise that is negative, not finite, or no map of an image of `shape`.

    Raises
    ------
    PhotonDenoiseError
    """
    values = np.asarray(read_noise)
    if not (np.isfinite(values).all() and (values >= 0).all()):
        raise PhotonDenoiseError("The read noise must be 0 or more, e- rms, in every pixel.")
    # One number, a map, or a map that repeats along the leading axes.
    if values.shape != shape[len(shape) - values.ndim :]:
        raise PhotonDenoiseError(
            f"The read noise has the shape {values.shape}, which does not fit the image's {shape}."
        )


def check_labels(labels: NDArray[Any], shape: tuple[int, ...]) -> None:
    """Refuse labels that name no region of an image of `shape`.

    Raises
    ------
    PhotonDenoiseError
    """
    if labels.shape != shape:
        raise PhotonDenoiseError(
            f"The labels have the shape {labels.shape}, the image {shape}: they must be equal."
        )
    if labels.dtype.kind not in "biu":
        raise PhotonDenoiseError(f"Labels must be whole numbers or bool, not {labels.dtype}.")
    if not labels.any():
        raise PhotonDenoiseError("The labels hold no region: all of them are 0.")


def truth_range(truth: Float32) -> float:
    """Range of a truth, the `data_range` of PSNR and SSIM: maximum minus minimum.

    Parameters
    ----------
    truth : array of any shape, e-

    Returns
    -------
    float, e-
        0 of a constant truth, against which some figures can be taken all the same.

    Raises
    ------
    PhotonDenoiseError
        If the truth is empty or not finite.
    """
    check_image(truth, "truth")
    return float(truth.max()) - float(truth.min())
