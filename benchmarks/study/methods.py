"""What denoises: classical filters, the shipped networks, and those of the study."""

from __future__ import annotations

from pathlib import Path

from benchmarks.study.nets import ALL_ROUND, NETS, OF_CLASS, PLAIN_OF_CLASS
from benchmarks.study.training import model_path

import napari_photon_denoise as npd
from napari_photon_denoise.denoisers import AnyMethod
from napari_photon_denoise.models import shipped_models

NLM, NLM_3D = "NLM", "NLM 3-D"
SHIPPED, SHIPPED_STACK = "resunet-2d (shipped)", "resunet-stack (shipped)"
SAMPLED = ("RESUNET", "RESUNET, plain", "U-Net", "Autoencoder", "RCAN", "DnCNN")
PLANES = (NLM, SHIPPED, *ALL_ROUND)
BY_SERIES: dict[str, tuple[str, ...]] = {
    "virtual": PLANES,
    "confocal": PLANES,
    "eb3": PLANES,
    "pixel": (NLM, SHIPPED, *SAMPLED),
    "area": (NLM, SHIPPED, *SAMPLED),
    "classes": (
        NLM,
        SHIPPED,
        "RESUNET",
        "RESUNET, plain",
        *OF_CLASS.values(),
        *PLAIN_OF_CLASS.values(),
    ),
    "deep": (NLM, NLM_3D, SHIPPED, SHIPPED_STACK, "RESUNET"),
}


def methods(folder: Path) -> dict[str, AnyMethod]:
    """Return every method but Gaussians; networks that are not trained yet are left out."""
    models = {f"{name} (shipped)": name for name in shipped_models()}
    paths = {title: model_path(folder, title) for title in NETS}
    models |= {title: str(path) for title, path in paths.items() if path.exists()}
    return {
        NLM: npd.NonlocalMeans(),
        NLM_3D: npd.NonlocalMeans(patch=3, distance=4, patch_z=3, distance_z=2),
        **{title: npd.Resunet(model=model) for title, model in models.items()},
    }
