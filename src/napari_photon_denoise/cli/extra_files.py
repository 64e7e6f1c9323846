"""What a method gives beside the denoised image, such as a standard deviation, and its files."""

from __future__ import annotations

from pathlib import Path

from napari_photon_denoise.denoisers import AnyMethod, Resunet
from napari_photon_denoise.denoisers.learning import Learning, load_torch
from napari_photon_denoise.io.image import bare_name
from napari_photon_denoise.models import describe, find_model


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
        for name in _names(denoiser)
    }


def _names(denoiser: AnyMethod) -> tuple[str, ...]:
    if isinstance(denoiser, Learning):
        return denoiser.extras
    if not isinstance(denoiser, Resunet):
        return ()
    said = describe(find_model(denoiser.model))["architecture"]
    # No other form has any, and who only skips files that are done need not wait for torch.
    if said.get("form") != "blind":
        return ()
    load_torch(denoiser.title)
    from napari_photon_denoise.networks.architecture import Architecture

    results: tuple[str, ...] = Architecture.model_validate(said).build().results
    return results
