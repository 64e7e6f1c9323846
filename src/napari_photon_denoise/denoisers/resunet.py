"""The pretrained photon network: no training, photons in and photons out.

RESUNET, a residual U-Net that is told the photons and the noise of the camera (after Xypakis et
al. 2023, doi:10.1364/OE.504606); see `networks.residual_unet` and the model cards in `models`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar, Literal, Self

from napari_photon_denoise.denoiser import Filter, Group, Prepared
from napari_photon_denoise.denoisers.neighbours import AUTO, decided, depth_axis, neighbours
from napari_photon_denoise.denoisers.networked import Networked, load_torch
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.metrics.hints import find_hints
from napari_photon_denoise.models import (
    describe,
    digest,
    find_model,
    is_shipped,
    network_name,
    shipped_models,
)
from napari_photon_denoise.models.coverage import say_coverage, say_other_light
from napari_photon_denoise.parameters import choice, record, switch
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.tiles import DepthAxis

OWN = ".safetensors"  # the ending of a user's own model
SINGLE, STACK = "resunet-2d", "resunet-stack"


class Resunet(Networked):
    """RESUNET, pretrained; or a network of your own from its file."""

    title: ClassVar[str] = "RESUNET (a network that knows photon noise)"
    group: ClassVar[Group] = "pretrained"
    method: Literal["resunet"] = "resunet"
    model: str = choice(
        AUTO,
        "The network: one that comes with the program, or a file of your own training.",
        options={AUTO: "The one for stacks where there are neighbours, else the one for planes."}
        | {name: model.text for name, model in shipped_models().items()},
        suffix=OWN,
    )
    neighbours: str = neighbours(
        "Where a network for stacks looks for more light: planes above and below, or frames "
        "before and after."
    )
    flips: bool = switch(
        False, "Average the results of four mirror images: a little better, four times slower."
    )
    weights: str = record("SHA-256 of the network's file.")

    @property
    def label(self) -> str:
        """What a result of it is called: RESUNET, CARE, or the name of the user's own model."""
        return network_name(self.model) if self.model.endswith(OWN) else self.name

    @property
    def is_told_lengths(self) -> bool:
        """Whether it makes use of how far neighbours share noise: yes."""
        return True

    @property
    def tells_noise(self) -> bool:
        """Whether what it takes out tells the noise: yes, of the networks that are shipped."""
        return not self.model.endswith(OWN)

    @property
    def card(self) -> str:
        """Name of the model, once it is resolved."""
        return self.model

    @property
    def extras(self) -> tuple[str, ...]:
        """What a result has beside the denoised image; of a method that is resolved."""
        said = describe(find_model(self.model))["architecture"]
        # No others have any, and who only skips files that are done need not wait for torch.
        if said.get("form") != "blind" and said.get("body") != "care":
            return ()
        load_torch(self.title)
        from napari_photon_denoise.networks.weights import sketch_model

        results: tuple[str, ...] = sketch_model(find_model(self.model))[1].results
        return results

    @property
    def halo(self) -> tuple[int, int, int]:
        """How far a pixel sees in z, y and x, px."""
        halo: tuple[int, int, int] = describe(find_model(self._model(deep=True)))["halo"]
        return halo

    @property
    def depth_axis(self) -> DepthAxis:
        """The axis across which planes are neighbours."""
        return depth_axis(self.neighbours)

    def resolved(self, photons: Photons) -> Self:
        """Return this method with every "auto" decided for an image, and its weights named.

        Raises
        ------
        PhotonDenoiseError
            If there is no such model, or not with these weights.
        """
        axis, count = decided(self.neighbours, photons)
        model = self._model(deep=count > 1)
        path = find_model(model)
        describe(path)  # a file that is no model is refused before any work
        found = digest(path)
        if self.weights not in ("", found):
            raise PhotonDenoiseError(
                f"The recipe was made with other weights of the model {model} (SHA-256 "
                f"{self.weights[:12]}…, here {found[:12]}…): take the program's version or the "
                "file that made it, or denoise anew."
            )
        return self.model_copy(update={"model": model, "neighbours": axis, "weights": found})

    def prepare(self, photons: Photons, device: str) -> Job[Filter]:
        """Load the network and look at what it will see."""
        ready = Prepared.of((yield from self.ready_job(photons, device)))
        from napari_photon_denoise.networks.predict import Predictor
        from napari_photon_denoise.networks.weights import kept_model

        chosen, predictor = ready.method, ready.function
        assert isinstance(chosen, Resunet)
        assert isinstance(predictor, Predictor)
        yield Progress("Looking at the noise", 0, 1)
        # Only a network in 3-D can't do without the planes around.
        around = chosen.depth_axis, predictor.network.body.halo_z or 0
        facts = kept_model(chosen.model, device).facts
        told = predictor.limits is None
        hints = find_hints(photons, predictor, facts.get("noise"), around, told=told)
        return replace(ready, notes=(*hints, *_about_intervals(facts, photons)))

    def ready_job(self, photons: Photons, device: str) -> Job[Filter]:
        """Load the network."""
        yield Progress("Loading the network", 0, 1)
        chosen = self.resolved(photons)
        # torch takes seconds to import: only who uses it pays.
        load_torch(self.title)
        chosen = chosen.with_precision(device)
        from napari_photon_denoise.networks.percentiles import limits_of
        from napari_photon_denoise.networks.predict import Predictor
        from napari_photon_denoise.networks.weights import ShippedNetwork, kept_model

        model = kept_model(chosen.model, device)
        # In another process, a user's own file need not be there.
        shipped = ShippedNetwork(chosen.model, chosen.weights) if is_shipped(chosen.model) else None
        by_percentiles = model.architecture.form == "percentiles"
        camera = photons.calibration
        predictor = Predictor(
            model.network,
            device,
            (camera.length_y, camera.length_x),
            flips=self.flips,
            precision=chosen.precision or None,
            origin=shipped,
            limits=limits_of(photons) if by_percentiles else None,
        )
        extras = model.network.results
        all_results = predictor.all_results if extras else None
        return Prepared(predictor, (), extras, all_results, chosen)

    def _model(self, *, deep: bool) -> str:
        """Return the model for an image with or without neighbours."""
        if self.model != AUTO:
            return self.model
        return STACK if deep and is_shipped(STACK) else SINGLE


def _about_intervals(facts: dict[str, Any], photons: Photons) -> Iterator[str]:
    """Say what a model's intervals are worth, where it has some."""
    measured = say_coverage(facts)
    if not measured:
        return
    yield measured
    from napari_photon_denoise.networks.percentiles import read_planes

    other = say_other_light(facts, float(read_planes(photons).mean()))
    if other:
        yield other
