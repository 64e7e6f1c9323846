"""What windows advise where an error leaves that to each face; without Qt."""

from __future__ import annotations

from napari_photon_denoise.errors import (
    DenoisedAlready,
    OutputExists,
    PhotonDenoiseError,
    TooLarge,
)

ADVICE: dict[type[PhotonDenoiseError], str] = {
    OutputExists: "choose another name or folder",
    DenoisedAlready: "choose the raw image",
    TooLarge: "choose “On disk” at Result, which writes an OME-Zarr part by part",
}


def in_words(error: PhotonDenoiseError) -> str:
    """Return an error's sentence as the window puts it."""
    return error.in_words(ADVICE)
