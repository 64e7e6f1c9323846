"""A method with a parameter of every kind, for tests of what is made from declarations."""

from typing import ClassVar, Literal

from napari_photon_denoise.denoiser import Method
from napari_photon_denoise.parameters import Odd, choice, parameter, switch

OPTIONS = {"auto": "What fits the camera.", "sharp": "More detail, more noise."}


class AllKinds(Method):
    title: ClassVar[str] = "All kinds"
    method: Literal["all-kinds"] = "all-kinds"
    model: str = choice("auto", "Which network.", options=OPTIONS, suffix=".safetensors")
    border: str = choice("mirror", "Beyond 100 %.", options={"mirror": "Even.", "zero": "Dark."})
    width: Odd = parameter(3, "How wide.", unit="px", ge=1, le=9, step=2)
    depth: float = parameter(0.5, "How deep.", unit="planes", ge=0, le=2, step=0.1)
    turned_copies: bool = switch(True, "Denoise turned copies as well and average them.")
    quick: bool = switch(False, "Less careful.")
