"""A method as all processes need it: what learns has learnt once, into a file beside the result."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from napari_photon_denoise.denoiser import Prepared
from napari_photon_denoise.denoisers import AnyLearning, AnyMethod, Resunet
from napari_photon_denoise.denoisers.neighbours import decided
from napari_photon_denoise.job import Job
from napari_photon_denoise.photons import Photons

MODEL, TRAINING = "learned.safetensors", "learning"


@dataclass(frozen=True, eq=False)
class ForShards:
    """A method that is ready, here, and can be made ready elsewhere.

    Parameters
    ----------
    method : AnyMethod
        That is resolved, and learns no more.
    prepared : Prepared
        What it prepared here, with what it has to say of the image if it was to look.
    """

    method: AnyMethod
    prepared: Prepared


def for_shards_job(
    denoiser: AnyMethod, photons: Photons, device: str, folder: Path, *, look: bool
) -> Job[ForShards]:
    """Load a method, or learn and keep what was learnt; go on where that was broken off.

    Parameters
    ----------
    denoiser : AnyMethod
        With everything decided.
    photons : Photons
    device : {"auto", "cpu", "cuda", "mps"}
    folder : Path
        Where a network is kept that was learnt.
    look : bool
        Whether the method is to look at the image, for what it has to say of it.
    """
    if isinstance(denoiser, AnyLearning):
        return (yield from _learned_job(denoiser, photons, device, folder))
    prepare = denoiser.prepare if look else denoiser.ready_job
    return ForShards(denoiser, Prepared.of((yield from prepare(photons, device))))


def _learned_job(
    denoiser: AnyLearning, photons: Photons, device: str, folder: Path
) -> Job[ForShards]:
    model = folder / MODEL
    if model.exists():
        method = _of_model(denoiser, model, photons)
        return ForShards(method, Prepared.of((yield from method.ready_job(photons, device))))
    from napari_photon_denoise.networks.learning.folder import TrainingFolder

    training = TrainingFolder(folder, TRAINING)
    _, learned = yield from denoiser.learn_job(photons, device, training)
    learned.save(model)
    training.finish()
    method = _of_model(denoiser, model, photons)
    ready = Prepared.of((yield from method.ready_job(photons, device)))
    notes = yield from denoiser.look_back_job(photons, learned, ready.function)
    return ForShards(method, Prepared(ready.function, notes, ready.extras, ready.all_results))


def _of_model(denoiser: AnyLearning, model: Path, photons: Photons) -> Resunet:
    """Return what runs the network that was learnt, as the method that learnt it would."""
    axis, _ = decided(denoiser.neighbours, photons)
    method = Resunet(model=str(model), neighbours=axis, precision=denoiser.precision)
    return method.resolved(photons)
