"""The resolution that every TIFF may have: pixels per inch or centimetre."""

from __future__ import annotations

from typing import Any

from napari_photon_denoise.io.units import Sizes, Written, factor, read_sizes

# TIFF's own codes, and two more that tifffile knows. An inch where the tag is missing.
_UNITS = {2: "inch", 3: "cm", 4: "mm", 5: "µm"}
_INCH = 2
# A resolution is often the one of a printer: 72 to 600 dots per inch are 353 to 42 µm per
# pixel, coarser than any microscope's camera.
_PRINTER_MICROMETRES = 40.0


def tag_sizes(page: Any) -> Sizes:
    """Read the pixel size of a TIFF that says no more of it than its tags do.

    Parameters
    ----------
    page : tifffile.TiffPage
    """
    unit = _UNITS.get(int(page.tags.valueof("ResolutionUnit", _INCH) or 1), "")
    across, up = lengths(page)
    written = {"Y": Written(up or None, unit), "X": Written(across or None, unit)}
    if not unit and across == up == 1:  # square pixels, and nothing more
        return Sizes()
    if any(is_printers(length, unit) for length in (across, up)):
        return Sizes()
    return read_sizes(written, length="")


def lengths(page: Any) -> tuple[float, float]:
    """Return the width and height of a pixel in the file's unit; 0 if unknown.

    Parameters
    ----------
    page : tifffile.TiffPage
    """
    across, up = (page.tags.valueof(tag) for tag in ("XResolution", "YResolution"))
    return _inverse(across), _inverse(up)


def is_printers(length: float, unit: str) -> bool:
    """Tell whether a length can only be the one of a printer's dots.

    Parameters
    ----------
    length : float
    unit : str
        Of the length.
    """
    micrometres = factor(unit, "µm") if unit else None
    return micrometres is not None and length * micrometres >= _PRINTER_MICROMETRES


def _inverse(resolution: Any) -> float:
    """Return the length of a pixel from TIFF's fraction, pixels per unit."""
    if not resolution or not resolution[0]:
        return 0.0
    return float(resolution[1] / resolution[0])
