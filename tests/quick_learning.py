"""Trainings that take a fraction of a second: tiny networks, two steps an epoch."""

from napari_photon_denoise.denoisers import METHODS
from napari_photon_denoise.denoisers.learning import Learning

LEARNING = {name: kind for name, kind in METHODS.items() if issubclass(kind, Learning)}
QUICK = {"epochs": 1, "batch": 2, "patch": 16}


def make_small(monkeypatch):
    """Make the networks of blind-spot methods tiny, and their epochs short; needs torch."""
    from napari_photon_denoise.networks import predict, training
    from napari_photon_denoise.networks.blind_spot import plan

    monkeypatch.setattr(plan, "STEPS", 2)
    monkeypatch.setattr(plan, "WIDTHS", {2: (4, 8), 3: (4, 8)})
    # Which precision is faster is chance for networks as small as these.
    for module in (predict, training):
        monkeypatch.setattr(module, "choose_precision", lambda *measured: "float32")


def make_still(monkeypatch):
    """Give networks random weights instead of learning, so that images can't change them."""
    import torch

    from napari_photon_denoise.networks.training import Trainer

    def job(trainer):
        torch.manual_seed(1)
        torch.nn.init.normal_(trainer.network.body.head.weight, std=0.1)
        trainer.network.eval()
        yield from ()
        return trainer.curve

    make_small(monkeypatch)
    monkeypatch.setattr(Trainer, "job", job)
