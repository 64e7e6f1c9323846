"""The documentation of a package: what goes in, what comes out, how to check it."""

from __future__ import annotations

import json

from napari_photon_denoise.models.coverage import say_coverage
from napari_photon_denoise.networks.bioimage.conditions import Conditions
from napari_photon_denoise.networks.bioimage.layout import Layout
from napari_photon_denoise.networks.bioimage.sheet import Sheet
from napari_photon_denoise.networks.committee import Committee
from napari_photon_denoise.networks.percentile_network import PercentileNetwork
from napari_photon_denoise.networks.weights import Model


def document(
    model: Model, layout: Layout, conditions: Conditions, sheet: Sheet, card: str | None
) -> str:
    """Write the documentation of a package.

    Parameters
    ----------
    model : Model
    layout : Layout
    conditions : Conditions
    sheet : Sheet
    card : str, optional
        The model card of a shipped model; any other is described by its facts.

    Returns
    -------
    str
        Markdown.
    """
    parts = [
        f"# {sheet.name}",
        sheet.description,
        _input(layout, conditions, model),
        _output(layout, model),
        _tiles(model, layout),
        _validation(),
        _origin(model),
        card.replace("\n#", "\n##").replace("# ", "## ", 1) if card else _facts(model),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _input(layout: Layout, conditions: Conditions, model: Model) -> str:
    camera = ""
    if conditions.gain is not None and conditions.offset is not None:
        camera = (
            f" For the camera of this package `photons = (counts - {conditions.offset:.6g}) * "
            f"{conditions.gain:.6g}`."
        )
    planes = ""
    if layout.planes > 1:
        planes = (
            f" The {layout.planes} channels are the plane to denoise (`plane`) amid its neighbours "
            "in z or time, in their order; at the ends of a stack repeat its last plane."
        )
    return f"""## What goes in
Detected photons (photoelectrons, e-), float32: `photons = (counts - offset) * gain`, with the
camera's gain in e-/ADU and its offset in ADU.{camera} Do not rescale to [0, 1] or to percentiles,
and do not clip at zero: {_why(model)}.{planes}

Fixed in this package: a read noise of {conditions.read_noise:.4g} e- rms, and noise that neighbours
share over {conditions.lengths[0]:g} px (y) and {conditions.lengths[1]:g} px (x), 0 for white. The
program that it was made with tells the network the read noise of every pixel, which is better where
the camera has a map of it."""


def _why(model: Model) -> str:
    member = model.network.each[0] if isinstance(model.network, Committee) else None
    if not isinstance(member, PercentileNetwork):
        return "the network knows the noise by the number of photons"
    low, high = member.usual.tolist()
    return (
        f"the package takes every image's 2nd and 99.8th percentile to be {low:.4g} and "
        f"{high:.4g} e-, as of the images that it learnt from; the program that it was made with "
        "takes those of the image, and this network is told nothing else, not even its read noise"
    )


def _output(layout: Layout, model: Model) -> str:
    what = {
        "denoised": "expected photons, e-",
        "standard_deviation": "how sure the network is of them, e- (one standard deviation)",
        "scale": "mean absolute error that the network expects, e-",
        "50_percent_interval": "half of it: true photons lie as near in half of the pixels, e-",
        "90_percent_interval": "half of it: true photons lie as near in nine of ten pixels, e-",
        "disagreement": "standard deviation of what several networks say, e-",
        "deconvolved": "the image before it is blurred by the point spread function, e-",
    }
    rows = "\n".join(f"- `{name}`: {what[name]}" for name in layout.results)
    return f"""## What comes out
Photons again, channel by channel:

{rows}

{say_coverage(model.facts)}"""


def _tiles(model: Model, layout: Layout) -> str:
    stack = f", and the outermost {layout.halo_z} planes" if layout.halo_z else ""
    seen = (
        " This network looks at the mean of the whole tile, so that results differ a little from "
        "tile to tile: use tiles of one size."
        if model.network.body.halo is None
        else ""
    )
    return f"""## Tiles
Y and X are multiples of {layout.step} px. Of a tile that has neighbours, the outermost
{layout.halo} px{stack} are to be cut off: they would be other with the neighbour in view.{seen}"""


def _validation() -> str:
    return """## Validation
The test tile is a drawn scene of 5 photons a pixel in the mean, and its result shows that the
network runs as it should, not that it suits your images. For that, take a few fields twice, dim and
with many times the light, denoise the dim ones, and compare both in photons: the mean of every
structure must agree (the network must not add or remove light), and the residual (dim minus
denoised) must look like noise, without any outline of the specimen. Do not measure what is weaker
than the noise of the dim image."""


def _origin(model: Model) -> str:
    return f"""## Made with
napari-photon-denoise. The attached `.safetensors` is the model itself, and
`photon-denoise model import PACKAGE.zip -o MODEL.safetensors` gives it back bit for bit.

    {model.architecture.model_dump_json()}"""


def _facts(model: Model) -> str:
    facts = json.dumps(model.facts, indent=2, ensure_ascii=False)
    lines = "\n".join(f"    {line}" for line in facts.splitlines())
    return f"## How it was trained\nAs its file says:\n\n{lines}"
