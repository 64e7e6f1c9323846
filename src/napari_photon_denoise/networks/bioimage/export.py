"""Models out: a package of the BioImage Model Zoo, written as a whole or not at all."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import yaml  # type: ignore[import-untyped]

from napari_photon_denoise.io.whole import check_output, whole_file
from napari_photon_denoise.models import card, find_model, is_shipped, shipped_models
from napari_photon_denoise.networks.bioimage import description as names
from napari_photon_denoise.networks.bioimage.conditions import Conditions
from napari_photon_denoise.networks.bioimage.document import document
from napari_photon_denoise.networks.bioimage.layout import layout_of
from napari_photon_denoise.networks.bioimage.pictures import cover, middle_plane, npy, sample
from napari_photon_denoise.networks.bioimage.script import script_of
from napari_photon_denoise.networks.bioimage.sheet import Author, Sheet, citations
from napari_photon_denoise.networks.bioimage.tile import draw_tile
from napari_photon_denoise.networks.bioimage.verify import verify_package
from napari_photon_denoise.networks.weights import Model, load_model

RDF = "rdf.yaml"
# What is compressed already, or is a lot of noise, is only stored.
STORED = (".pt", ".safetensors", ".png", ".npy", ".tif")
MAINTAINERS, LICENCE = Author("napari-photon-denoise maintainers"), "BSD-3-Clause"


@dataclass(frozen=True)
class Exported:
    """What was written.

    Parameters
    ----------
    path : Path
    tests : tuple of str
        What bioimageio.core tested, all of it passed; empty where it was not asked.
    """

    path: Path
    tests: tuple[str, ...]


def default_sheet(name: str | Path) -> Sheet:
    """Return what can be said of a model without asking.

    Parameters
    ----------
    name : str or Path
        Of a shipped model, or a file.
    """
    model = load_model(name)
    plain = "".join(letter if letter.isascii() else "" for letter in model.name)
    plain = "".join(letter if letter.isalnum() or letter in "_+-() " else "-" for letter in plain)
    shipped = shipped_models().get(str(name))
    what = f" {shipped.text}" if shipped else ""
    blind = model.architecture.form == "blind"
    return Sheet(
        f"{plain[:40]} photon denoising".strip(),
        f"Denoises {model.architecture.dimensions}-D fluorescence images in detected photons (e-)"
        f"{', trained on noisy images alone' if blind else ''}.{what}",
        (MAINTAINERS,) if shipped else (),
        LICENCE if shipped else "",
        citations(model.architecture),
    )


def export_package(
    name: str | Path,
    path: str | Path,
    *,
    conditions: Conditions | None = None,
    sheet: Sheet | None = None,
    verify: bool = False,
    overwrite: bool = False,
) -> Exported:
    """Write a model as a package that other programs run.

    Parameters
    ----------
    name : str or Path
        Of a shipped model, or a file.
    path : str or Path
        A .zip.
    conditions : Conditions, optional
        The noise that is fixed in it; None for no read noise and white noise.
    sheet : Sheet, optional
        None for `default_sheet`.
    verify : bool
        Run bioimageio.core's own test before the file gets its name; takes some seconds.
    overwrite : bool
        Replace a file that is there.

    Returns
    -------
    Exported

    Raises
    ------
    PhotonDenoiseError
        If there is no such model, it can't be packed or written, or the test fails.
    """
    target = check_output(path, (".zip",), "A package", overwrite=overwrite)
    model = load_model(name)
    files = package_files(
        model,
        find_model(name).read_bytes(),
        Conditions() if conditions is None else conditions,
        default_sheet(name) if sheet is None else sheet,
        card(str(name)) if is_shipped(str(name)) else None,
    )
    with whole_file(target) as part:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as package:
            for file, content in files.items():
                kind = zipfile.ZIP_STORED if file.endswith(STORED) else zipfile.ZIP_DEFLATED
                package.writestr(file, content, kind)
        tests = verify_package(part) if verify else ()
    return Exported(target, tests)


def package_files(
    model: Model, own: bytes, conditions: Conditions, sheet: Sheet, card: str | None
) -> dict[str, bytes]:
    """Return the files of a package by name.

    Parameters
    ----------
    model : Model
    own : bytes
        Its .safetensors.
    conditions : Conditions
    sheet : Sheet
    card : str, optional
        Its model card, Markdown.

    Returns
    -------
    dict of str to bytes
    """
    layout = layout_of(model.network)
    tile = draw_tile(layout, conditions.read_noise)
    script, clean = script_of(model.network, conditions, layout, tile)
    shown = middle_plane(tile, layout.planes // 2), middle_plane(clean, 0)
    files = {
        names.SCRIPT: script,
        "model.safetensors": own,
        names.TEST_INPUT: npy(tile),
        names.TEST_OUTPUT: npy(clean),
        names.SAMPLE_INPUT: sample(tile),
        names.SAMPLE_OUTPUT: sample(clean),
        names.COVER: cover(*shown),
        names.DOCUMENT: document(model, layout, conditions, sheet, card).encode(),
    }
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    said = names.describe_package(model, layout, conditions, sheet, digests)
    rdf = yaml.safe_dump(said, sort_keys=False, allow_unicode=True)
    return {RDF: rdf.encode(), **files}
