"""Small networks with random weights, as files."""

from pathlib import Path

NOISE = {"photons": [0.05, 2000], "additive_read_noise": [3, 100], "lengths": [0.3, 1.6]}


def save_tiny(folder, name="tiny", *, seed=1, **shape) -> Path:
    """Save a network that has learnt nothing and changes what it is shown; needs torch."""
    import torch

    from napari_photon_denoise.networks.architecture import Architecture
    from napari_photon_denoise.networks.weights import save_model

    architecture = Architecture(**{"widths": (8, 16), "bottom": 1} | shape)
    torch.manual_seed(seed)
    network = architecture.build()
    last = network.body.tail if architecture.body == "care" else network.body.head
    torch.nn.init.normal_(last.weight, std=0.1)
    path = folder / f"{name}.safetensors"
    return save_model(path, network, architecture, {"noise": NOISE}, overwrite=True)
