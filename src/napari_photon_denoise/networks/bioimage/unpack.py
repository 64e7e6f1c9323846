"""Models in: our own file out of a package, bit for bit; nothing in a package is ever run."""

from __future__ import annotations

import hashlib
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import yaml  # type: ignore[import-untyped]

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.whole import check_output, whole_file
from napari_photon_denoise.networks.bioimage.description import OWN_FORMAT, OWN_KEY
from napari_photon_denoise.networks.weights import load_model

RDFS = ("rdf.yaml", "bioimageio.yaml")  # the second is what later versions of the zoo write
LARGEST_RDF, LARGEST_MODEL = 100_000, 2_000_000_000  # bytes
LARGEST_RATIO = 100  # of packing; weights are noise, and hardly shrink
DAMAGES = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, RuntimeError),
    *(yaml.YAMLError, ValueError, KeyError, TypeError, AttributeError),
)


def import_package(package: str | Path, path: str | Path, *, overwrite: bool = False) -> Path:
    """Take the model out of a package that `export_package` wrote.

    Parameters
    ----------
    package : str or Path
        The .zip.
    path : str or Path
        A .safetensors to write.
    overwrite : bool
        Replace a file that is there.

    Returns
    -------
    Path

    Raises
    ------
    PhotonDenoiseError
        If the package can't be read, is damaged or another program's, or the model can't be
        written.
    """
    target = check_output(path, (".safetensors",), "A model", overwrite=overwrite)
    source = Path(package)
    content = _own_model(source)
    with whole_file(target) as part:
        part.write_bytes(content)
        try:
            load_model(part)
        except PhotonDenoiseError as error:
            raise PhotonDenoiseError(
                f"The model in {source} can't be read: export it again, or update "
                "napari-photon-denoise if it is of a newer version."
            ) from error
    return target


def _own_model(source: Path) -> bytes:
    """Read our own file in a package."""
    with _opened(source) as package:
        _refuse_outside(package, source)
        own = _own_words(package, source)
        content = _read(package, str(own["model"]), LARGEST_MODEL)
        if hashlib.sha256(content).hexdigest() != own["sha256"]:
            raise zipfile.BadZipFile("checksum")
        return content


@contextmanager
def _opened(source: Path) -> Iterator[zipfile.ZipFile]:
    """Open a package, and say in a sentence whatever is wrong with it."""
    try:
        with zipfile.ZipFile(source) as package:
            yield package
    except PhotonDenoiseError:
        raise
    except DAMAGES as error:
        raise PhotonDenoiseError(
            f"{source} is damaged, or no package of the BioImage Model Zoo: copy it or export the "
            "model again."
        ) from error
    except OSError as error:
        raise PhotonDenoiseError(
            f"The package {source} can't be read ({error.strerror or error}): check the file."
        ) from error


def _refuse_outside(package: zipfile.ZipFile, source: Path) -> None:
    """Refuse a package with a file that would land outside the folder it is unpacked to."""
    for info in package.infolist():
        # As it is in the zip: zipfile itself mends names on some systems.
        name = info.orig_filename
        windows, posix = PureWindowsPath(name), PurePosixPath(name)
        if windows.anchor or posix.anchor or ".." in windows.parts:
            raise PhotonDenoiseError(
                f"{source} names a file outside itself ('{name}'), as malicious packages do: do "
                "not use it."
            )


def _own_words(package: zipfile.ZipFile, source: Path) -> dict[str, Any]:
    """Return what a package says of our own file in it."""
    rdf = next((name for name in RDFS if name in package.namelist()), None)
    if rdf is None:
        raise zipfile.BadZipFile("no description")
    said = yaml.safe_load(_read(package, rdf, LARGEST_RDF))
    own = (said.get("config") or {}).get(OWN_KEY)
    if own is None:
        raise PhotonDenoiseError(
            f"{source} is a package of another program: run it with bioimageio.core, and import "
            "only what 'photon-denoise model export' wrote."
        )
    if own["format"] != OWN_FORMAT:
        raise PhotonDenoiseError(
            f"{source} was written by a newer version: update napari-photon-denoise."
        )
    return dict(own)


def _read(package: zipfile.ZipFile, name: str, most: int) -> bytes:
    """Read a file of a package; one that swells beyond reason when unpacked is none of ours."""
    info = package.getinfo(name)
    if info.file_size > min(most, LARGEST_RATIO * (info.compress_size + 1000)):
        raise zipfile.BadZipFile("too large")
    return package.read(info)
