"""What a method gives beside the denoised image, such as a standard deviation, and its files."""

from __future__ import annotations

from pathlib import Path

from napari_photon_denoise.denoisers import AnyMethod
from napari_photon_denoise.io.image import bare_name


def extra_files(denoiser: AnyMethod, target: Path) -> dict[str, Path]:
    """Return a file for each extra, beside that of the image.

    Parameters
    ----------
    denoiser : method and its parameters
        Resolved.
    target : Path
        Of the denoised image.

    Raises
    ------
    PhotonDenoiseError
        If the model that is asked can't be read.
    """
    stem = bare_name(target)
    return {
        name: target.with_name(f"{stem}_{name.replace(' ', '-')}.ome.tif")
        for name in denoiser.extras
    }
