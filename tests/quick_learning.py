"""Trainings that take a fraction of a second: tiny networks, two steps an epoch."""

import os
import signal

from napari_photon_denoise.denoisers import METHODS
from napari_photon_denoise.denoisers.blind_learning import BlindLearning
from napari_photon_denoise.denoisers.learning import Learning

LEARNING = {name: kind for name, kind in METHODS.items() if issubclass(kind, Learning)}
BLIND = [name for name, kind in LEARNING.items() if issubclass(kind, BlindLearning)]
QUICK = {"epochs": 1, "batch": 2, "patch": 16}


def make_small(monkeypatch):
    """Make the networks of blind-spot methods tiny, and their epochs short; needs torch."""
    from napari_photon_denoise.networks.learning.adapting import plan_adapting as adapting
    from napari_photon_denoise.networks.learning.blind_spot import plan_blind

    monkeypatch.setattr(plan_blind, "STEPS", 2)
    monkeypatch.setattr(adapting, "HELD_OUT_BATCHES", 1)
    monkeypatch.setattr(plan_blind, "WIDTHS", {2: (4, 8), 3: (4, 8)})
    monkeypatch.setattr(plan_blind, "LAYERS", 3)
    monkeypatch.setattr(plan_blind, "CHANNELS", 4)
    keep_float32(monkeypatch)


def keep_float32(monkeypatch):
    """Have one precision on every processor; needs torch."""
    from napari_photon_denoise.networks import precision, predict
    from napari_photon_denoise.networks.learning import training

    for module in (precision, predict, training):
        monkeypatch.setattr(module, "choose_precision", lambda device: "float32")


def make_uncritical(monkeypatch):
    """Learn from any image, and keep what was learnt, whether or not it helps."""
    from napari_photon_denoise.networks.learning.adapting import plan_adapting as adapting
    from napari_photon_denoise.networks.learning.adapting.judge import AdaptingJudge
    from napari_photon_denoise.networks.learning.plan import Judgement

    monkeypatch.setattr(AdaptingJudge, "after", lambda judge, device: Judgement())
    # A network of random weights takes out structure, which neighbours share.
    monkeypatch.setattr(adapting, "shares_noise", lambda *looked_at: False)


def make_still(monkeypatch):
    """Give networks random weights instead of learning, so that images can't change them."""
    import torch

    from napari_photon_denoise.networks.learning.blind_spot import plan_blind
    from napari_photon_denoise.networks.learning.training import Trainer

    def job(trainer):
        torch.manual_seed(1)
        body = trainer.network.body
        # DnCNN ends with a tail, the others with a head.
        last = getattr(body, "tail", None) or body.head
        torch.nn.init.normal_(last.weight, std=0.1)
        trainer.network.eval()
        yield from ()
        return trainer.curve

    make_small(monkeypatch)
    make_uncritical(monkeypatch)
    monkeypatch.setattr(plan_blind, "find_centres", lambda *looked_at: None)
    monkeypatch.setattr(Trainer, "job", job)


def stopping_at(monkeypatch, number):
    """Press Ctrl-C in the step of a number; needs torch."""
    from napari_photon_denoise.networks.learning.training import Trainer

    step = Trainer._step

    def stop(trainer, now):
        if now == number:
            os.kill(os.getpid(), signal.SIGINT)
        return step(trainer, now)

    monkeypatch.setattr(Trainer, "_step", stop)
